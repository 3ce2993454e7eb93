// The Worker's entry: every event goes through here into the wasm built from Rust.
//
// One wasm instance serves every request and object of an isolate. Two things end it, and without
// this file both leave people waiting for an answer that never comes:
//
// - A panic traps. Everything in flight is lost, and no promise of it ever settles. Here all of them
//   are rejected at once: a request answers 500, an object's caller gets an error, an alarm is
//   retried by the platform. workers-rs builds a new instance for the next event.
// - The platform terminates an invocation (CPU or memory limit). That skips `finally`, which leaves
//   the closure that polls futures dead while the instance looks alive (cloudflare/workerd#7276):
//   every later request would hang. Here Rust counts its polls; when an event was handed over and
//   nothing was polled, the instance is ended on purpose and the untouched event handed to a new one.
import Rust, {
  Partner as RustPartner,
  Phone as RustPhone,
  Run as RustRun,
  Site as RustSite,
  Waba as RustWaba,
} from "./index.js";

export default {
  fetch: (request, env, ctx) => answered(() => new Rust(ctx, env).fetch(request)),
  scheduled: (event, env, ctx) => settled(() => new Rust(ctx, env).scheduled(event)),
};

export const Partner = guarded(RustPartner);
export const Site = guarded(RustSite);
export const Run = guarded(RustRun);
export const Phone = guarded(RustPhone);
export const Waba = guarded(RustWaba);

/** A Durable Object class whose calls settle even if the instance under them dies. */
function guarded(RustClass) {
  return class {
    #rust;

    constructor(state, env) {
      this.#rust = constructed(() => new RustClass(state, env));
    }

    fetch(request) {
      return settled(() => this.#rust.fetch(request));
    }

    alarm() {
      return settled(() => this.#rust.alarm());
    }
  };
}

/** A request from outside never sees a thrown error: its answer is a problem document. */
async function answered(call) {
  try {
    return await settled(call);
  } catch {
    return new Response(JSON.stringify(PROBLEM), {
      status: PROBLEM.status,
      headers: { "content-type": "application/problem+json", "cache-control": "no-store", "retry-after": "1" },
    });
  }
}

/** Settles as the call does, or rejects when the instance dies under it. */
async function settled(call) {
  for (let hands = 0; hands < HANDS; hands++) {
    const wait = new Wait();
    try {
      const answer = attempted(call);
      if (answer === undefined) continue;
      if (await begun(wait)) return await Promise.race([answer, wait.death]);
      answer.catch(() => {});
    } finally {
      wait.over();
    }
    console.error("guard: the wasm instance does not poll; replacing it");
    poison();
  }
  throw new Error("guard: no wasm instance took the event");
}

/** Whether Rust began the event it was just handed; if not, it is untouched. */
async function begun(wait) {
  // Read after the call: the call itself may have built a new instance, which counts from 0.
  const before = polls();
  for (let turn = 0; turn < TURNS; turn++) {
    await null;
    if (wait.isOver || polls() !== before) return true;
  }
  return false;
}

/** The promise of the call; `undefined` when the instance was already dead and took nothing. */
function attempted(call) {
  try {
    return Promise.resolve(call());
  } catch (error) {
    if (!isDeath(error)) throw error;
    bury();
    return undefined;
  }
}

/** Runs a constructor; if it panics, whoever waits on this instance is told. */
function constructed(make) {
  try {
    return make();
  } catch (error) {
    if (isDeath(error)) bury();
    throw error;
  }
}

/** How often the instance polled a handler for the first time (`edge`'s export). */
function polls() {
  return Rust.prototype.polls();
}

/** Ends an instance that is stuck: its export traps, and workers-rs replaces it at the next call. */
function poison() {
  try {
    Rust.prototype.poison();
  } catch {
    // The trap is the point.
  }
  bury();
}

/** Rejects everything that waited on the instance that just died. */
function bury() {
  for (const wait of [...waiting]) wait.deref()?.end(new Error("guard: the wasm instance died"));
}

/** One event in Rust's hands. */
class Wait {
  #reject;
  #self = new WeakRef(this);
  isOver = false;

  constructor() {
    this.death = new Promise((_, reject) => (this.#reject = reject));
    this.death.catch(() => {});
    waiting.add(this.#self);
    cancelled.register(this, this.#self);
  }

  end(error) {
    this.#reject(error);
    this.over();
  }

  over() {
    this.isOver = true;
    waiting.delete(this.#self);
  }
}

function isDeath(error) {
  return error instanceof WebAssembly.RuntimeError || error?.message === "Module terminated";
}

/** All events in Rust's hands, held weakly: when a client goes away the platform drops its request
 *  without running another line of it, so no `finally` would ever remove the entry. */
const waiting = new Set();
const cancelled = new FinalizationRegistry((self) => waiting.delete(self));

/** A stuck instance is replaced once; a second one that does not poll is given up. */
const HANDS = 2;

/** Microtasks until a healthy instance has polled: it takes one or two. */
const TURNS = 16;

/** `protocol::problem::Problem` with code `internal`. */
const PROBLEM = {
  type: "about:blank#internal",
  title: "Something went wrong on our side",
  status: 500,
  code: "internal",
  remedy: "retry",
};

// A trap in a microtask or timer reaches nobody's promise, only these two.
addEventListener("error", (event) => {
  if (isDeath(event.error)) bury();
});
addEventListener("unhandledrejection", (event) => {
  if (isDeath(event.reason)) bury();
});
