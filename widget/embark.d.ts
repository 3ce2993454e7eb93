// Types for host pages: the tag, the element, the queue and the events.

export type Step =
  | "exchange" | "inspect" | "claim" | "subscribe" | "credit"
  | "register" | "handoff" | "sync" | "report" | "notify" | (string & {});

export type Status =
  | "launched" | "running" | "waiting" | "needs_input" | "connected"
  | "connected_without_number" | "relaunch" | "failed" | "abandoned";

/**
 * Details of the events by their name for `embark.on`. The DOM events are named `embark:<name>`.
 *
 * `restored` is there if an earlier page of this tab began the signup, under the same `data-reference`. `connected` comes
 * once for a signup all the same.
 */
export interface EmbarkEvents {
  /** The button can be pressed. */
  ready: Record<string, never>;
  /** Meta's popup was opened. */
  launched: { signup: string };
  progress: {
    signup: string;
    restored?: true;
    status: Status;
    steps: { step: Step; state: "todo" | "active" | "done" | "skipped" | "failed" }[];
  };
  /** The signup asks the person for something. */
  needsinput: { signup: string; restored?: true; kind: "waba" | "number" | "pin" | "verification" | "verification_code" | (string & {}) };
  connected: {
    signup: string;
    restored?: true;
    waba_id?: string;
    phone_number_id?: string;
    display_phone_number?: string;
    business_id?: string;
    verified_name?: string;
    /** The number stays usable in the WhatsApp Business app. */
    coexistence: boolean;
    /** The WhatsApp Business account has no number yet. */
    without_number: boolean;
  };
  /** The person left Meta's popup. */
  cancelled: {
    signup: string;
    restored?: true;
    reason: "cancelled" | "error" | "closed";
    /** Meta's screen that was left, e.g. `PHONE_NUMBER_SETUP`. */
    step?: string;
    error_code?: string;
    error_message?: string;
    /** Session id for Meta's support. */
    session_id?: string;
  };
  failed: {
    signup: string;
    restored?: true;
    code: string;
    remedy: "retry" | "relaunch" | "customer" | "operator" | "contact" | (string & {});
    /** Trace id of the failed call, for Meta's support. */
    fbtrace_id?: string;
  };
}

export type EmbarkEventMap = {
  [Name in keyof EmbarkEvents as `embark:${Name}`]: CustomEvent<EmbarkEvents[Name]>;
};

/** `event.target` is the element that the event is about, for pages with several. */
export type EmbarkListener<Name extends keyof EmbarkEvents> = (
  detail: EmbarkEvents[Name],
  event: CustomEvent<EmbarkEvents[Name]>,
) => void;

/** Returns a function that removes the listener. */
type On = <Name extends keyof EmbarkEvents>(name: Name, listener: EmbarkListener<Name>) => () => void;

/** `["launch"]` is `embark.launch()`, also before the tag has loaded. */
type Call<Name extends keyof EmbarkEvents> = ["on", Name, EmbarkListener<Name>] | ["launch", what?: string | LaunchOptions];

/** What `embark.launch` opens. */
export interface LaunchOptions {
  /** Default: the site of the first tag. */
  site?: string;
  /** A session of your back end that is not bound to this page's origin. */
  session?: string;
  /** Your own id of the customer. */
  reference?: string;
}

/** `window.embark` before the tag has loaded. An array has this method too. */
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
   * Opens the hosted page of a site; to be called in a click on your own button. With `data-mode="window"` this page
   * gets the events, unless session or reference are others than the element's. Returns false if the browser blocked the
   * window.
   */
  launch(what?: string | LaunchOptions): boolean;
}

/** The `data-*` attributes of `<embark-signup>` and of the script tag. */
export interface EmbarkAttributes {
  "data-site": string;
  /** Your own id of the customer, at most 200 bytes. What a tab remembers belongs to it. */
  "data-reference"?: string;
  /** A session that your back end created for this customer: valid for 15 minutes and one signup. */
  "data-session"?: string;
  /** The address of the partner's Worker, if it is not the one that the loader was built for. */
  "data-edge"?: string;
  "data-mode"?: "frame" | "inline" | "window" | "link";
  "data-theme"?: "light" | "dark" | "auto";
  "data-size"?: "small" | "large";
  "data-shape"?: "pill" | "square";
  /** Where the widget stands in its place. Default: at the start of the line. */
  "data-align"?: "center" | "end";
  /** Text of the button, at most 120 bytes. */
  "data-label"?: string;
  /** Colour of the button, `#rrggbb`. */
  "data-accent"?: string;
  /** Corner radius in CSS pixels, 0 to 32. */
  "data-radius"?: string;
  /** e.g. `de`. Default: the page's language, then the browser's. */
  "data-lang"?: string;
  // Options sent to Meta. Each must be named in the site's `tag_may` setting.
  "data-config-id"?: string;
  "data-solution-id"?: string;
  "data-feature-type"?: string;
  /** Names, separated by spaces. */
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
