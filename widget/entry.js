// Entry point of widget.js: fetches the wasm and a locale file in parallel and starts the widget. Bundled with
// the wasm-bindgen glue; widget.wasm and locales/ are in the same folder.

import { initSync, start } from "./pkg/embark_widget.js";

const RETRY_DELAYS_MS = [1000, 3000, 9000];
let wasm;

/** Loads the wasm once. A failure is not kept, so that the next call tries again. */
function loadWasm() {
  wasm ??= fetch(new URL("widget.wasm", import.meta.url))
    .then((response) => (response.ok ? response.arrayBuffer() : Promise.reject(response.status)))
    .then((bytes) => WebAssembly.compile(bytes))
    .then((module) => initSync({ module }))
    .catch((error) => {
      wasm = undefined;
      throw error;
    });
  return wasm;
}

/** The text of the locale file of a language, else of the English one. */
async function loadMessages(lang) {
  for (const name of [lang, "en"]) {
    const response = await fetch(new URL(`locales/${encodeURIComponent(name)}.json`, import.meta.url));
    if (response.ok) return response.text();
  }
  throw 404;
}

/** Loads both, with retries after network errors and 5xx responses. */
async function loadAll(lang) {
  for (const delay of RETRY_DELAYS_MS) {
    try {
      return await Promise.all([loadMessages(lang), loadWasm()]);
    } catch (error) {
      // A number is the HTTP status of a response.
      if (error >= 400 && error < 500) throw error;
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
  return Promise.all([loadMessages(lang), loadWasm()]);
}

/**
 * Reloads a document of the Worker after a 404: its build was replaced, and a fresh document names the new one. At
 * most once per tab, to avoid a loop. Returns whether it reloads.
 */
function reloadOnce(error) {
  try {
    if (error !== 404 || !document.body?.dataset.embark || sessionStorage["embark:reloaded"]) return false;
    sessionStorage["embark:reloaded"] = 1;
    location.reload();
    return true;
  } catch {
    // Without storage a second reload could not be prevented.
    return false;
  }
}

/** Starts the widget in an element, with a launch document. Returns `{ unmount() }` at once. */
export function mount(element, launch) {
  let widget;
  let isUnmounted;
  // What is pressed before the start, for the widget to know.
  element.onclick = ({ target }) => (element.dataset.pressed = target.closest("[data-act]")?.dataset.act ?? "");
  loadAll(launch.lang)
    .then(([messages]) => {
      element.onclick = null;
      if (isUnmounted) return;
      widget = start(element, JSON.stringify(launch), messages);
      if (!widget) throw "a launch document of a newer build";
    })
    .catch(async (error) => {
      // What the Worker rendered works without the widget.
      if (reloadOnce(error) || element.firstElementChild) return;
      const messages = await loadMessages(launch.lang).catch(() => "{}");
      element.textContent = JSON.parse(messages)["broken.text"] ?? "";
      element.setAttribute("role", "alert");
    });
  return {
    unmount() {
      isUnmounted = true;
      widget?.unmount();
      widget = undefined;
    },
  };
}

// A document of the Worker contains its launch document.
const script = document.getElementById("embark-launch");
if (script) {
  const launch = JSON.parse(script.textContent);
  // The frame shows a button already: the loader need not replace it.
  if (launch.mode === "frame") parent.postMessage({ source: "embark", v: 1, type: "hello" }, launch.host);
  mount(document.getElementById("embark"), launch);
}
