//! Meta's JavaScript SDK: loading it, and calling `FB.login` so that we keep hold of the popup.

use alloc::string::String;
use crate::{
    doc::Doc,
    flow::Window as Opened,
    js::{self, Js},
    json::object,
    owned::Listener,
};
use wasm_bindgen::JsValue;

const NOTHING: &JsValue = &JsValue::UNDEFINED;
const LONGEST_URI: usize = 2_048;
/// The element id everybody guards the SDK with.
const SCRIPT_ID: &str = "facebook-jssdk";
const ASYNC_INIT: &str = "fbAsyncInit";
const XHTML: &str = "http://www.w3.org/1999/xhtml";

/// The SDK on its way; dropping it stops listening.
pub struct Loading {
    window: Js,
    pub script: Js,
    init: JsValue,
    /// The host page's own `fbAsyncInit`.
    before: JsValue,
    _error: Listener,
}

impl Drop for Loading {
    fn drop(&mut self) {
        if js::get(&self.window, ASYNC_INIT) == self.init {
            js::set(&self.window, ASYNC_INIT, &self.before);
        }
    }
}

impl Loading {
    /// The SDK has loaded: what the host page wanted to do then, it does.
    pub fn pass_on(&self) {
        js::apply(&self.before, NOTHING, NOTHING, NOTHING, NOTHING);
    }
}

/// Whether somebody else has loaded the SDK already. Its first script leaves a buffer in place of FB, and
/// no popup would open from a buffered call: that one is still on its way.
pub fn is_there(window: &Js) -> bool {
    js::object(window, "FB").is_some_and(|fb| js::object(&fb, "__buffer").is_none())
}

/// Loads the SDK. It calls `init` once it has come, and `error` if it is blocked.
pub fn load(window: &Js, url: &str, init: JsValue, error: JsValue) -> Option<Loading> {
    let before = js::get(window, ASYNC_INIT);
    js::set(window, ASYNC_INIT, &init);
    let document = js::object(window, "document")?;
    let script = document.create_element(XHTML, "script");
    js::set_text(&script, "id", SCRIPT_ID);
    js::set_text(&script, "crossOrigin", "anonymous");
    js::set(&script, "async", &JsValue::TRUE);
    js::set(&script, "src", &script_url(window, url));
    let error = Listener::new(&script, "error", error);
    js::object(&document, "head")?.insert_before(&script, None);
    Some(Loading { window: window.clone(), script, init, before, _error: error })
}

/// Calls `FB.init`; false if that is not possible.
pub fn init(window: &Js, sdk: &Doc) -> bool {
    let mut options = object("appId", &sdk.text_or_empty("app_id"));
    options.text("version", &sdk.text_or_empty("version"));
    let options = js::parse(&options.end()).unwrap_or_default();
    js::call(&js::get(window, "FB"), "init", &options, NOTHING, NOTHING).is_some()
}

/// The address as pages with Trusted Types want it; the policy only says whose it is.
fn script_url(window: &Js, url: &str) -> JsValue {
    let plain = JsValue::from_str(url);
    let trusted = || {
        let rules = js::parse("{}")?;
        js::set(&rules, "createScriptURL", &js::get(window, "String"));
        let types = js::get(window, "trustedTypes");
        let policy = js::call(&types, "createPolicy", &JsValue::from_str("embark"), &rules, NOTHING)?;
        js::call(&policy, "createScriptURL", &plain, NOTHING, NOTHING)
    };
    trusted().unwrap_or_else(|| plain.clone())
}

/// What a call of `FB.login` left behind.
pub struct Called {
    pub opened: Opened,
    pub popup: JsValue,
    /// The `redirect_uri` of the SDK's own dialog.
    pub redirect_uri: Option<String>,
}

/// Calls `FB.login` while `wrapper` stands in for `window.open`, and puts `open` back.
pub fn login(window: &Js, options: &JsValue, callback: &JsValue, open: &JsValue, wrapper: &JsValue) {
    js::set(window, "open", wrapper);
    js::call(&js::get(window, "FB"), "login", callback, options, NOTHING);
    js::set(window, "open", open);
}

/// What the wrapper does when it is called: opens the window and keeps its handle. Gives back what the SDK
/// is to hold.
pub fn open(window: &Js, open: &JsValue, url: &JsValue, name: &JsValue, features: &JsValue) -> (Called, JsValue) {
    js::set(window, "open", open);
    let popup = js::apply(open, window, url, name, features).unwrap_or(JsValue::NULL);
    let redirect_uri = js::parameter(url, "redirect_uri").filter(|uri| is_the_sdks(uri));
    if popup.is_null() || popup.is_undefined() {
        (Called { opened: Opened::Refused, popup, redirect_uri }, inert(open))
    } else {
        (Called { opened: Opened::Opened, popup: popup.clone(), redirect_uri }, popup)
    }
}

/// The code in what `FB.login` called back with.
pub fn code(response: &JsValue) -> Option<String> {
    js::text(&js::get(response, "authResponse"), "code")
}

/// Something for the SDK to hold where no window came: without it, it would send our own page to Meta.
fn inert(function: &JsValue) -> JsValue {
    let stub = js::parse(r#"{"closed":false,"location":{}}"#).unwrap_or_default();
    // `Function.prototype` is a function that does nothing.
    let nothing = js::get(function, "__proto__");
    for name in ["close", "focus", "blur", "postMessage"] {
        js::set(&stub, name, &nothing);
    }
    stub
}

/// Only the SDK's own form is of use to anybody.
fn is_the_sdks(uri: &str) -> bool {
    let form = b"/xd_arbiter";
    uri.len() <= LONGEST_URI && uri.as_bytes().windows(form.len()).any(|part| part == form)
}

#[cfg(test)]
mod tests {
    use super::is_the_sdks;

    #[test]
    fn only_the_sdks_redirect_uri_is_kept() {
        assert!(is_the_sdks("https://staticxx.facebook.com/x/connect/xd_arbiter/?version=46"));
        for other in ["", "https://shop.example/", "xd_arbiter", &format!("/xd_arbiter{}", "x".repeat(2_048))] {
            assert!(!is_the_sdks(other), "{other:?}");
        }
    }
}
