// The wasm module, as classes that outlive its instances: after an instance trapped, the next call creates a new one,
// in which each object is constructed again. `guard.js` imports this file as `index.js`, bundled with wasm-bindgen's
// module (`xtask/src/build/worker.rs`).
import * as wasm from "./rust.js";

/** Shared with the crate `worker`: its panic hook sets `criticalError`, and each new instance has another
 *  `instanceId`. */
const state = wasm.__worker_init_state();

// Of the default, ten, a panic's own frames leave none.
Error.stackTraceLimit = 100;

export default class Rust {
  #context;
  #env;

  constructor(context, env) {
    this.#context = context;
    this.#env = env;
  }

  fetch(request) {
    return call(() => wasm.fetch(request, this.#env, this.#context));
  }

  scheduled(event) {
    return call(() => wasm.scheduled(event, this.#env, this.#context));
  }

  queue(batch) {
    return call(() => wasm.queue(batch, this.#env, this.#context));
  }

  /** How many events the instance has polled for the first time. */
  pollCount() {
    return wasm.pollCount();
  }

  /** Traps, so that the next call creates a new instance. */
  abortInstance() {
    call(wasm.abortInstance);
  }
}

export const Partner = durableObject("Partner");
export const Phone = durableObject("Phone");
export const Run = durableObject("Run");
export const Site = durableObject("Site");
export const Waba = durableObject("Waba");

/** A Durable Object class of Rust's, whose objects are constructed again in a new instance. */
function durableObject(name) {
  return class {
    #arguments;
    #object;
    #instanceId;

    constructor(...args) {
      this.#arguments = args;
      call(() => this.#current());
    }

    fetch(request) {
      return call(() => this.#current().fetch(request));
    }

    alarm() {
      return call(() => this.#current().alarm());
    }

    #current() {
      if (this.#instanceId !== state.instanceId) {
        this.#object = new wasm[name](...this.#arguments);
        this.#instanceId = state.instanceId;
      }
      return this.#object;
    }
  };
}

/** The result of `rust`, which is called with an instance that has not trapped. */
function call(rust) {
  renewInstance();
  try {
    return rust();
  } catch (error) {
    noteTrap(error);
    throw error;
  }
}

/** Creates a new instance if the present one trapped. */
function renewInstance() {
  // After most traps wasm-bindgen's module does so by itself when any export is called. That must not be a method of an
  // object: its pointer would be read in the new instance.
  if (!state.criticalError && isCallable()) return;
  console.log("instance: creating a new wasm instance");
  wasm.__wbg_reset_state();
  state.criticalError = false;
}

function isCallable() {
  try {
    wasm.pollCount();
    return true;
  } catch {
    return false;
  }
}

function noteTrap(error) {
  if (!(error instanceof WebAssembly.RuntimeError)) return;
  console.error("instance: trapped", error);
  state.criticalError = true;
}

// A trap in a microtask or timer reaches no caller, only these two events.
addEventListener("error", (event) => noteTrap(event.error));
addEventListener("unhandledrejection", (event) => noteTrap(event.reason));
