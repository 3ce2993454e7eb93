// The way in: fetches wasm and words side by side and hands the page to the widget. Bundled with the
// wasm-bindgen glue into widget.js; widget.wasm and locales/ lie next to it.

import { initSync, start } from "./pkg/embark_widget.js";

const place = document.body?.dataset.embark;
let wasm;

/** Loads the wasm once; a failure is forgotten, so that the next mount tries again. */
function load() {
  wasm ??= fetch(new URL("widget.wasm", import.meta.url))
    .then((response) => (response.ok ? response.arrayBuffer() : Promise.reject(response.status)))
    .then((bytes) => WebAssembly.compile(bytes))
    .then((module) => initSync({ module }))
    .catch((why) => {
      wasm = undefined;
      throw why;
    });
  return wasm;
}

async function words(lang) {
  for (const name of [lang, "en"]) {
    const response = await fetch(new URL(`locales/${encodeURIComponent(name)}.json`, import.meta.url));
    if (response.ok) return response.json();
  }
  throw 404;
}

/** A file of a build that is gone: the page knows a newer one. Once, lest it goes round in circles. */
function reload(why) {
  try {
    if (why === 404 && place && !sessionStorage["embark:reloaded"]) {
      sessionStorage["embark:reloaded"] = 1;
      location.reload();
    }
  } catch {
    // No storage, no memory of having reloaded: stay.
  }
}

export function mount(element, launch) {
  let stop;
  let gone;
  const looks = place ? Object.fromEntries(new URLSearchParams(location.search)) : { ...element.dataset };
  Promise.all([words(launch.lang), load()]).then(
    ([said]) => {
      if (!gone) stop = start(element, launch, said, looks);
      if (place) delete globalThis.sessionStorage?.["embark:reloaded"];
    },
  ).catch(reload);
  return {
    unmount() {
      gone = true;
      stop?.unmount();
      stop = undefined;
    },
  };
}

const found = document.getElementById("embark-launch");
if (found) mount(document.getElementById("embark"), JSON.parse(found.textContent));
