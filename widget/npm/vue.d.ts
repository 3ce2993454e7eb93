// Types of the component and the plugin for Vue.

import type { DefineComponent, Plugin } from "vue";
import type { EmbarkEvents, EmbarkListener, EmbarkOptions, LoadOptions } from "./index.js";

/** In a template `@connected`, `@needsinput` and the like. */
type Listeners = { [Name in keyof EmbarkEvents as `on${Capitalize<Name>}`]?: EmbarkListener<Name> };

/** The attributes of the element as properties, and its events. `edge` may come from the plugin. */
export type EmbarkSignupProps = EmbarkOptions & Listeners;

/** `<embark-signup>`. The default slot is shown until the element is defined, and where scripts do not run. */
export declare const EmbarkSignup: DefineComponent<EmbarkSignupProps>;

/** Registers `EmbarkSignup` for all templates: `app.use(EmbarkPlugin, { edge: "https://signup.partner.example" })`. */
export declare const EmbarkPlugin: Plugin<[LoadOptions]>;

declare module "vue" {
  interface GlobalComponents {
    EmbarkSignup: typeof EmbarkSignup;
  }
}
