//! The browser, as much of it as the widget touches: one object type, the handful of methods it calls on
//! it, and properties by name. Each import costs bytes in wasm and glue, so there is one of each. What may
//! throw is caught; what cannot is declared without.

use alloc::string::String;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// Any object of the browser.
    #[derive(Clone)]
    pub type Js;

    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    fn reflect_get(of: &JsValue, name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = Reflect, js_name = set, catch)]
    fn reflect_set(of: &JsValue, name: &str, to: &JsValue) -> Result<bool, JsValue>;
    #[wasm_bindgen(js_namespace = Reflect, js_name = apply, catch)]
    fn reflect_apply(function: &JsValue, this: &JsValue, with: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = Array, js_name = of)]
    fn list(a: &JsValue, b: &JsValue, c: &JsValue) -> JsValue;
    #[wasm_bindgen(js_namespace = JSON, js_name = parse, catch)]
    fn json_parse(text: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = JSON, js_name = stringify, catch)]
    fn json_stringify(value: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub fn date_now() -> f64;

    #[wasm_bindgen(method, js_name = createElementNS)]
    pub fn create_element(this: &Js, namespace: &str, tag: &str) -> Js;
    #[wasm_bindgen(method, js_name = getAttribute)]
    pub fn attribute(this: &Js, name: &str) -> JsValue;
    #[wasm_bindgen(method, js_name = setAttribute)]
    pub fn set_attribute(this: &Js, name: &str, value: &str);
    #[wasm_bindgen(method, js_name = removeAttribute)]
    pub fn remove_attribute(this: &Js, name: &str);
    #[wasm_bindgen(method, js_name = insertBefore)]
    pub fn insert_before(this: &Js, new: &Js, before: Option<&Js>);
    #[wasm_bindgen(method)]
    pub fn remove(this: &Js);
    #[wasm_bindgen(method, js_name = querySelector)]
    pub fn find(this: &Js, selector: &str) -> Option<Js>;
    #[wasm_bindgen(method, js_name = addEventListener)]
    pub fn listen(this: &Js, name: &str, function: &JsValue);
    #[wasm_bindgen(method, js_name = removeEventListener)]
    pub fn unlisten(this: &Js, name: &str, function: &JsValue);
    #[wasm_bindgen(method, js_name = setTimeout)]
    pub fn set_timeout(this: &Js, function: &JsValue, ms: u32) -> JsValue;
    #[wasm_bindgen(method, js_name = setInterval)]
    pub fn set_interval(this: &Js, function: &JsValue, ms: u32) -> JsValue;
    /// Stops a timer of either kind.
    #[wasm_bindgen(method, js_name = clearTimeout)]
    pub fn clear_timer(this: &Js, timer: &JsValue);
    #[wasm_bindgen(method)]
    pub fn fetch(this: &Js, url: &str, init: &JsValue) -> Js;
    #[wasm_bindgen(method)]
    pub fn then(this: &Js, done: &JsValue, failed: &JsValue) -> Js;
    #[wasm_bindgen(method)]
    pub fn text(this: &Js) -> Js;
    /// The function with its first argument filled in.
    #[wasm_bindgen(method)]
    pub fn bind(this: &Js, on: &JsValue, first: u32) -> JsValue;

    pub type AbortController;
    #[wasm_bindgen(constructor)]
    pub fn new() -> AbortController;
    #[wasm_bindgen(method)]
    pub fn abort(this: &AbortController);

    pub type ResizeObserver;
    #[wasm_bindgen(constructor)]
    pub fn new(report: &JsValue) -> ResizeObserver;
    #[wasm_bindgen(method)]
    pub fn observe(this: &ResizeObserver, element: &Js);
    #[wasm_bindgen(method)]
    pub fn disconnect(this: &ResizeObserver);

    type FormData;
    #[wasm_bindgen(constructor)]
    fn new(form: &JsValue) -> FormData;
    #[wasm_bindgen(method, js_name = get)]
    fn value(this: &FormData, name: &str) -> JsValue;

    type URL;
    #[wasm_bindgen(constructor, catch)]
    fn new(text: &JsValue) -> Result<URL, JsValue>;

    type CustomEvent;
    #[wasm_bindgen(constructor)]
    fn new(name: &str, init: &JsValue) -> CustomEvent;
}

/// The property; undefined where there is none or it may not be read.
pub fn get(of: &JsValue, name: &str) -> JsValue {
    reflect_get(of, name).unwrap_or(JsValue::UNDEFINED)
}

/// The property, unless it is missing.
pub fn object(of: &JsValue, name: &str) -> Option<Js> {
    let value = get(of, name);
    (!value.is_null() && !value.is_undefined()).then(|| value.unchecked_into())
}

pub fn text(of: &JsValue, name: &str) -> Option<String> {
    get(of, name).as_string()
}

pub fn set(of: &JsValue, name: &str, to: &JsValue) {
    let _ = reflect_set(of, name, to);
}

pub fn set_text(of: &JsValue, name: &str, to: &str) {
    set(of, name, &JsValue::from_str(to));
}

/// Calls a method with up to three arguments; `None` if there is none or it throws.
pub fn call(on: &JsValue, method: &str, a: &JsValue, b: &JsValue, c: &JsValue) -> Option<JsValue> {
    apply(&reflect_get(on, method).ok()?, on, a, b, c)
}

pub fn apply(function: &JsValue, on: &JsValue, a: &JsValue, b: &JsValue, c: &JsValue) -> Option<JsValue> {
    reflect_apply(function, on, &list(a, b, c)).ok()
}

/// Calls a method with texts.
pub fn tell(on: &JsValue, method: &str, a: &str, b: &str) -> Option<JsValue> {
    call(on, method, &JsValue::from_str(a), &JsValue::from_str(b), &JsValue::UNDEFINED)
}

pub fn parse(text: &str) -> Option<JsValue> {
    json_parse(text).ok()
}

pub fn stringify(value: &JsValue) -> Option<String> {
    json_stringify(value).ok()?.as_string()
}

/// What is filled in under `name` in a form.
pub fn filled_in(form: &JsValue, name: &str) -> Option<String> {
    FormData::new(form).value(name).as_string()
}

/// A query parameter of an address.
pub fn parameter(url: &JsValue, name: &str) -> Option<String> {
    let url = URL::new(url).ok()?;
    tell(&get(url.as_ref(), "searchParams"), "get", name, "")?.as_string()
}

pub fn custom_event(name: &str, init: &JsValue) -> JsValue {
    CustomEvent::new(name, init).into()
}

pub fn abort_signal(abort: &AbortController) -> JsValue {
    get(abort.as_ref(), "signal")
}
