// A stand-in for wasm-bindgen's module beside `instance.js`. The test sets in `world.traps` what traps next.
export const world = { traps: null, terminated: false, log: [] };

const state = { criticalError: false, instanceId: 1 };
const trap = () => new WebAssembly.RuntimeError("unreachable");
let instance = 1;

/** Every export begins with this in wasm-bindgen's module. */
function enter(name) {
  if (world.terminated) throw new Error("Module terminated");
  if (world.reinit) __wbg_reset_state();
  if (world.traps !== name) return;
  world.traps = null;
  throw trap();
}

export const __worker_init_state = () => state;

export function __wbg_reset_state() {
  Object.assign(world, { terminated: false, reinit: false });
  instance++;
  state.instanceId++;
  world.log.push("reset");
}

export function pollCount() {
  enter("pollCount");
  return 0;
}

export function abortInstance() {
  throw trap();
}

export function fetch(request, env, context) {
  enter("fetch");
  return Promise.resolve([request, env, context, instance]);
}

export const scheduled = fetch;

class DurableObject {
  #instance = instance;

  constructor(state, env) {
    enter("constructor");
    world.log.push(`new ${state} ${env}`);
  }

  fetch(request) {
    enter("object");
    if (this.#instance !== instance) throw new Error("an object of a former instance");
    return Promise.resolve([request, instance]);
  }

  alarm() {
    return this.fetch("alarm");
  }
}

export {
  DurableObject as Partner,
  DurableObject as Phone,
  DurableObject as Run,
  DurableObject as Site,
  DurableObject as Waba,
};
