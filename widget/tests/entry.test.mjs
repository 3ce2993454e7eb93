// What entry.js does before the widget runs, and when it cannot be loaded.

import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, mock, test } from "node:test";
import { pathToFileURL } from "node:url";

const folder = await mkdtemp(join(tmpdir(), "embark-entry-"));
after(() => rm(folder, { recursive: true }));
await mkdir(join(folder, "pkg"));
await cp(new URL("../entry.js", import.meta.url), join(folder, "entry.js"));
await writeFile(join(folder, "package.json"), `{"type": "module"}`);
// In place of wasm-bindgen's glue.
const glue = "export const initSync = () => {}; export const start = (...args) => globalThis.start(...args);";
await writeFile(join(folder, "pkg/embark_widget.js"), glue);

/** The responses by file name: a status, or "offline". All others are 200. */
let responses;
let count = 0;
const requested = [];

globalThis.fetch = async (url) => {
  const name = url.pathname.split("/").pop();
  requested.push(name);
  const status = responses[name] ?? 200;
  if (status === "offline") throw new TypeError("failed to fetch");
  const text = `{"lang": "${name}", "broken.text": "Please reload."}`;
  return { ok: status === 200, status, text: async () => text, arrayBuffer: async () => new ArrayBuffer(8) };
};
globalThis.WebAssembly = { compile: async () => ({}) };

const launch = { lang: "de", mode: "page", host: "https://shop.example" };

/** A new instance of the module in a document with this launch document and element. */
async function load(element, document = launch) {
  globalThis.document = {
    body: { dataset: { embark: "page" } },
    getElementById: (id) =>
      ({ "embark-launch": document && { textContent: JSON.stringify(document) }, embark: element })[id],
  };
  return import(`${pathToFileURL(join(folder, "entry.js"))}?${(count += 1)}`);
}

const newElement = (content = null) => ({
  dataset: {},
  firstElementChild: content,
  setAttribute(name, value) {
    this[name] = value;
  },
});

/** Lets everything that is ready run, and the pauses before retries pass. */
async function settle() {
  for (let turn = 0; turn < 8; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    mock.timers.runAll();
  }
}

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  responses = {};
  requested.length = 0;
  globalThis.started = [];
  globalThis.start = (...args) => globalThis.started.push(args) && { unmount() {} };
  globalThis.sessionStorage = {};
  globalThis.location = { reloads: 0, reload() { this.reloads += 1; } };
  globalThis.parent = { messages: [], postMessage(...args) { this.messages.push(args); } };
});

test("widget is started with launch document and texts", async () => {
  const element = newElement();
  await load(element);
  await settle();
  assert.deepEqual(requested.toSorted(), ["de.json", "widget.wasm"]);
  const [[root, document, messages]] = globalThis.started;
  assert.equal(root, element);
  assert.deepEqual(JSON.parse(document), launch);
  assert.match(messages, /de\.json/);
});

test("frame is reported to the loader before the widget has loaded", async () => {
  responses = { "widget.wasm": "offline" };
  await load(newElement({}), { ...launch, mode: "frame" });
  assert.deepEqual(parent.messages, [[{ source: "embark", v: 1, type: "hello" }, "https://shop.example"]]);
  assert.equal(globalThis.started.length, 0);
});

test("what is pressed before the start is kept for the widget", async () => {
  const element = newElement({});
  await load(element);
  element.onclick({ target: { closest: () => ({ dataset: { act: "elsewhere" } }) } });
  await settle();
  assert.equal(element.dataset.pressed, "elsewhere");
  assert.equal(element.onclick, null);
});

test("network error is retried", async () => {
  responses = { "widget.wasm": "offline" };
  await load(newElement());
  await new Promise((resolve) => setImmediate(resolve));
  responses = {};
  await settle();
  assert.equal(globalThis.started.length, 1);
});

test("rendered button is left where the widget cannot load", async () => {
  responses = { "widget.wasm": "offline" };
  const element = newElement({});
  await load(element);
  await settle();
  assert.equal(element.textContent, undefined);
  assert.equal(requested.filter((name) => name === "widget.wasm").length, 4);
});

test("empty element says that the widget did not load", async () => {
  responses = { "widget.wasm": 403 };
  const element = newElement();
  await load(element);
  await settle();
  assert.equal(element.textContent, "Please reload.");
  assert.equal(element.role, "alert");
});

test("replaced build reloads the page once", async () => {
  responses = { "widget.wasm": 404 };
  await load(newElement({}));
  await settle();
  await load(newElement({}));
  await settle();
  assert.equal(location.reloads, 1);
});

test("missing language falls back to English", async () => {
  responses = { "de.json": 404 };
  await load(newElement());
  await settle();
  assert.match(globalThis.started[0][2], /en\.json/);
});

test("unmounted widget does not start, and a started one is unmounted", async () => {
  const { mount } = await load(undefined, null);
  const early = mount(newElement(), launch);
  early.unmount();
  await settle();
  assert.equal(globalThis.started.length, 0);

  let unmounts = 0;
  globalThis.start = () => ({ unmount: () => (unmounts += 1) });
  const late = mount(newElement(), launch);
  await settle();
  late.unmount();
  late.unmount();
  assert.equal(unmounts, 1);
});
