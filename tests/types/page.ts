// What a page with TypeScript writes, and what its compiler must not let through.

import type { Embark, EmbarkAttributes, EmbarkEvents, EmbarkQueue } from "../../widget/embark";

// The queue, before the tag has loaded and after.
const queue: EmbarkQueue = (window.embark ||= []);
queue.push(["on", "connected", (detail) => detail.waba_id satisfies string | undefined]);
declare const embark: Embark;
const off: () => void = embark.on("failed", ({ code, remedy, fbtrace_id }, event) => {
  const quoted: string = `${code} ${remedy} ${fbtrace_id ?? ""}`;
  event.detail.signup satisfies string;
  console.log(quoted, event.target);
});
off();
embark.push(["on", "ready", () => {}], ["on", "progress", ({ steps }) => steps.map(({ step, state }) => step + state)]);

// DOM events, on the element, the document and the window.
const element = document.createElement("embark-signup");
element.addEventListener("embark:needsinput", ({ detail }) => detail.kind satisfies string);
document.addEventListener("embark:cancelled", ({ detail }) => detail.reason satisfies "cancelled" | "error" | "closed");
window.addEventListener("embark:launched", ({ detail }) => detail.signup satisfies string);

const looks: EmbarkAttributes = { "data-site": "acme", "data-theme": "dark", "data-accent": "#128c7e" };
Object.entries(looks).forEach(([name, value]) => element.setAttribute(name, value));

// Every event, none more.
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

// @ts-expect-error There is no such event.
embark.on("conected", () => {});
// @ts-expect-error No event carries a token.
embark.on("connected", ({ token }) => token);
// @ts-expect-error A theme is one of three.
const neon: EmbarkAttributes = { "data-site": "acme", "data-theme": "neon" };
// @ts-expect-error A tag without a site shows nothing.
const nowhere: EmbarkAttributes = { "data-mode": "frame" };
// @ts-expect-error Only "on" is queued.
embark.push(["off", "ready", () => {}]);
console.log(neon, nowhere);
