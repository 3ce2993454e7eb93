// Types of the component for React.

import type { ForwardRefExoticComponent, HTMLAttributes, RefAttributes } from "react";
import type { EmbarkEvents, EmbarkListener, EmbarkOptions } from "./index.js";

type ListenerName<Name extends string> = Name extends "needsinput" ? "onNeedsInput" : `on${Capitalize<Name>}`;

type Listeners = { [Name in keyof EmbarkEvents as ListenerName<Name>]?: EmbarkListener<Name> };

/**
 * The attributes of the element as properties, its events as `onConnected` and the like, and what any element has: `style`,
 * `className`, `id`. Children are shown until the element is defined, and where scripts do not run.
 */
export type EmbarkSignupProps = EmbarkOptions &
  Listeners &
  Omit<HTMLAttributes<HTMLElement>, keyof EmbarkOptions | keyof Listeners> & {
    /** The address of the partner's Worker, e.g. `https://signup.partner.example`. */
    edge: string;
  };

/** `<embark-signup>`. The ref is the element. */
export declare const EmbarkSignup: ForwardRefExoticComponent<EmbarkSignupProps & RefAttributes<HTMLElement>>;
