// What the page's listeners got, for the tests, and the number that it shows.

export const NAMES = ["ready", "launched", "progress", "needsinput", "connected", "cancelled", "failed"];

window.received = [];

export function receive(name, detail, event) {
  window.received.push({ name, detail, target: event.target.localName });
  if (name === "connected") document.getElementById("number").textContent = detail.display_phone_number;
}
