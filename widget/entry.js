// Fetches the wasm and starts the widget: what cannot be in the wasm itself. Bundled with wasm-bindgen's glue;
// widget.wasm is in the same folder.

import { initSync, start } from "./pkg/embark_widget.js";

/** Pauses before the retries after a network error or a 5xx response. */
const PAUSES_MS = [1000, 3000, 9000];
const fileUrl = (name) => new URL(name, import.meta.url);
let wasm;

async function fetchWasm() {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await fetch(fileUrl("widget.wasm"));
      if (!response.ok) throw response.status;
      return initSync({ module: await WebAssembly.compile(await response.arrayBuffer()) });
    } catch (error) {
      // A number is the status of a response.
      if (error < 500 || attempt === PAUSES_MS.length) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSES_MS[attempt]));
    }
  }
}

/** Loads the wasm once. A failure is not kept, so that the next call tries again. */
function loadWasm() {
  wasm ??= fetchWasm().catch((error) => {
    wasm = undefined;
    throw error;
  });
  return wasm;
}

/** What the Worker rendered works without the widget. An empty element says what is wrong. */
async function showFailure(element, lang) {
  if (element.firstElementChild) return;
  const texts = await (await fetch(fileUrl(`locales/${lang}.json`))).json();
  element.textContent = texts["broken.text"];
  element.setAttribute("role", "alert");
}

/** Starts the widget in an element, with a launch document. Returns `{ started, unmount() }` at once. */
export function mount(element, launch) {
  let widget;
  let isUnmounted;
  // A click before the start, for the widget to know.
  element.onclick = ({ target }) => (element.pressed = target);
  const started = loadWasm().then(() => {
    if (!isUnmounted) widget = start(element, launch);
  });
  started.catch(() => showFailure(element, launch.lang));
  const unmount = () => {
    isUnmounted = true;
    widget?.unmount();
    widget = undefined;
  };
  return { started, unmount };
}

// A document of the Worker contains its launch document.
const script = document.getElementById("embark-launch");
if (script) {
  const launch = JSON.parse(script.textContent);
  // The frame shows a button already: the loader need not replace it.
  if (launch.mode === "frame") parent.postMessage({ source: "embark", v: 1, type: "hello" }, launch.host);
  const { started } = mount(document.getElementById("embark"), launch);
  const forgetReload = () => delete sessionStorage["embark:reloaded"];
  const reload = (error) => {
    // This build was replaced: a new document names another. Once until a widget has started, to avoid a loop.
    if (error !== 404 || sessionStorage["embark:reloaded"]) return;
    sessionStorage["embark:reloaded"] = 1;
    location.reload();
  };
  // Without storage a second reload could not be prevented.
  started.then(forgetReload, reload).catch(() => {});
}
