//! The widget: one button that opens Meta's sign-up, and the way from there to a connected number. This
//! crate becomes `widget.wasm`; `entry.js` loads it and hands it the page.
//!
//! Reading order: `config` (what the Worker hands us), `flow` (the whole behaviour, pure), `view` (what a
//! person sees), then what comes in and goes out: `announce`, `edge`, `listen`, `sdk`, `store`, and last
//! `driver` and `page`, which tie all this to a browser.

#![cfg_attr(embark_small, no_std)]
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

mod config;
mod flow;
mod view;

mod announce;
mod edge;
mod listen;
mod sdk;

// What touches the browser is not there in tests: documents are `serde_json`'s in them.
#[cfg(not(test))]
mod driver;
#[cfg(not(test))]
mod page;
#[cfg(not(test))]
mod store;

mod doc;
mod error;
mod i18n;
mod json;
#[cfg(embark_small)]
mod small;

#[cfg(not(test))]
use {
    config::Launch,
    doc::Doc,
    i18n::Words,
    view::looks::Looks,
    wasm_bindgen::{JsValue, prelude::wasm_bindgen},
};

/// Starts the widget on an element. `launch` is a launch document, `words` a locale file, `looks` holds the
/// site owner's wishes by name. Returns the page, whose `unmount` takes the widget away again, or undefined
/// if the launch document cannot be read.
#[cfg(not(test))]
#[wasm_bindgen]
pub fn start(element: &JsValue, launch: JsValue, words: JsValue, looks: JsValue) -> JsValue {
    match Launch::read(Doc(launch)) {
        Some(launch) => {
            driver::start(element, launch, Words(Doc(words)), Looks::read(&Doc(looks))).into()
        }
        None => JsValue::UNDEFINED,
    }
}
