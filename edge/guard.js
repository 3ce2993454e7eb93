// The Worker's entry point: hands every event to the wasm module that is built from Rust.
//
// One wasm instance serves all requests and Durable Objects of an isolate. Two things end an instance, and without
// this file both would leave callers waiting for ever:
//
// - A panic traps. All events in progress are lost, and their promises never settle. This file rejects them at
//   once: a request is answered with 500, the caller of an object gets an error, an alarm is repeated by the
//   platform. `instance.js` creates a new instance for the next event.
// - The platform terminates an invocation that exceeds its CPU or memory limit. Termination skips `finally`, which
//   leaves the closure that polls Rust's futures unusable while the instance looks alive
//   (https://github.com/cloudflare/workerd/issues/7276): every later event would hang. Rust counts its first polls
//   (`liveness.rs`): if an event was handed over and nothing was polled, this file aborts the instance and hands the
//   event, which is untouched, to a new one.
import Rust, {
  Partner as RustPartner,
  Phone as RustPhone,
  Run as RustRun,
  Site as RustSite,
  Waba as RustWaba,
} from "./index.js";

export default {
  fetch: (request, env, ctx) => withProblemResponse(() => new Rust(ctx, env).fetch(request)),
  scheduled: (event, env, ctx) => withInstance(() => new Rust(ctx, env).scheduled(event)),
  queue: (batch, env, ctx) => withInstance(() => new Rust(ctx, env).queue(batch)),
};

export const Partner = guarded(RustPartner);
export const Site = guarded(RustSite);
export const Run = guarded(RustRun);
export const Phone = guarded(RustPhone);
export const Waba = guarded(RustWaba);

/** A Durable Object class whose calls settle even if the instance dies during them. */
function guarded(RustClass) {
  return class {
    #rust;

    constructor(state, env) {
      this.#rust = construct(() => new RustClass(state, env));
    }

    fetch(request) {
      return withInstance(() => this.#rust.fetch(request));
    }

    alarm() {
      return withInstance(() => this.#rust.alarm());
    }
  };
}

/** The response of `call`; a problem document if it fails, because the runtime would show the error. */
async function withProblemResponse(call) {
  try {
    return await withInstance(call);
  } catch {
    return new Response(JSON.stringify(PROBLEM), {
      status: PROBLEM.status,
      headers: { "content-type": "application/problem+json", "cache-control": "no-store", "retry-after": "1" },
    });
  }
}

/** Settles as `call` does, or rejects when the instance dies during it. Replaces an instance that does not poll. */
async function withInstance(call) {
  for (let attempts = 0; attempts < MAX_ATTEMPTS; attempts++) {
    const pending = new PendingCall();
    try {
      const result = tryCall(call);
      if (result === undefined) continue;
      if (await wasPolled(pending)) return await Promise.race([result, pending.death]);
      result.catch(() => {});
    } finally {
      pending.end();
    }
    console.error("guard: the wasm instance does not poll; replacing it");
    abortInstance();
  }
  throw new Error("guard: no wasm instance took the event");
}

/** Whether Rust began the event that it was just handed. If not, the event is untouched. */
async function wasPolled(pending) {
  // Read after the call, which may have created a new instance whose count starts at 0.
  const before = pollCount();
  for (let turn = 0; turn < MAX_MICROTASKS; turn++) {
    await null;
    if (pending.hasEnded || pollCount() !== before) return true;
  }
  return false;
}

/** The promise of `call`; `undefined` if the instance was already dead and the event is untouched. */
function tryCall(call) {
  try {
    return Promise.resolve(call());
  } catch (error) {
    if (!isDeath(error)) throw error;
    rejectPending();
    return undefined;
  }
}

/** The result of a constructor. If it panics, all pending calls of the instance are rejected. */
function construct(make) {
  try {
    return make();
  } catch (error) {
    if (isDeath(error)) rejectPending();
    throw error;
  }
}

/** How many events the instance has polled for the first time. */
function pollCount() {
  return Rust.prototype.pollCount();
}

/** Ends an instance that does not poll: the export traps, and `instance.js` replaces it at the next call. */
function abortInstance() {
  try {
    Rust.prototype.abortInstance();
  } catch {
    // The trap is the purpose.
  }
  rejectPending();
}

/** Rejects all calls that were pending on the instance that just died. */
function rejectPending() {
  for (const call of [...pendingCalls]) call.deref()?.reject(new Error("guard: the wasm instance died"));
}

/** One event that was handed to Rust. */
class PendingCall {
  #reject;
  #self = new WeakRef(this);
  hasEnded = false;

  constructor() {
    this.death = new Promise((_, reject) => (this.#reject = reject));
    this.death.catch(() => {});
    pendingCalls.add(this.#self);
    collected.register(this, this.#self);
  }

  reject(error) {
    this.#reject(error);
    this.end();
  }

  end() {
    this.hasEnded = true;
    pendingCalls.delete(this.#self);
  }
}

function isDeath(error) {
  return error instanceof WebAssembly.RuntimeError || error?.message === "Module terminated";
}

/** All pending calls. Held weakly: when a client disconnects, the platform drops its request without running
 *  another line of it, so that no `finally` would ever remove the entry. */
const pendingCalls = new Set();
const collected = new FinalizationRegistry((self) => pendingCalls.delete(self));

/** An instance that does not poll is replaced once; if the next one does not poll either, the event fails. */
const MAX_ATTEMPTS = 2;

/** Microtasks within which a working instance has polled: it takes one or two. */
const MAX_MICROTASKS = 16;

/** `embark_protocol::Problem` with code `internal`. */
const PROBLEM = {
  type: "about:blank#internal",
  title: "Something went wrong on our side",
  status: 500,
  code: "internal",
  remedy: "retry",
};

// A trap in a microtask or timer reaches no promise, only these two events.
addEventListener("error", (event) => {
  if (isDeath(event.error)) rejectPending();
});
addEventListener("unhandledrejection", (event) => {
  if (isDeath(event.reason)) rejectPending();
});
