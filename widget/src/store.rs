//! What survives a reload of this tab, where the browser lets us: the signup under way and its grant. And
//! what another page hands over in the address.

use crate::config::{Launch, Saved};
use embark_protocol::launch::Mode;
use wasm_bindgen::JsValue;
use web_sys::{Storage, Window};

const HANDOVER: &str = "#embark=";

/// The signup to go on with: one handed over in the address, else one this tab had begun.
pub fn saved(window: &Window, launch: &Launch) -> Option<Saved> {
    if launch.mode == Mode::Page
        && let Some(saved) = handed_over(window)
    {
        return Some(saved);
    }
    let text = storage(window)?.get_item(&key(launch)).ok()??;
    Saved::parse(&text, false)
}

pub fn remember(window: &Window, launch: &Launch) {
    if let Some(storage) = storage(window) {
        let text = [launch.signup.as_str(), ".", &launch.grant].concat();
        let _ = storage.set_item(&key(launch), &text);
    }
}

pub fn forget(window: &Window, launch: &Launch) {
    if let Some(storage) = storage(window) {
        let _ = storage.remove_item(&key(launch));
    }
}

/// Reads the handover and takes it out of the address: a grant is nothing to bookmark.
fn handed_over(window: &Window) -> Option<Saved> {
    let location = window.location();
    let hash = location.hash().ok()?;
    let text = hash.strip_prefix(HANDOVER)?;
    let clean = [location.pathname().ok()?, location.search().ok()?].concat();
    let _ = window.history().ok()?.replace_state_with_url(&JsValue::NULL, "", Some(&clean));
    Saved::parse(text, true)
}

/// Third-party frames may have none: reading the property itself throws there.
fn storage(window: &Window) -> Option<Storage> {
    window.session_storage().ok()?
}

fn key(launch: &Launch) -> String {
    ["embark:", launch.site.as_str()].concat()
}
