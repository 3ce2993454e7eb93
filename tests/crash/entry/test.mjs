// Unit tests of `guard.js`, without wasm: what happens to an event when the instance panics, was terminated,
// or never begins.
import assert from "node:assert/strict";
import { test } from "node:test";

const listeners = {};
globalThis.addEventListener = (name, listener) => (listeners[name] = listener);
const { world } = await import("./index.js");
const guard = await import("./guard.js");

const set = (state) => Object.assign(world, { polled: 0, instances: 1, events: [], terminated: false, stuck: false }, state);
const object = () => new guard.Run({}, {});

test("event_in_working_instance_is_handled_once", async () => {
  set({ mode: "works" });
  assert.equal(await (await object().fetch("one")).text(), "one");
  assert.deepEqual([world.events, world.instances], [["one"], 1]);
});

test("panic_in_object_rejects_caller_and_alarm_without_retry", async () => {
  set({ mode: "panics later" });
  await assert.rejects(object().fetch("one"));
  await assert.rejects(object().alarm());
  assert.deepEqual(world.events, ["one", "alarm"], "an event that has begun is not handed over again");
});

test("panic_in_request_is_answered_with_problem_document", async () => {
  set({ mode: "panics later" });
  const response = await guard.default.fetch("one", {}, {});
  assert.deepEqual([response.status, response.headers.get("content-type")], [500, "application/problem+json"]);
  assert.equal((await response.json()).code, "internal");
  set({ mode: "errs" });
  assert.equal((await guard.default.fetch("one", {}, {})).status, 500);
});

test("panic_rejects_concurrent_events_of_the_instance_at_once", async () => {
  set({ mode: "hangs when another panics" });
  const worker = guard.default;
  const concurrent = [object().fetch("one"), object().alarm(), worker.scheduled({}, {}, {}), worker.queue({}, {}, {})];
  const all = Promise.allSettled(concurrent);
  await new Promise((resolve) => setTimeout(resolve, 5));
  listeners.error({ error: new WebAssembly.RuntimeError("unreachable") });
  assert.deepEqual((await all).map((result) => result.status), Array(4).fill("rejected"));
});

test("terminated_instance_is_replaced_and_event_handed_over_again", async () => {
  set({ mode: "works", terminated: true });
  assert.equal(await (await object().fetch("one")).text(), "one");
  assert.deepEqual([world.events, world.instances], [["one", "one"], 2]);
  set({ mode: "works", terminated: true });
  assert.equal((await guard.default.fetch("two", {}, {})).status, 200);
  set({ mode: "works", terminated: true });
  await object().alarm();
  assert.deepEqual(world.events, ["alarm", "alarm"]);
  set({ mode: "works", terminated: true });
  await guard.default.queue({}, {}, {});
  assert.deepEqual(world.events, ["messages", "messages"]);
});

test("dead_instance_is_replaced_and_event_handed_over_again", async () => {
  set({ mode: "is dead" });
  assert.equal(await (await object().fetch("one")).text(), "one");
  assert.equal(world.instances, 2);
});

test("second_terminated_instance_gives_up_with_error", async () => {
  set({ mode: "works", terminated: true, stuck: true });
  await assert.rejects(object().fetch("one"), /no wasm instance/);
  assert.equal(world.events.length, 2);
});

test("other_error_is_passed_to_caller", async () => {
  set({ mode: "throws" });
  await assert.rejects(object().fetch("one"), TypeError);
  assert.equal(world.instances, 1);
});
