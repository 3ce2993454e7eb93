// What a host page may use of Embark: the tag, the element, the queue and the events.

export type Step =
  | "exchange" | "inspect" | "claim" | "subscribe" | "credit"
  | "register" | "handoff" | "sync" | "report" | "notify" | (string & {});

export type Status =
  | "launched" | "running" | "waiting" | "needs_input" | "connected"
  | "connected_without_number" | "relaunch" | "failed" | "abandoned";

/** The events, by the name `embark.on` takes; as DOM events they are called `embark:<name>`. */
export interface EmbarkEvents {
  /** The button can be pressed. */
  ready: Record<string, never>;
  /** Meta's window was opened. */
  launched: { signup: string };
  progress: {
    signup: string;
    status: Status;
    steps: { step: Step; state: "todo" | "active" | "done" | "skipped" | "failed" }[];
  };
  /** A person is asked for something. */
  needsinput: { signup: string; kind: "waba" | "number" | "pin" | "verification" | "verification_code" | (string & {}) };
  connected: {
    signup: string;
    waba_id?: string;
    phone_number_id?: string;
    display_phone_number?: string;
    business_id?: string;
    verified_name?: string;
    /** The number stays in the WhatsApp Business app. */
    coexistence: boolean;
    /** The account has no number yet. */
    without_number: boolean;
  };
  /** The person left Meta's window. */
  cancelled: {
    signup: string;
    reason: "cancelled" | "error" | "closed";
    /** Meta's screen, e.g. `PHONE_NUMBER_SETUP`. */
    step?: string;
    error_code?: string;
    error_message?: string;
    /** What Meta's support asks for. */
    session_id?: string;
  };
  failed: {
    signup: string;
    code: string;
    remedy: "retry" | "relaunch" | "customer" | "operator" | "contact" | (string & {});
    fbtrace_id?: string;
  };
}

export type EmbarkEventMap = {
  [Name in keyof EmbarkEvents as `embark:${Name}`]: CustomEvent<EmbarkEvents[Name]>;
};

/** `event.target` is the element it is about, where a page has several. */
type Hear<Name extends keyof EmbarkEvents> = (
  detail: EmbarkEvents[Name],
  event: CustomEvent<EmbarkEvents[Name]>,
) => void;

/** What comes back ends the listening. */
type On = <Name extends keyof EmbarkEvents>(name: Name, hear: Hear<Name>) => () => void;

type Call<Name extends keyof EmbarkEvents> = ["on", Name, Hear<Name>];

/** What there is of `window.embark` before the tag has loaded: an array will do. */
export interface EmbarkQueue {
  /** `const queue: EmbarkQueue = (window.embark ||= []); queue.push(["on", "connected", (detail) => …]);` */
  push<A extends keyof EmbarkEvents, B extends keyof EmbarkEvents = A, C extends keyof EmbarkEvents = A>(
    first: Call<A>,
    second?: Call<B>,
    third?: Call<C>,
  ): void;
}

export interface Embark extends EmbarkQueue {
  on: On;
  /**
   * Opens the hosted page from a click on your own button; with `data-mode="window"` this page hears how it
   * goes. False: the browser blocked the window.
   */
  launch(site?: string): boolean;
}

/** `<embark-signup data-site="…">`, or the tag itself, takes these as `data-*` attributes. */
export interface EmbarkAttributes {
  "data-site": string;
  "data-mode"?: "frame" | "inline" | "window" | "link";
  "data-theme"?: "light" | "dark" | "auto";
  "data-size"?: "small" | "large";
  "data-shape"?: "pill" | "square";
  /** At most 120 bytes. */
  "data-label"?: string;
  /** `#rrggbb`. */
  "data-accent"?: string;
  /** 0 to 32, CSS pixels. */
  "data-radius"?: string;
  /** e.g. `de`; without it the page's language, then the browser's. */
  "data-lang"?: string;
  // What is said to Meta; each only where the site's `tag_may` names it.
  "data-config-id"?: string;
  "data-solution-id"?: string;
  "data-feature-type"?: string;
  /** Names, with blanks between them. */
  "data-features"?: string;
  "data-session-info-version"?: "2" | "3";
  "data-es-version"?: string;
  /** e.g. `v25.0`. */
  "data-graph-version"?: string;
  /** e.g. `en_US`. */
  "data-sdk-locale"?: string;
  /** JSON: `business_name`, `email`, `website`, `country`, `display_name` and the like. */
  "data-prefill"?: string;
}

declare global {
  interface Window {
    embark?: Embark | EmbarkQueue;
  }
  interface HTMLElementTagNameMap {
    "embark-signup": HTMLElement;
  }
  interface HTMLElementEventMap extends EmbarkEventMap {}
  interface DocumentEventMap extends EmbarkEventMap {}
  interface WindowEventMap extends EmbarkEventMap {}
}
