//! What survives a reload of this tab, where the browser lets us: the signup under way and its grant. And
//! what another page hands over in the address.

use alloc::string::String;
use crate::{
    config::{Launch, Saved},
    js::{self, Js},
    json::join,
};
use embark_protocol::launch::Mode;
use wasm_bindgen::JsValue;

const HANDOVER: &str = "#embark=";

/// The signup to go on with: one handed over in the address, else one this tab had begun.
pub fn saved(window: &Js, launch: &Launch) -> Option<Saved> {
    let handed_over = if launch.mode == Mode::Page { handed_over(window) } else { None };
    handed_over.or_else(|| Saved::parse(&js::tell(&storage(window), "getItem", &key(launch), "")?.as_string()?, false))
}

pub fn remember(window: &Js, launch: &Launch) {
    js::tell(&storage(window), "setItem", &key(launch), &join(&[&launch.signup, ".", &launch.grant]));
}

pub fn forget(window: &Js, launch: &Launch) {
    js::tell(&storage(window), "removeItem", &key(launch), "");
}

/// Reads the handover and takes it out of the address: a grant is nothing to bookmark.
fn handed_over(window: &Js) -> Option<Saved> {
    let location = js::get(window, "location");
    let hash = js::text(&location, "hash")?;
    let text = hash.strip_prefix(HANDOVER)?;
    let clean = join(&[&js::text(&location, "pathname")?, &js::text(&location, "search")?]);
    let clean = JsValue::from_str(&clean);
    js::call(&js::get(window, "history"), "replaceState", &JsValue::NULL, &JsValue::from_str(""), &clean);
    Saved::parse(text, true)
}

/// Third-party frames may have none: reading the property itself throws there, and gives undefined here.
fn storage(window: &Js) -> JsValue {
    js::get(window, "sessionStorage")
}

fn key(launch: &Launch) -> String {
    join(&["embark:", &launch.site()])
}
