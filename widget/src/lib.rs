//! The widget: one button that opens Meta's Embedded Signup, and what follows until a number is
//! connected. This crate becomes `widget.wasm`; `entry.js` loads it and calls `start`.
//!
//! Reading order: the documents (`launch_document`, `snapshot`, `session`, `meta_message`), `flow` (the
//! whole behaviour, pure), `view` (what a person sees), what leaves the widget (`host_events`, `api`),
//! and last `runtime` and `browser`, which connect all this to a page.

#![cfg_attr(embark_no_std, no_std)]
// In native tests the runtime, the caller of much of this crate, is left out.
#![cfg_attr(test, allow(dead_code))]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

extern crate alloc;

mod launch_document;
mod meta_message;
mod session;
mod snapshot;

mod flow;
mod view;

mod api;
mod host_events;

// Modules that call JavaScript are left out of native tests, where `JsonValue` wraps a `serde_json::Value`.
#[cfg(not(test))]
mod browser;
#[cfg(not(test))]
mod browser_event;
#[cfg(not(test))]
mod runtime;
#[cfg(not(test))]
mod session_storage;

mod error;
mod json_object;
mod json_value;
mod messages;
#[cfg(embark_no_std)]
mod no_std;

#[cfg(not(test))]
use {
    json_value::JsonValue,
    launch_document::LaunchDocument,
    messages::Messages,
    view::appearance::Appearance,
    wasm_bindgen::{JsValue, prelude::wasm_bindgen},
};

/// Starts the widget in an element. `launch` is a launch document, `messages` a locale file;
/// `attributes` holds the tag's options by name. Returns the browser object, whose `unmount` removes the
/// widget again, or undefined if the launch document cannot be read.
#[cfg(not(test))]
#[wasm_bindgen]
pub fn start(
    element: &JsValue,
    launch: JsValue,
    messages: JsValue,
    attributes: JsValue,
) -> JsValue {
    match LaunchDocument::read(JsonValue(launch)) {
        Some(launch) => runtime::start(
            element,
            launch,
            Messages(JsonValue(messages)),
            Appearance::read(&JsonValue(attributes)),
        )
        .into(),
        None => JsValue::UNDEFINED,
    }
}
