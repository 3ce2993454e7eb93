//! Meta's dialog in this window, where no popup can be used.

use super::browser_kind;
use crate::launch_document::LaunchDocument;
use gloo_utils::{document, window};
use wasm_bindgen::JsCast;
use web_sys::HtmlDocument;

/// A query of this many bytes or more is not kept in the cookie.
const MAX_QUERY: usize = 2_000;

/// Navigates this window to Meta's dialog at `dialog_url`. The `state` parameter is the signup, a nonce
/// (<https://www.rfc-editor.org/rfc/rfc6749#section-10.12>) and the site, where a browser without the cookie begins
/// again; the same nonce is in a cookie with the grant, so that the callback accepts the code only from this browser.
/// Returns whether it leaves: not without cookies, because the way back would end there.
pub fn open(dialog_url: &str, launch: &LaunchDocument) -> bool {
    // Pages of a secure origin have it, and the hosted page is one.
    let Ok(crypto) = window().crypto() else {
        return false;
    };
    if !browser_kind::has_cookies() {
        return false;
    }
    let nonce = crypto.random_uuid();
    let location = window().location();
    let is_secure = location
        .protocol()
        .is_ok_and(|protocol| protocol == "https:");
    // The callback restores the page's query, if it fits into the cookie.
    let query = location.search().unwrap_or_default();
    let query = if query.len() < MAX_QUERY {
        query.replace(';', "%3B")
    } else {
        String::new()
    };
    let cookie = [
        "embark-",
        launch.signup.as_str(),
        "=",
        &nonce,
        ".",
        &launch.grant,
        "|",
        &query,
        ";path=/go/callback;max-age=86400;samesite=lax",
        if is_secure { ";secure" } else { "" },
    ]
    .concat();
    let document = document().unchecked_into::<HtmlDocument>();
    let state = [launch.signup.as_str(), &nonce, launch.site.as_str()].join(".");
    let url = [dialog_url, "&state=", &state].concat();
    document.set_cookie(&cookie).is_ok() && location.assign(&url).is_ok()
}
