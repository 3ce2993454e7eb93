// The rules of `guard.js`, without wasm: what becomes of an event when the instance under it panics, was
// terminated, or never begins.
import assert from "node:assert/strict";
import { test } from "node:test";

const listeners = {};
globalThis.addEventListener = (name, hear) => (listeners[name] = hear);
const { world } = await import("./index.js");
const guard = await import("./guard.js");

const set = (state) => Object.assign(world, { polled: 0, instances: 1, events: [], terminated: false, stuck: false }, state);
const thing = () => new guard.Run({}, {});

test("an event is handed over once and its answer passed on", async () => {
  set({ how: "works" });
  assert.equal(await (await thing().fetch("one")).text(), "one");
  assert.deepEqual([world.events, world.instances], [["one"], 1]);
});

test("a panic rejects an object's caller and an alarm, so that the platform retries it", async () => {
  set({ how: "panics later" });
  await assert.rejects(thing().fetch("one"));
  await assert.rejects(thing().alarm());
  assert.deepEqual(world.events, ["one", "alarm"], "begun is never handed over again");
});

test("a request from outside gets a problem document", async () => {
  set({ how: "panics later" });
  const answer = await guard.default.fetch("one", {}, {});
  assert.deepEqual([answer.status, answer.headers.get("content-type")], [500, "application/problem+json"]);
  assert.equal((await answer.json()).code, "internal");
  set({ how: "errs" });
  assert.equal((await guard.default.fetch("one", {}, {})).status, 500);
});

test("everyone in a dead instance hears at once", async () => {
  set({ how: "hangs when another panics" });
  const neighbours = [thing().fetch("one"), thing().alarm(), guard.default.scheduled({}, {}, {})];
  const waits = Promise.allSettled(neighbours);
  await new Promise((turn) => setTimeout(turn, 5));
  listeners.error({ error: new WebAssembly.RuntimeError("unreachable") });
  const settled = await waits;
  assert.deepEqual(settled.map((one) => one.status), ["rejected", "rejected", "rejected"]);
});

test("a terminated instance is replaced, and the untouched event handed to the next", async () => {
  set({ how: "works", terminated: true });
  assert.equal(await (await thing().fetch("one")).text(), "one");
  assert.deepEqual([world.events, world.instances], [["one", "one"], 2]);
  set({ how: "works", terminated: true });
  assert.equal((await guard.default.fetch("two", {}, {})).status, 200);
  set({ how: "works", terminated: true });
  await thing().alarm();
  assert.deepEqual(world.events, ["alarm", "alarm"]);
});

test("an instance that is dead already takes nothing, and the event goes on", async () => {
  set({ how: "is dead" });
  assert.equal(await (await thing().fetch("one")).text(), "one");
  assert.equal(world.instances, 2);
});

test("a second stuck instance is given up, with an error", async () => {
  set({ how: "works", terminated: true, stuck: true });
  await assert.rejects(thing().fetch("one"), /no wasm instance/);
  assert.equal(world.events.length, 2);
});

test("an error that is no death is the caller's", async () => {
  set({ how: "throws" });
  await assert.rejects(thing().fetch("one"), TypeError);
  assert.equal(world.instances, 1);
});
