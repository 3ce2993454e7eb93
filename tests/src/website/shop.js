// What a site owner's own script would see: every event twice, once from the element, once from the queue.
"use strict";
window.__events = [];
window.__queue = [];
window.__violations = [];
window.embark = window.embark || [];
for (const name of ["ready", "launched", "progress", "needsinput", "connected", "cancelled", "failed"]) {
  addEventListener(`embark:${name}`, (event) => window.__events.push({ name, detail: event.detail }));
  window.embark.push(["on", name, (detail) => window.__queue.push({ name, detail })]);
}
document.addEventListener("securitypolicyviolation", (event) => {
  // Firefox asks for an icon that no page named, and then blames the page.
  if (event.blockedURI.endsWith("/favicon.ico")) return;
  window.__violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
window.__lies = 0;
window.__forgeries = new Set();
addEventListener("message", ({ origin, data }) => {
  if (origin !== "https://evil.example") return;
  window.__lies += 1;
  window.__forgeries.add(`${Object.prototype.toString.call(data)} ${typeof data === "string" ? data : JSON.stringify(data)}`);
});
// A shop that logs people in with Facebook, and its own button for ours.
if (location.search.includes("facebook=1")) window.FB = { init: () => (window.__init = true), login: () => {} };
addEventListener("click", ({ target }) => {
  if (target.id === "own") window.__opened = window.embark.launch();
});
