// Uses of the declarations `embark.d.ts` that a page with TypeScript makes, and errors that its compiler must report.

import type { Embark, EmbarkAttributes, EmbarkEvents, EmbarkQueue } from "../../widget/embark";

// The queue, before and after the loader has run.
const queue: EmbarkQueue = (window.embark ||= []);
queue.push(["on", "connected", (detail) => detail.waba_id satisfies string | undefined]);
declare const embark: Embark;
const off: () => void = embark.on("failed", ({ code, remedy, fbtrace_id }, event) => {
  const text: string = `${code} ${remedy} ${fbtrace_id ?? ""}`;
  event.detail.signup satisfies string;
  console.log(text, event.target);
});
off();
queue.push(["launch"]);
embark.push(["launch", "acme"], ["on", "ready", () => {}]);
embark.push(["on", "ready", () => {}], ["on", "progress", ({ steps }) => steps.map(({ step, state }) => step + state)]);

// DOM events, on the element, the document and the window.
const element = document.createElement("embark-signup");
element.addEventListener("embark:needsinput", ({ detail }) => detail.kind satisfies string);
document.addEventListener("embark:cancelled", ({ detail }) => detail.reason satisfies "cancelled" | "error" | "closed");
window.addEventListener("embark:launched", ({ detail }) => detail.signup satisfies string);

const attributes: EmbarkAttributes = { "data-site": "acme", "data-theme": "dark", "data-accent": "#128c7e" };
Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));

// The list of events is complete.
const names: Record<keyof EmbarkEvents, true> = {
  ready: true,
  launched: true,
  progress: true,
  needsinput: true,
  connected: true,
  cancelled: true,
  failed: true,
};
console.log(names);

embark.launch({ session: "session_acme_0", reference: "customer-7" });
embark.push(["launch", { site: "acme", session: "session_acme_0" }]);
// @ts-expect-error An unknown option.
embark.launch({ token: "x" });
// @ts-expect-error An unknown event.
embark.on("conected", () => {});
// @ts-expect-error No event has a token.
embark.on("connected", ({ token }) => token);
// @ts-expect-error An unknown theme.
const unknownTheme: EmbarkAttributes = { "data-site": "acme", "data-theme": "neon" };
// @ts-expect-error The site is required.
const noSite: EmbarkAttributes = { "data-mode": "frame" };
// @ts-expect-error The queue accepts only "on".
embark.push(["off", "ready", () => {}]);
console.log(unknownTheme, noSite);
