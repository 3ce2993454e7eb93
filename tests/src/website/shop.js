// Records what a site owner's own script can observe: every event twice (from the element, and from the
// queue), violations of the page's policy, and messages forged by evil.example.
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
  // Firefox requests /favicon.ico without the page naming it, and reports that as the page's violation.
  if (event.blockedURI.endsWith("/favicon.ico")) return;
  window.__violations.push(`${event.violatedDirective} ${event.blockedURI}`);
});
window.__forgedCount = 0;
window.__forgedMessages = new Set();
addEventListener("message", ({ origin, data }) => {
  if (origin !== "https://evil.example") return;
  window.__forgedCount += 1;
  window.__forgedMessages.add(`${Object.prototype.toString.call(data)} ${typeof data === "string" ? data : JSON.stringify(data)}`);
});
// A shop that uses the Facebook SDK itself.
if (location.search.includes("facebook=1")) window.FB = { init: () => (window.__initCalled = true), login: () => {} };
// The shop's own button for the signup.
addEventListener("click", ({ target }) => {
  if (target.id === "own") window.__launchResult = window.embark.launch();
});
