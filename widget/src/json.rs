//! JSON documents: the Worker's and the posts to it, locale files and Meta's messages.
//!
//! In the browser its own JSON parser reads and writes them, and `js_value` converts the objects: the same with
//! serde_json makes the compressed widget a fifth larger. Natively, as in tests, serde_json does both.

#[cfg(target_arch = "wasm32")]
use crate::js_value::{from_js, to_js};
use serde::{Serialize, de::DeserializeOwned};

/// Parses a document. `None` if it is not JSON, or not a `T`.
#[cfg(target_arch = "wasm32")]
pub fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    from_js(js_sys::JSON::parse(text).ok()?)
}

/// Writes a document. `None` if the value is no JSON.
#[cfg(target_arch = "wasm32")]
pub fn stringify(value: &impl Serialize) -> Option<String> {
    js_sys::JSON::stringify(&to_js(value)?).ok()?.as_string()
}

#[cfg(not(target_arch = "wasm32"))]
pub fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

#[cfg(not(target_arch = "wasm32"))]
pub fn stringify(value: &impl Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}
