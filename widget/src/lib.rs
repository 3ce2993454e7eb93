//! The widget: one button that opens Meta's Embedded Signup, and what follows until a number is
//! connected. This crate becomes `widget.wasm`; `entry.js` loads it and calls `start`.
//!
//! Reading order: the documents (`launch_document`, `locale_file`, `snapshot`, `session`, `meta_message`), `flow` (the
//! whole behaviour, pure), `view_model` (what a person sees; `embark_view` renders it), what leaves the widget (`host_events`, `api`),
//! and last `runtime` and `browser`, which connect all this to a page.

// Natively, as in tests, there is no runtime, which calls most of this crate.
#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

mod launch_document;
mod locale_file;
mod meta_message;
mod meta_window;
mod session;
mod snapshot;

mod flow;
mod view_model;

mod api;
mod host_events;

#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod runtime;

mod error;
#[cfg(target_arch = "wasm32")]
mod js_value;
mod json;

/// Replaces the standard library's allocator, which is made for larger programs.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
