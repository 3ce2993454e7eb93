//! Meta's JavaScript SDK: loading it, and calling `FB.login` so that we keep hold of the popup.

use crate::{
    config::Launch,
    doc,
    flow::Window as Opened,
    host::property,
    json::Object,
};
use gloo_events::EventListener;
use js_sys::{Function, Object as JsObject, Reflect};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{HtmlScriptElement, Url, Window};

const LONGEST_URI: usize = 2_048;
/// The element id everybody guards the SDK with.
const SCRIPT_ID: &str = "facebook-jssdk";
const ASYNC_INIT: &str = "fbAsyncInit";

/// The SDK on its way; dropping it stops listening.
pub struct Loading {
    window: Window,
    script: HtmlScriptElement,
    _error: EventListener,
    _init: Closure<dyn FnMut()>,
    init: JsValue,
}

impl Drop for Loading {
    fn drop(&mut self) {
        if property(&self.window, ASYNC_INIT) == self.init {
            let _ = Reflect::delete_property(&self.window, &JsValue::from_str(ASYNC_INIT));
        }
    }
}

impl Loading {
    /// Takes the dead tag away, so that the next one is fetched.
    pub fn give_up(self) {
        self.script.remove();
    }
}

/// Loads the SDK, unless it is there. `tell` hears true once it is initialised, false if it is blocked.
pub fn load(window: &Window, launch: &Launch, tell: impl Fn(bool) + Clone + 'static) -> Option<Loading> {
    let fb = property(window, "FB");
    // The SDK's first script leaves a buffer in place of FB: no popup would open from a buffered call.
    if !fb.is_undefined() && property(&fb, "__buffer").is_undefined() {
        tell(init(&fb, launch));
        return None;
    }
    let before = property(window, ASYNC_INIT).dyn_into::<Function>().ok();
    let (here, launch_, ready) = (window.clone(), launch.clone(), tell.clone());
    let on_init = Closure::<dyn FnMut()>::new(move || {
        if let Some(before) = &before {
            let _ = before.call0(&here);
        }
        ready(init(&property(&here, "FB"), &launch_));
    });
    let init = on_init.as_ref().clone();
    let _ = Reflect::set(window, &JsValue::from_str(ASYNC_INIT), &init);

    let document = window.document()?;
    let script: HtmlScriptElement = document.create_element("script").ok()?.unchecked_into();
    script.set_id(SCRIPT_ID);
    script.set_async(true);
    script.set_cross_origin(Some("anonymous"));
    let error = EventListener::once(&script, "error", move |_| tell(false));
    let _ = Reflect::set(&script, &JsValue::from_str("src"), &script_url(window, &launch.sdk.url));
    let _ = document.head()?.append_child(&script);
    Some(Loading { window: window.clone(), script, _error: error, _init: on_init, init })
}

fn init(fb: &JsValue, launch: &Launch) -> bool {
    let options = Object::new()
        .text("appId", launch.sdk.app_id.as_str())
        .text("version", &launch.sdk.version)
        .flag("cookie", false)
        .flag("xfbml", false)
        .end();
    match (property(fb, "init").dyn_into::<Function>(), doc::parse(&options, options.len())) {
        (Ok(init), Some(options)) => init.call1(fb, &options).is_ok(),
        _ => false,
    }
}

/// The address as pages with Trusted Types want it; the policy only says whose it is.
fn script_url(window: &Window, url: &str) -> JsValue {
    let plain = JsValue::from_str(url);
    let rules = JsObject::new();
    let _ = Reflect::set(&rules, &JsValue::from_str("createScriptURL"), &property(window, "String"));
    let types = property(window, "trustedTypes");
    let trusted = call(&types, "createPolicy", &JsValue::from_str("embark"), &rules)
        .and_then(|policy| call(&policy, "createScriptURL", &plain, &JsValue::UNDEFINED));
    trusted.unwrap_or(plain)
}

fn call(on: &JsValue, method: &str, first: &JsValue, second: &JsValue) -> Option<JsValue> {
    property(on, method).dyn_into::<Function>().ok()?.call2(on, first, second).ok()
}

/// What a call of `FB.login` left behind.
pub struct Called {
    pub opened: Opened,
    pub popup: Option<JsValue>,
    /// The `redirect_uri` of the SDK's own dialog.
    pub redirect_uri: Option<String>,
}

/// Calls `FB.login` inside a wrapper of `window.open` that lives for one call: it keeps the popup's handle
/// and reads the dialog's address.
pub fn login(window: &Window, launch: &Launch, callback: &JsValue) -> Called {
    let called = Rc::new(RefCell::new(Called { opened: Opened::Unseen, popup: None, redirect_uri: None }));
    let fb = property(window, "FB");
    let open = property(window, "open");
    let wrapper = {
        let (window, open, called) = (window.clone(), open.clone(), called.clone());
        Closure::<dyn FnMut(JsValue, JsValue, JsValue) -> JsValue>::new(move |url, name, features| {
            restore(&window, &open);
            let result = open.unchecked_ref::<Function>().call3(&window, &url, &name, &features);
            let popup = result.unwrap_or(JsValue::NULL);
            let mut called = called.borrow_mut();
            called.redirect_uri = redirect_uri(&url);
            if popup.is_null() || popup.is_undefined() {
                called.opened = Opened::Refused;
                return inert(&open);
            }
            called.opened = Opened::Opened;
            called.popup = Some(popup.clone());
            popup
        })
    };
    let _ = Reflect::set(window, &JsValue::from_str("open"), wrapper.as_ref());
    if let Some(options) = doc::parse(&launch.login, launch.login.len()) {
        let _ = call(&fb, "login", callback, &options);
    }
    restore(window, &open);
    called.replace(Called { opened: Opened::Unseen, popup: None, redirect_uri: None })
}

/// The code in what `FB.login` called back with.
pub fn code(response: &JsValue) -> Option<String> {
    property(&property(response, "authResponse"), "code").as_string()
}

pub fn is_closed(popup: &JsValue) -> bool {
    property(popup, "closed").is_truthy()
}

pub fn show(popup: &JsValue) {
    let _ = call(popup, "focus", &JsValue::UNDEFINED, &JsValue::UNDEFINED);
}

fn restore(window: &Window, open: &JsValue) {
    let _ = Reflect::set(window, &JsValue::from_str("open"), open);
}

/// Something for the SDK to hold where no window came: without it, it would send our own page to Meta.
fn inert(function: &JsValue) -> JsValue {
    let stub = JsObject::new();
    // `Function.prototype` is a function that does nothing.
    let nothing = property(function, "__proto__");
    for name in ["close", "focus", "blur", "postMessage"] {
        let _ = Reflect::set(&stub, &JsValue::from_str(name), &nothing);
    }
    let _ = Reflect::set(&stub, &JsValue::from_str("closed"), &JsValue::FALSE);
    let _ = Reflect::set(&stub, &JsValue::from_str("location"), &JsObject::new());
    stub.into()
}

/// Only the SDK's own form is of use to anybody.
fn redirect_uri(url: &JsValue) -> Option<String> {
    let url = Url::new(&url.as_string()?).ok()?;
    let uri = url.search_params().get("redirect_uri")?;
    (uri.len() <= LONGEST_URI && uri.contains("/xd_arbiter")).then_some(uri)
}
