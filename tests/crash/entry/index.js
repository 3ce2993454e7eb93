// A stand-in for the wasm module beside `guard.js`: an instance that works, panics, or is dead. The test sets in
// `world.mode` what it does with the next event.
export const world = { mode: "works", polled: 0, instances: 1, events: [], terminated: false };

const trap = () => new WebAssembly.RuntimeError("unreachable");
/** Rust's futures are first polled in a later microtask. */
const poll = () => queueMicrotask(() => world.polled++);
const never = new Promise(() => {});

function handle(event) {
  world.events.push(event);
  if (world.terminated) return never;
  if (!["throws", "is dead"].includes(world.mode)) poll();
  switch (world.mode) {
    case "works":
      return Promise.resolve(new Response(event));
    case "panics later":
      return new Promise((_, reject) => setTimeout(() => reject(trap()), 5));
    case "hangs when another panics":
      return never;
    case "throws":
      throw new TypeError("not a panic");
    case "is dead":
      // The next call gets a new instance.
      Object.assign(world, { mode: "works", instances: world.instances + 1 });
      throw trap();
    case "errs":
      return Promise.reject(new Error("of the Worker's code"));
  }
}

export default class Rust {
  fetch = (request) => handle(request);
  scheduled = () => handle("cron");
  queue = () => handle("messages");
  pollCount() {
    return world.polled;
  }
  // The next call creates a new instance, as `instance.js` does; with `stuck` that one is terminated as well.
  abortInstance() {
    world.instances++;
    world.terminated = world.stuck === true;
    world.polled = 0;
    throw trap();
  }
}

class DurableObject {
  fetch = (request) => handle(request);
  alarm = () => handle("alarm");
}

export {
  DurableObject as Partner,
  DurableObject as Phone,
  DurableObject as Run,
  DurableObject as Site,
  DurableObject as Waba,
};
