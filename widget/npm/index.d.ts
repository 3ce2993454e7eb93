// Types of the main module of the npm package, and those that its components share.

import type { Embark, EmbarkAttributes } from "../embark.js";

export * from "../embark.js";

export interface LoadOptions {
  /** The address of the partner's Worker, e.g. `https://signup.partner.example`. */
  edge: string;
}

/**
 * Defines `<embark-signup>`, once, and returns `window.embark`; undefined where there is no DOM, as on a server. The `edge`
 * of the first call is the one of elements without `data-edge`.
 */
export declare function load(options: LoadOptions): Embark | undefined;

type CamelCase<Text extends string> = Text extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<CamelCase<Rest>>}`
  : Text;

/** Values of options that need not be text. */
interface OtherValues {
  "data-prefill": object;
  "data-radius": number;
}

/** The attributes of the element as properties of a component: `configId` is `data-config-id`. */
export type EmbarkOptions = {
  [Name in keyof EmbarkAttributes as Name extends `data-${infer Rest}` ? CamelCase<Rest> : never]:
    | EmbarkAttributes[Name]
    | (Name extends keyof OtherValues ? OtherValues[Name] : never);
};
