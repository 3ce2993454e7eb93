//! Reading a JSON document by property. In the browser it is what `JSON.parse` made; in tests it is a
//! `serde_json::Value`. Property reads cost a few bytes each where a derived deserializer costs kilobytes.

use crate::{js, json::decimal};
use wasm_bindgen::JsValue;

/// Items of a list that are looked at.
const LONGEST_LIST: f64 = 64.0;

pub trait Doc: Sized {
    /// The property, unless it is missing or null.
    fn get(&self, key: &str) -> Option<Self>;
    /// The text, if this is text: a number is never turned into one.
    fn text(&self) -> Option<String>;
    /// The whole number, if this is one that fits.
    fn number(&self) -> Option<u32>;
    /// True if this is `true`.
    fn flag(&self) -> bool;
    /// The items, none if this is no list.
    fn list(&self) -> Vec<Self>;
    /// The document as JSON text, to be handed on as it is.
    fn json(&self) -> Option<String>;

    /// The property's text.
    fn text_of(&self, key: &str) -> Option<String> {
        self.get(key)?.text()
    }

    /// The property's text, if it is not longer than `cap` bytes.
    fn short(&self, key: &str, cap: usize) -> Option<String> {
        self.text_of(key).filter(|text| text.len() <= cap)
    }
}

impl Doc for JsValue {
    fn get(&self, key: &str) -> Option<Self> {
        js::object(self, key).map(JsValue::from)
    }

    fn text(&self) -> Option<String> {
        self.as_string()
    }

    fn number(&self) -> Option<u32> {
        let number = self.as_f64()?;
        // Saturating: a fraction or a negative number does not compare equal again.
        let whole = number as u32;
        (f64::from(whole) == number).then_some(whole)
    }

    fn flag(&self) -> bool {
        self.as_bool() == Some(true)
    }

    fn list(&self) -> Vec<Self> {
        let mut items = Vec::new();
        let count = js::get(self, "length").as_f64().unwrap_or_default().min(LONGEST_LIST) as u32;
        for at in 0..count {
            items.push(js::get(self, &decimal(at)));
        }
        items
    }

    fn json(&self) -> Option<String> {
        js::stringify(self)
    }
}

#[cfg(test)]
mod tests {
    use super::Doc;
    use serde_json::Value;

    impl Doc for Value {
        fn get(&self, key: &str) -> Option<Self> {
            Value::get(self, key).filter(|value| !value.is_null()).cloned()
        }

        fn text(&self) -> Option<String> {
            self.as_str().map(str::to_owned)
        }

        fn number(&self) -> Option<u32> {
            self.as_u64().and_then(|number| u32::try_from(number).ok())
        }

        fn flag(&self) -> bool {
            self.as_bool() == Some(true)
        }

        fn list(&self) -> Vec<Self> {
            self.as_array().cloned().unwrap_or_default()
        }

        fn json(&self) -> Option<String> {
            Some(self.to_string())
        }
    }
}
