// Stands in for the wasm build beside `guard.js`: an instance that works, panics, or is dead and does not
// know. What it does with an event is set by the test.
export const world = { how: "works", polled: 0, instances: 1, events: [], terminated: false };

const trap = () => new WebAssembly.RuntimeError("unreachable");
/** Rust's futures are polled first in a microtask of their own. */
const begin = () => queueMicrotask(() => world.polled++);
const never = new Promise(() => {});

function handled(event) {
  world.events.push(event);
  if (world.terminated) return never;
  if (!["throws", "is dead"].includes(world.how)) begin();
  switch (world.how) {
    case "works":
      return Promise.resolve(new Response(event));
    case "panics later":
      return new Promise((_, reject) => setTimeout(() => reject(trap()), 5));
    case "hangs when another panics":
      return never;
    case "throws":
      throw new TypeError("not a death");
    case "is dead":
      // The call after it finds a new instance.
      Object.assign(world, { how: "works", instances: world.instances + 1 });
      throw trap();
    case "errs":
      return Promise.reject(new Error("ours"));
  }
}

export default class Rust {
  fetch = (request) => handled(request);
  scheduled = () => handled("cron");
  polls() {
    return world.polled;
  }
  // The next call builds a new instance, as workers-rs does; one that was told to stay stuck is stuck again.
  poison() {
    world.instances++;
    world.terminated = world.stuck === true;
    world.polled = 0;
    throw trap();
  }
}

class Thing {
  fetch = (request) => handled(request);
  alarm = () => handled("alarm");
}

export { Thing as Partner, Thing as Phone, Thing as Run, Thing as Site, Thing as Waba };
