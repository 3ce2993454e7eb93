//! The page: `page.js`, which does in the browser what is to be done there, and tells through the door what
//! happened.

use alloc::string::String;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// What stands at the door; the same words as in `page.js`.
pub mod kind {
    pub const TIMER: u32 = 0;
    pub const ANSWER: u32 = 1;
    pub const SDK: u32 = 2;
    pub const OPENED: u32 = 3;
    pub const CALLBACK: u32 = 4;
    pub const CLOSED: u32 = 5;
    pub const MESSAGE: u32 = 6;
    pub const ACT: u32 = 7;
    pub const SUBMIT: u32 = 8;
    pub const WOKE: u32 = 9;
    pub const ONLINE: u32 = 10;
}

#[wasm_bindgen(module = "/page.js")]
extern "C" {
    pub fn stored(key: &str) -> JsValue;
    pub fn store(key: &str, text: &str);
    #[wasm_bindgen(js_name = handedOver)]
    pub fn handed_over(mark: &str) -> JsValue;
    pub fn category(lang: &str, number: u32) -> JsValue;
    #[wasm_bindgen(js_name = get)]
    fn read(of: &JsValue, name: &str) -> JsValue;
    #[wasm_bindgen(js_name = parse)]
    fn parsed(text: &str) -> JsValue;
    #[wasm_bindgen(js_name = stringify)]
    fn written(value: &JsValue) -> JsValue;

    #[derive(Clone)]
    pub type Page;
    #[wasm_bindgen(constructor)]
    pub fn new(element: &JsValue, origin: &str, door: &JsValue) -> Page;
    #[wasm_bindgen(method)]
    pub fn announce(this: &Page, name: &str, detail: &str);
    #[wasm_bindgen(method)]
    pub fn after(this: &Page, slot: u32, ms: u32);
    #[wasm_bindgen(method)]
    pub fn stop(this: &Page, slot: u32);
    #[wasm_bindgen(method)]
    pub fn watch(this: &Page);
    #[wasm_bindgen(method)]
    pub fn unwatch(this: &Page);
    #[wasm_bindgen(method)]
    pub fn send(this: &Page, slot: u32, kind: u32, url: &str, grant: &str, body: &str, ms: u32);
    #[wasm_bindgen(method, js_name = loadSdk)]
    pub fn load_sdk(this: &Page, url: &str, app_id: &str, version: &str);
    #[wasm_bindgen(method)]
    pub fn login(this: &Page, options: &JsValue, attempt: u32);
    #[wasm_bindgen(method)]
    pub fn leave(this: &Page, dialog: &str, pass: &str);
    #[wasm_bindgen(method, js_name = showPopup)]
    pub fn show_popup(this: &Page);
    #[wasm_bindgen(method)]
    pub fn begin(this: &Page);
    #[wasm_bindgen(method)]
    pub fn open(this: &Page, sign: &str, key: &str);
    #[wasm_bindgen(method)]
    pub fn attr(this: &Page, name: &str, value: Option<&str>);
    #[wasm_bindgen(method)]
    pub fn style(this: &Page, name: &str, value: &str);
    #[wasm_bindgen(method)]
    pub fn text(this: &Page, text: &str);
    #[wasm_bindgen(method)]
    pub fn close(this: &Page);
    #[wasm_bindgen(method)]
    pub fn end(this: &Page);
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub fn date_now() -> f64;
}

/// The property, unless it is missing or null.
pub fn get(of: &JsValue, name: &str) -> Option<JsValue> {
    there(read(of, name))
}

pub fn parse(text: &str) -> Option<JsValue> {
    there(parsed(text))
}

pub fn stringify(value: &JsValue) -> Option<String> {
    written(value).as_string()
}

fn there(value: JsValue) -> Option<JsValue> {
    Some(value).filter(|value| !value.is_undefined())
}
