// The way in: fetches wasm and words side by side and hands the page to the widget. Bundled with the
// wasm-bindgen glue into widget.js; widget.wasm and locales/ lie next to it.

import { initSync, start } from "./pkg/embark_widget.js";

const place = document.body?.dataset.embark;
const PAUSES = [1000, 3000, 9000];
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

/** Both, and again after a while: the connection may have gone in the very moment of loading. */
async function parts(lang) {
  for (const pause of PAUSES) {
    try {
      return await Promise.all([words(lang), load()]);
    } catch (why) {
      // A number is the edge's own answer.
      if (why >= 400 && why < 500) throw why;
      await new Promise((go) => setTimeout(go, pause));
    }
  }
  return Promise.all([words(lang), load()]);
}

/** A file of a build that is gone: the page knows a newer one. Once, lest it goes round in circles. */
function reloads(why) {
  try {
    if (why !== 404 || !place || sessionStorage["embark:reloaded"]) return false;
    sessionStorage["embark:reloaded"] = 1;
    location.reload();
    return true;
  } catch {
    // No storage, no memory of having reloaded: stay.
    return false;
  }
}

const wishes = new URLSearchParams(location.search);
const looks = (element) => (place ? Object.fromEntries(wishes) : { ...element.dataset });

export function mount(element, launch) {
  let page;
  let gone;
  parts(launch.lang)
    .then(([words]) => {
      if (gone) return;
      page = start(element, launch, words, looks(element));
      if (!page) throw "a launch document of a newer build";
    })
    .catch(async (why) => {
      if (reloads(why)) return;
      const { "broken.text": text = "" } = await words(launch.lang).catch(() => ({}));
      element.textContent = text;
      element.setAttribute("role", "alert");
    });
  return {
    unmount() {
      gone = true;
      page?.unmount();
      page = undefined;
    },
  };
}

/** On our own pages: in the colours that are wished for, else in those of the device, also when they change. */
function begin(found) {
  const element = document.getElementById("embark");
  const launch = JSON.parse(found.textContent);
  const night = matchMedia("(prefers-color-scheme: dark)");
  let wish = wishes.get("theme");
  const paint = () => {
    const theme = /^(light|dark)$/.test(wish) ? wish : night.matches ? "dark" : "light";
    element.dataset.theme = theme;
    // A frame is see-through only in the colour scheme of the page around it.
    document.documentElement.style.colorScheme = theme;
  };
  night.addEventListener("change", paint);
  addEventListener("message", ({ source, origin, data }) => {
    if (place !== "frame" || source !== parent || origin !== launch.host || !data?.theme) return;
    wish = data.theme;
    paint();
  });
  paint();
  mount(element, launch);
}

const found = document.getElementById("embark-launch");
if (found) begin(found);
