//! Signs of life for the JS entry (`guard.js`): it compares `polls` before and after handing an event
//! over, and ends an instance that did not poll with `poison`, so that a fresh one takes the event.

use core::cell::Cell;
use wasm_bindgen::prelude::wasm_bindgen;

thread_local! {
    static POLLS: Cell<u32> = const { Cell::new(0) };
}

/// Called first thing in every handler.
pub fn beat() {
    POLLS.with(|polls| polls.set(polls.get().wrapping_add(1)));
}

/// How many handlers of this instance were polled for the first time.
#[wasm_bindgen]
pub fn polls() -> u32 {
    POLLS.with(Cell::get)
}

/// Traps: the instance is over.
#[wasm_bindgen]
pub fn poison() {
    #[cfg(target_arch = "wasm32")]
    core::arch::wasm32::unreachable();
}
