//! What kind of browser this is, and what it allows.

use crate::meta_window;
use embark_view::model::DialogMode;
use gloo_utils::{document, window};
use js_sys::Reflect;
use wasm_bindgen::JsCast;
use web_sys::HtmlDocument;

/// How Meta's dialog can be opened here.
pub fn dialog_mode() -> DialogMode {
    let navigator = window().navigator();
    // Safari's own property of web apps on the home screen.
    let is_on_home_screen = Reflect::get(&navigator, &"standalone".into());
    let is_standalone = is_on_home_screen.is_ok_and(|value| value.is_truthy())
        || window()
            .match_media("(display-mode: standalone)")
            .is_ok_and(|list| list.is_some_and(|list| list.matches()));
    let user_agent = navigator.user_agent().unwrap_or_default();
    meta_window::dialog_mode(&user_agent, is_standalone)
}

/// Whether the browser keeps a cookie of this page.
pub fn has_cookies() -> bool {
    let document = document().unchecked_into::<HtmlDocument>();
    let _ = document.set_cookie("embark-probe=1;samesite=lax");
    let kept = document.cookie();
    let _ = document.set_cookie("embark-probe=;max-age=0");
    kept.is_ok_and(|cookies| cookies.split(';').any(|one| one.trim() == "embark-probe=1"))
}
