// Unit tests of `instance.js`, without wasm: what a call finds after the instance trapped.
import assert from "node:assert/strict";
import { test } from "node:test";

const listeners = {};
globalThis.addEventListener = (name, listener) => (listeners[name] = listener);
console.log = console.error = () => {};
const { world, __worker_init_state } = await import("./rust.js");
const { default: Rust, Run } = await import("./instance.js");

const trap = () => new WebAssembly.RuntimeError("unreachable");
const set = (state) => Object.assign(world, { traps: null, terminated: false, reinit: false, log: [] }, state);
const instanceOf = async (call) => (await call).at(-1);

test("calls_of_working_instance_pass_arguments", async () => {
  set({});
  assert.deepEqual(await new Rust("context", "env").fetch("request"), ["request", "env", "context", 1]);
  const run = new Run("state", "env");
  assert.deepEqual([await run.fetch("one"), await run.alarm()], [["one", 1], ["alarm", 1]]);
  assert.deepEqual(world.log, ["new state env"]);
});

// How an instance dies, and what is left of it.
const deaths = {
  trap_in_request: () => {
    set({ traps: "fetch" });
    assert.throws(() => new Rust("c", "e").fetch("r"), WebAssembly.RuntimeError);
  },
  trap_in_object: (run) => {
    set({ traps: "object" });
    assert.throws(() => run.fetch("one"), WebAssembly.RuntimeError);
  },
  panic_in_future: () => (__worker_init_state().criticalError = true),
  trap_in_timer: () => listeners.error({ error: trap() }),
  trap_in_microtask: () => listeners.unhandledrejection({ reason: trap() }),
  abort: () => assert.throws(() => Rust.prototype.abortInstance(), WebAssembly.RuntimeError),
  trap_that_only_wasm_bindgen_saw: () => set({ reinit: true }),
  trap_without_abort_hook: () => set({ terminated: true }),
};
for (const [name, die] of Object.entries(deaths)) {
  test(`${name}_is_followed_by_new_instance_with_objects_constructed_again`, async () => {
    set({});
    const run = new Run("state", "env");
    const before = await instanceOf(run.fetch("one"));
    die(run);
    world.log = [];
    assert.equal(await instanceOf(run.fetch("two")), before + 1);
    assert.deepEqual(world.log, ["reset", "new state env"]);
    assert.equal(await instanceOf(new Rust("c", "e").fetch("three")), before + 1);
  });
}

test("trap_in_constructor_is_followed_by_new_instance", async () => {
  set({ traps: "constructor" });
  assert.throws(() => new Run("state", "env"), WebAssembly.RuntimeError);
  const run = new Run("state", "env");
  assert.deepEqual(world.log, ["reset", "new state env"]);
  assert.equal((await run.fetch("one"))[0], "one");
});

test("other_errors_leave_instance_alone", async () => {
  set({});
  listeners.error({ error: new Error("of a page") });
  listeners.unhandledrejection({ reason: undefined });
  await new Rust("c", "e").fetch("r");
  assert.deepEqual(world.log, []);
});
