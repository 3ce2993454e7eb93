// Script of the demo shop: lists the events of the widget.

const NAMES = ["ready", "launched", "progress", "needsinput", "connected", "cancelled", "failed"];
const ROWS = 50;

const list = document.getElementById("events");
const empty = document.getElementById("empty");
const status = document.getElementById("status");

for (const name of NAMES) document.addEventListener(`embark:${name}`, (event) => show(name, event.detail));
document.addEventListener("embark:connected", () => (status.hidden = false));

function show(name, detail) {
  const now = new Date();
  const time = element("time", now.toLocaleTimeString("en-GB"));
  time.dateTime = now.toISOString();
  const row = element("li");
  row.dataset.name = name;
  row.append(time, element("strong", `embark:${name}`), fields(detail));
  list.prepend(row);
  while (list.children.length > ROWS) list.lastElementChild.remove();
  list.tabIndex = 0; // A scrollable list must be reachable by keyboard.
  empty.hidden = true;
}

/** The fields of an event's detail. */
function fields(detail) {
  const box = element("span");
  box.className = "facts";
  for (const [key, value] of Object.entries(detail ?? {})) {
    if (value === null || value === undefined) continue;
    const field = element("span");
    field.append(element("i", key), " ", element("span", compact(value)));
    box.append(field, " ");
  }
  return box;
}

/** A value as short text: `[{step: "claim", state: "done"}]` as `claim done`. */
function compact(value) {
  if (Array.isArray(value)) return value.map(compact).join(", ");
  if (value && typeof value === "object") return Object.values(value).map(compact).join(" ");
  return String(value);
}

function element(name, text = "") {
  const node = document.createElement(name);
  node.textContent = text;
  return node;
}
