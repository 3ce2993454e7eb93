// The shop's own script: listens to the widget as any website can, and shows what it hears.

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
  row.append(time, element("strong", `embark:${name}`), facts(detail));
  list.prepend(row);
  while (list.children.length > ROWS) list.lastElementChild.remove();
  list.tabIndex = 0; // It scrolls from now on; keys must reach it.
  empty.hidden = true;
}

/** The detail, one fact after the other. */
function facts(detail) {
  const box = element("span");
  box.className = "facts";
  for (const [key, value] of Object.entries(detail ?? {})) {
    if (value === null || value === undefined) continue;
    const fact = element("span");
    fact.append(element("i", key), " ", element("span", compact(value)));
    box.append(fact, " ");
  }
  return box;
}

/** `[{step: "claim", state: "done"}]` reads `claim done`. */
function compact(value) {
  if (Array.isArray(value)) return value.map(compact).join(", ");
  if (value && typeof value === "object") return Object.values(value).map(compact).join(" ");
  return String(value);
}

function element(name, text = "") {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
