//! Bindings of `page.js`, which performs effects in the browser and reports events through a callback.

use alloc::string::String;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

#[wasm_bindgen(module = "/page.js")]
extern "C" {
    #[wasm_bindgen(js_name = readStorage)]
    pub fn read_storage(key: &str) -> JsValue;
    #[wasm_bindgen(js_name = writeStorage)]
    pub fn write_storage(key: &str, text: &str);
    #[wasm_bindgen(js_name = takeHandover)]
    pub fn take_handover(prefix: &str) -> JsValue;
    #[wasm_bindgen(js_name = pluralCategory)]
    pub fn plural_category(lang: &str, number: u32) -> JsValue;
    #[wasm_bindgen(js_name = getProperty)]
    fn js_get_property(object: &JsValue, name: &str) -> JsValue;
    #[wasm_bindgen(js_name = parseJson)]
    fn js_parse_json(text: &str) -> JsValue;
    #[wasm_bindgen(js_name = stringify)]
    fn js_stringify(value: &JsValue) -> JsValue;

    /// The widget's place in the page: its root element, listeners, timers and requests.
    #[derive(Clone)]
    pub type Browser;
    #[wasm_bindgen(constructor)]
    pub fn new(element: &JsValue, host_origin: &str, callback: &JsValue) -> Browser;
    #[wasm_bindgen(method)]
    pub fn announce(this: &Browser, name: &str, detail: &str);
    #[wasm_bindgen(method, js_name = startTimer)]
    pub fn start_timer(this: &Browser, timer: u32, ms: u32);
    #[wasm_bindgen(method, js_name = stopTimer)]
    pub fn stop_timer(this: &Browser, timer: u32);
    #[wasm_bindgen(method, js_name = watchPopup)]
    pub fn watch_popup(this: &Browser);
    #[wasm_bindgen(method, js_name = unwatchPopup)]
    pub fn unwatch_popup(this: &Browser);
    /// `tag` is reported back with the response. An empty `grant` sends no authorization, an empty
    /// `body` a GET.
    #[wasm_bindgen(method)]
    pub fn send(
        this: &Browser,
        slot: u32,
        tag: u32,
        url: &str,
        grant: &str,
        body: &str,
        timeout_ms: u32,
    );
    #[wasm_bindgen(method, js_name = loadSdk)]
    pub fn load_sdk(this: &Browser, url: &str, app_id: &str, version: &str);
    #[wasm_bindgen(method)]
    pub fn login(this: &Browser, options: &JsValue, attempt: u32);
    #[wasm_bindgen(method, js_name = openDialogHere)]
    pub fn open_dialog_here(this: &Browser, dialog: &str, resume_token: &str);
    #[wasm_bindgen(method, js_name = focusPopup)]
    pub fn focus_popup(this: &Browser);
    #[wasm_bindgen(method, js_name = beginRender)]
    pub fn begin_render(this: &Browser);
    #[wasm_bindgen(method, js_name = openElement)]
    pub fn open_element(this: &Browser, tag: &str, key: &str);
    #[wasm_bindgen(method, js_name = setAttribute)]
    pub fn set_attribute(this: &Browser, name: &str, value: Option<&str>);
    #[wasm_bindgen(method, js_name = setStyle)]
    pub fn set_style(this: &Browser, name: &str, value: &str);
    #[wasm_bindgen(method, js_name = setText)]
    pub fn set_text(this: &Browser, text: &str);
    #[wasm_bindgen(method, js_name = closeElement)]
    pub fn close_element(this: &Browser);
    #[wasm_bindgen(method, js_name = endRender)]
    pub fn end_render(this: &Browser);
}

#[wasm_bindgen]
extern "C" {
    /// Unix milliseconds.
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub fn date_now() -> f64;
}

/// The property; `None` if it is missing or null.
pub fn get_property(object: &JsValue, name: &str) -> Option<JsValue> {
    defined(js_get_property(object, name))
}

/// `None` if the text is not JSON.
pub fn parse_json(text: &str) -> Option<JsValue> {
    defined(js_parse_json(text))
}

/// `None` if the value cannot be written as JSON.
pub fn stringify(value: &JsValue) -> Option<String> {
    js_stringify(value).as_string()
}

fn defined(value: JsValue) -> Option<JsValue> {
    Some(value).filter(|value| !value.is_undefined())
}
