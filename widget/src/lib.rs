//! The widget: one button that opens Meta's sign-up, and the way from there to a connected number. This
//! crate becomes `widget.wasm`; `entry.js` loads it and hands it the page.
//!
//! Reading order: `config` (what the Worker hands us), `flow` (the whole behaviour, pure), `view` (what a
//! person sees, pure but for `patch`), then the doors: `sdk`, `listen`, `edge`, `store`, `host`,
//! `announce`, and `driver`, which ties them together.

#![cfg_attr(embark_small, no_std)]
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

extern crate alloc;

mod config;
mod flow;
mod view;

mod announce;
mod driver;
mod edge;
mod host;
mod listen;
mod sdk;
mod store;

mod doc;
mod error;
mod i18n;
mod js;
mod json;
mod owned;
#[cfg(embark_small)]
mod small;

use config::Launch;
use doc::Doc;
use i18n::Words;
use view::looks::Looks;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

/// Starts the widget on an element of this window. `launch` is a launch document, `words` a locale file, `looks` holds
/// the site owner's wishes by name. Returns the function that takes the widget away again, or undefined
/// if the launch document cannot be read.
#[wasm_bindgen]
pub fn start(window: JsValue, element: JsValue, launch: JsValue, words: JsValue, looks: JsValue) -> JsValue {
    let Some(launch) = Launch::read(Doc(launch)) else { return JsValue::UNDEFINED };
    let looks = Looks::read(&Doc(looks));
    driver::start(window.unchecked_into(), element.unchecked_into(), launch, Words(Doc(words)), looks).unwrap_or_default()
}
