// What loader.js does in a host page, with stand-ins for the few parts of the DOM that it uses.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import vm from "node:vm";

const EDGE = "https://signup.partner.example";
const file = await readFile(new URL("../loader.js", import.meta.url), "utf8");
/** The loader, run as tag.js runs it. */
const source = (call) => `${file.replaceAll(/^export /gm, "")}\n${call}`;
const RUN_BY_TAG = `startLoader("${EDGE}", document.currentScript);`;

class Target {
  listeners = [];
  addEventListener(type, listener, { signal } = {}) {
    this.listeners.push({ type, listener, signal });
  }
  removeEventListener(type, listener) {
    this.listeners = this.listeners.filter((one) => one.listener !== listener);
  }
  dispatchEvent(event) {
    for (const { type, listener, signal } of [...this.listeners])
      if (type === event.type && !signal?.aborted) listener(event);
  }
}

class Element extends Target {
  isConnected = true;
  dataset = {};
  style = {};
  children = [];
  attachShadow() {
    return new Element();
  }
  append(...children) {
    this.children.push(...children);
  }
  replaceChildren() {
    this.children = [];
  }
  closest() {
    return null;
  }
  remove() {
    this.isRemoved = true;
  }
}

/** Runs the loader in a page whose tag has these `data-*` attributes, and connects the element it inserts, if any. */
function page(dataset, globals = {}, call = RUN_BY_TAG) {
  const window = new Target();
  const timers = [];
  const sent = [];
  const tag = Object.assign(new Element(), { src: `${EDGE}/embark.js`, dataset: { site: "acme", ...dataset } });
  let Signup;
  let element;
  const body = Object.assign(new Element(), {
    append(inserted) {
      element = Object.assign(inserted, { parentNode: body });
    },
  });
  const warnings = [];
  const context = {
    performance,
    console: { warn: (text) => warnings.push(text) },
    URL,
    URLSearchParams,
    AbortController,
    HTMLElement: Element,
    MutationObserver: class {
      observe() {}
      disconnect() {}
    },
    CustomEvent: class {
      constructor(type, options) {
        Object.assign(this, { type, ...options });
      }
    },
    customElements: { get: () => Signup, define: (name, one) => (Signup = one) },
    matchMedia: () => Object.assign(new Target(), { matches: false }),
    getComputedStyle: () => ({ colorScheme: "normal" }),
    setTimeout: (callback) => timers.push(callback),
    clearTimeout: (timer) => (timers[timer - 1] = () => {}),
    addEventListener: window.addEventListener.bind(window),
    removeEventListener: window.removeEventListener.bind(window),
    origin: "https://shop.example",
    crossOriginIsolated: false,
    document: Object.assign(new Target(), {
      currentScript: tag,
      readyState: "complete",
      documentElement: new Element(),
      body,
      querySelectorAll: () => [],
      createElement: (name) => {
        const created = name === "embark-signup" ? new Signup() : new Element();
        const postMessage = (...message) => sent.push(message);
        return Object.assign(created, { name, contentWindow: { postMessage } });
      },
    }),
    ...globals,
  };
  context.window = context;
  vm.runInNewContext(source(call), context);
  element?.connectedCallback();
  const receive = (data, frame = shown()[0], from = EDGE) =>
    window.dispatchEvent({ type: "message", source: frame.contentWindow, origin: from, data: { source: "embark", ...data } });
  /** The frame or the link, without the placeholder behind the frame. */
  const shown = () => element.shadow.children.filter(({ name, isRemoved }) => name !== "div" && !isRemoved);
  return { element, shown, receive, sent, timers, warnings, window: context };
}

test("frame gets site, host, languages and options of the tag", () => {
  const { shown } = page({ lang: "de", label: "Los", prefill: "{}" });
  const { pathname, searchParams, origin } = new URL(shown()[0].src);
  assert.equal(origin + pathname, `${EDGE}/frame`);
  const query = Object.fromEntries(searchParams);
  assert.deepEqual(query, { site: "acme", host: "https://shop.example", lang: "de", label: "Los", prefill: "{}", theme: "light" });
  assert.equal(shown()[0].title, "Los");
});

test("frame has the height of its button until it reports one", () => {
  for (const [size, height] of [["", "46px"], ["small", "38px"], ["large", "54px"]]) {
    const { shown, receive } = page({ size });
    assert.equal(shown()[0].style.height, height);
    receive({ type: "height", height: 300 });
    assert.equal(shown()[0].style.height, "300px");
    receive({ type: "height", height: 5000 });
    assert.equal(shown()[0].style.height, "2000px");
  }
});

test("frame that does not answer is replaced by a link until it does", () => {
  const { shown, receive, timers, warnings } = page({});
  timers.at(-1)();
  const [frame, link] = shown();
  assert.match(warnings[0], /site "acme" on https:\/\/shop\.example/);
  assert.equal(frame.style.height, 0);
  assert.equal(link.href.split("?")[0], `${EDGE}/go/acme`);
  assert.equal(link.target, "_blank");
  receive({ type: "hello" });
  assert.ok(link.isRemoved);
});

test("frame that is refused is hidden at once, and a link leads to a site that there is", () => {
  for (const [code, links] of [
    ["origin_not_allowed", 1],
    ["unknown_site", 0],
  ]) {
    const { shown, receive, warnings } = page({});
    receive({ type: "refused", code });
    assert.equal(shown()[0].style.height, 0);
    assert.equal(shown().length - 1, links);
    assert.match(warnings[0], /shows no button for the site "acme"/);
  }
});

test("frame that answers is not replaced, and gets the theme", () => {
  const { shown, receive, sent, timers } = page({ theme: "dark" });
  receive({ type: "hello" });
  timers.at(-1)();
  assert.equal(shown().length, 1);
  assert.deepEqual(JSON.parse(JSON.stringify(sent)), [[{ source: "embark", theme: "dark" }, EDGE]]);
});

test("events of the frame are dispatched, and messages of others are not", () => {
  const { element, shown, receive } = page({});
  const events = [];
  element.addEventListener("embark:connected", ({ detail, bubbles, composed }) => events.push({ detail, bubbles, composed }));
  const connected = { type: "event", name: "connected", detail: { signup: "1" } };
  receive(connected, shown()[0], "https://evil.example");
  receive(connected, new Element());
  receive({ ...connected, source: "other" });
  receive({ ...connected, name: "unknown" });
  assert.deepEqual(events, []);
  receive(connected);
  assert.deepEqual(events, [{ detail: { signup: "1" }, bubbles: true, composed: true }]);
});

test("mode link, an opaque origin and an isolated page have a link only", () => {
  for (const [dataset, globals] of [[{ mode: "link" }, {}], [{}, { crossOriginIsolated: true }]]) {
    const { shown } = page(dataset, globals);
    assert.deepEqual(shown().map(({ name }) => name), ["a"]);
  }
  // The page's own frame may allow no window: the address can be copied.
  const { shown } = page({}, { origin: "null" });
  const [link, field] = shown();
  assert.deepEqual([link.name, field.name, shown().length], ["a", "input", 2]);
  assert.equal(field.value, link.href);
});

test("removed element leaves no frame and no listener", () => {
  const { element, shown, receive } = page({});
  const [frame] = shown();
  element.disconnectedCallback();
  assert.deepEqual(shown(), []);
  receive({ type: "height", height: 300 }, frame);
  assert.equal(frame.style.height, "46px");
});

test("page without a site is warned if it has a tag, and not if it imports the loader", () => {
  for (const [tag, count] of [["null", 1], ["undefined", 0]]) {
    const { timers, warnings } = page({}, {}, `startLoader("${EDGE}", ${tag});`);
    timers.forEach((callback) => callback());
    assert.equal(warnings.filter((text) => text.startsWith("embark: no site is named")).length, count);
  }
});
