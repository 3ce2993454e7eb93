// Entry point of widget.js: fetches the wasm and a locale file in parallel and starts the widget. Bundled with
// the wasm-bindgen glue; widget.wasm and locales/ are in the same folder.

import { initSync, start } from "./pkg/embark_widget.js";

/** `frame` or `page` in the Worker's own documents, undefined in a host page (mode `inline`). */
const ownDocument = document.body?.dataset.embark;
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

/** The locale file of a language, else the English one. */
async function loadMessages(lang) {
  for (const name of [lang, "en"]) {
    const response = await fetch(new URL(`locales/${encodeURIComponent(name)}.json`, import.meta.url));
    if (response.ok) return response.json();
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
 * Reloads the document after a 404: its build was replaced, and a fresh document names the new one. At most
 * once per tab, to avoid a loop. Returns whether it reloads.
 */
function reloadOnce(error) {
  try {
    if (error !== 404 || !ownDocument || sessionStorage["embark:reloaded"]) return false;
    sessionStorage["embark:reloaded"] = 1;
    location.reload();
    return true;
  } catch {
    // Without storage a second reload could not be prevented.
    return false;
  }
}

const query = new URLSearchParams(location.search);
/** The tag's options by name: from the query of an own document, else from the element's attributes. */
const attributesOf = (element) => (ownDocument ? Object.fromEntries(query) : { ...element.dataset });

/** Starts the widget in an element, with a launch document. Returns `{ unmount() }` at once. */
export function mount(element, launch) {
  let browser;
  let isUnmounted;
  loadAll(launch.lang)
    .then(([messages]) => {
      if (isUnmounted) return;
      browser = start(element, launch, messages, attributesOf(element));
      if (!browser) throw "a launch document of a newer build";
    })
    .catch(async (error) => {
      if (reloadOnce(error)) return;
      const { "broken.text": text = "" } = await loadMessages(launch.lang).catch(() => ({}));
      element.textContent = text;
      element.setAttribute("role", "alert");
    });
  return {
    unmount() {
      isUnmounted = true;
      browser?.unmount();
      browser = undefined;
    },
  };
}

/**
 * Starts the widget in a document of the Worker. The theme is the requested one, else the device's, and
 * follows its changes; in a frame the loader sends the theme of the host page.
 */
function startDocument(launchElement) {
  const element = document.getElementById("embark");
  const launch = JSON.parse(launchElement.textContent);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let requested = query.get("theme");
  const applyTheme = () => {
    const theme = /^(light|dark)$/.test(requested) ? requested : dark.matches ? "dark" : "light";
    element.dataset.theme = theme;
    // A frame is transparent only if its colour scheme is that of the embedding element.
    document.documentElement.style.colorScheme = theme;
  };
  dark.addEventListener("change", applyTheme);
  addEventListener("message", ({ source, origin, data }) => {
    if (ownDocument !== "frame" || source !== parent || origin !== launch.host || !data?.theme) return;
    requested = data.theme;
    applyTheme();
  });
  applyTheme();
  mount(element, launch);
}

const launchElement = document.getElementById("embark-launch");
if (launchElement) startDocument(launchElement);
