//! What `guard.js` needs to tell whether this wasm instance still works: it compares the number of polls before
//! and after it hands an event over, and aborts an instance that polled nothing, so that a new one takes the event.

use core::cell::Cell;
use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use worker::State;

thread_local! {
    static POLLS: Cell<u32> = const { Cell::new(0) };
}

/// Records that a handler was polled for the first time. The first statement of every handler.
pub fn record_poll() {
    POLLS.with(|polls| polls.set(polls.get().wrapping_add(1)));
}

/// How many handlers of this instance were polled for the first time. Wraps around.
#[wasm_bindgen(js_name = pollCount)]
pub fn poll_count() -> u32 {
    POLLS.with(Cell::get)
}

/// Ends this instance: the call traps, and `instance.js` creates a new instance at the next event.
#[wasm_bindgen(js_name = abortInstance)]
pub fn abort_instance() {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
}

/// Ends an incarnation of a Durable Object: what it awaits fails, and its next event starts another one
/// (<https://developers.cloudflare.com/durable-objects/api/state/#abort>).
pub fn abort_object(state: &State) {
    let raw: &JsValue = state.as_raw();
    let function = Reflect::get(raw, &"abort".into());
    if let Ok(Ok(function)) = function.map(|function| function.dyn_into::<Function>()) {
        // It throws the error that it ends everything with.
        let _ = function.call0(raw);
    }
}
