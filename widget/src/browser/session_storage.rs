//! The session in this tab's `sessionStorage`, where the browser allows it, and the one handed over in the URL.
//!
//! Not with gloo-storage, which throws where the browser denies access, as it may in a frame of another site, and
//! which writes JSON where earlier builds wrote text.

use crate::{
    launch_document::LaunchDocument,
    session::{Session, SessionSource, StorageKeys},
};
use embark_protocol::launch::{HANDOVER_PREFIX, LaunchMode};
use gloo_utils::{history, window};
use wasm_bindgen::JsValue;
use web_sys::Storage;

/// The session to resume: one handed over in the URL, or the one that this browser left for Meta's dialog with (both on
/// the hosted page only), else the one this tab stored.
pub fn load(launch: &LaunchDocument) -> Option<Session> {
    if let Some(storage) = storage() {
        // The widget has started: the next build that is replaced may reload the tab again.
        let _ = storage.remove_item(RELOADED);
    }
    let link = match launch.mode {
        LaunchMode::Page => take_handover(),
        LaunchMode::Frame | LaunchMode::Inline | LaunchMode::Window => None,
    };
    let link = link.and_then(|token| Session::parse(&token, SessionSource::Address));
    let returned = || Session::parse(launch.returned_session.as_ref()?, SessionSource::Dialog);
    let read = |key: &str| storage()?.get_item(key).ok()?;
    link.or_else(returned)
        .or_else(|| StorageKeys::load(launch, read))
}

/// Set by `entry.js` before it reloads a tab whose build was replaced.
const RELOADED: &str = "embark:reloaded";

/// Without storage the signup is not resumed after a reload.
pub fn save(launch: &LaunchDocument) {
    let (keys, token) = (StorageKeys::of(launch), launch.resume_token());
    write(&keys.customer, &token);
    if let Some(redeemed) = keys.redeemed {
        write(&redeemed, &token);
    }
}

/// The signup has ended: its entry stays under the session that it redeemed, if it did. An empty entry reads as none.
pub fn clear(launch: &LaunchDocument) {
    write(&StorageKeys::of(launch).customer, "");
}

fn write(key: &str, token: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, token);
    }
}

fn storage() -> Option<Storage> {
    window().session_storage().ok()?
}

/// Meta's dialog ends its redirects with this fragment, and browsers keep it over ours.
const META_FRAGMENT: &str = "#_=_";

/// Takes a handover out of the URL fragment and removes it there, so that no grant ends up in a bookmark. A handover is
/// valid for one window: this window's random name is appended to the grant after `~`. `None` also for a handover that
/// has a name: whoever made the link would know it.
fn take_handover() -> Option<String> {
    let location = window().location();
    let hash = location.hash().ok()?;
    let token = hash.strip_prefix(HANDOVER_PREFIX);
    if token.is_none() && hash != META_FRAGMENT {
        return None;
    }
    let url = [location.pathname().ok()?, location.search().ok()?].concat();
    let _ = history().replace_state_with_url(&JsValue::NULL, "", Some(&url));
    let token = token?;
    if token.contains('~') {
        return None;
    }
    let name = window().crypto().ok()?.random_uuid();
    Some([token, "~", &name].concat())
}
