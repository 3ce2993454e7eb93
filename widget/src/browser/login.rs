//! `FB.login`, and the popup that it opens.

use super::{event_sink::EventSink, sdk::facebook_sdk};
use crate::{
    flow::event::{Event, PopupResult},
    js_value::{from_js, to_js},
    launch_document::LoginOptions,
};
use gloo_timers::callback::Interval;
use gloo_utils::window;
use js_sys::{Function, Object, Reflect};
use serde::Deserialize;
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{Url, Window};

/// How often the popup is looked at while it is watched.
const WATCH_MS: u32 = 500;

#[wasm_bindgen]
extern "C" {
    /// `window`, whose method `open` can be replaced.
    #[wasm_bindgen(extends = Window)]
    type OpenerWindow;
    #[wasm_bindgen(method, getter, js_name = open)]
    fn open_function(this: &OpenerWindow) -> Function;
    #[wasm_bindgen(method, setter, js_name = open)]
    fn set_open_function(this: &OpenerWindow, open: &Function);
}

/// The argument of the callback of `FB.login`, as far as it is used.
#[derive(Deserialize)]
struct LoginResponse {
    /// `None` if the person closed or cancelled the dialog.
    #[serde(rename = "authResponse")]
    auth_response: Option<AuthResponse>,
}

#[derive(Deserialize)]
struct AuthResponse {
    code: Option<String>,
}

/// The popup of the latest call.
#[derive(Default)]
pub struct Popup {
    /// `None` if none was opened.
    window: Option<Window>,
    watch: Option<Interval>,
}

impl Popup {
    /// Calls `FB.login` with these options, within the turn of the click that this is called in. Reports
    /// `LoginReturned`, and `LoginCallback` with this number of the launch.
    pub fn open(&mut self, options: &LoginOptions, attempt: u32, sink: &EventSink) {
        let opened = Rc::new(RefCell::new(Opened::default()));
        let open = OpenOverride::install(opened.clone());
        if let (Some(fb), Some(options)) = (facebook_sdk(), to_js(options)) {
            // If it throws, nothing was opened, and the flow offers another way.
            let _ = fb.login(&callback(attempt, sink.clone()), &options);
        }
        drop(open);
        let Opened {
            window,
            result,
            redirect_uri,
        } = opened.take();
        self.window = window;
        sink.send(Event::LoginReturned {
            popup: result.unwrap_or(PopupResult::NotCalled),
            redirect_uri,
        });
    }

    pub fn focus(&self) {
        if let Some(popup) = &self.window {
            let _ = popup.focus();
        }
    }

    /// Reports `PopupClosed` again and again while the popup is closed.
    pub fn watch(&mut self, sink: &EventSink) {
        let (popup, sink) = (self.window.clone(), sink.clone());
        self.watch = Some(Interval::new(WATCH_MS, move || {
            if popup
                .as_ref()
                .is_some_and(|popup| popup.closed().unwrap_or(false))
            {
                sink.send(Event::PopupClosed);
            }
        }));
    }

    pub fn unwatch(&mut self) {
        self.watch = None;
    }
}

/// The callback of `FB.login`, a plain function: the SDK refuses an async one. It belongs to the garbage collector,
/// because the SDK may call it at any time, also after the widget was removed.
fn callback(attempt: u32, sink: EventSink) -> Function {
    let callback = Closure::<dyn Fn(JsValue)>::new(move |response| {
        let response = from_js::<LoginResponse>(response);
        let auth_response = response.and_then(|response| response.auth_response);
        let code = auth_response.and_then(|auth_response| auth_response.code);
        sink.send(Event::LoginCallback { attempt, code });
    });
    callback.into_js_value().unchecked_into()
}

/// What `window.open` did during `FB.login`.
#[derive(Default)]
struct Opened {
    window: Option<Window>,
    /// `None` if it was not called.
    result: Option<PopupResult>,
    /// `redirect_uri` in the address of the SDK's dialog. Without it the Worker tries the ones it knows of.
    redirect_uri: Option<String>,
}

/// Replaces `window.open` for one call, to keep the popup's handle and to read the address of the dialog.
struct OpenOverride {
    original: Function,
    _replacement: Closure<dyn Fn(JsValue, JsValue, JsValue) -> Result<JsValue, JsValue>>,
}

impl OpenOverride {
    fn install(opened: Rc<RefCell<Opened>>) -> Self {
        let original = opener().open_function();
        let called = original.clone();
        let replacement = Closure::new(move |url: JsValue, target: JsValue, features: JsValue| {
            opener().set_open_function(&called);
            let popup = called.call3(&window(), &url, &target, &features)?;
            let is_open = !popup.is_null() && !popup.is_undefined();
            opened.replace(Opened {
                window: is_open.then(|| popup.clone().unchecked_into()),
                result: Some(if is_open {
                    PopupResult::Opened
                } else {
                    PopupResult::Blocked
                }),
                redirect_uri: redirect_uri(&url),
            });
            Ok(if is_open { popup } else { inert_window() })
        });
        opener().set_open_function(replacement.as_ref().unchecked_ref());
        Self {
            original,
            _replacement: replacement,
        }
    }
}

impl Drop for OpenOverride {
    fn drop(&mut self) {
        opener().set_open_function(&self.original);
    }
}

fn opener() -> OpenerWindow {
    window().unchecked_into()
}

fn redirect_uri(url: &JsValue) -> Option<String> {
    let url = Url::new(&url.as_string()?).ok()?;
    url.search_params().get("redirect_uri")
}

/// A window object for the SDK where the popup was blocked. With null it would navigate this page to Meta.
fn inert_window() -> JsValue {
    let inert = Object::new();
    let nothing = Closure::<dyn Fn()>::new(|| ()).into_js_value();
    for (name, value) in [
        ("closed", JsValue::FALSE),
        ("location", Object::new().into()),
        ("close", nothing.clone()),
        ("focus", nothing.clone()),
        ("blur", nothing.clone()),
        ("postMessage", nothing),
    ] {
        let _ = Reflect::set(&inert, &name.into(), &value);
    }
    inert.into()
}
