//! A JSON document, read by property: in the browser what `JSON.parse` made, in tests a
//! `serde_json::Value`. Property reads cost a few bytes each where a derived deserializer costs kilobytes,
//! and what is not looked at costs nothing.

use crate::json::decimal;
use alloc::string::String;

#[cfg(not(test))]
type Value = wasm_bindgen::JsValue;
#[cfg(test)]
type Value = serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub struct Doc(pub Value);

/// Items of a list that are looked at.
const LONGEST_LIST: u32 = 64;

impl Doc {
    /// The property's text, if there is some: a number is never turned into text.
    pub fn text_of(&self, key: &str) -> Option<String> {
        self.get(key)?.text()
    }

    /// The property's text, or none.
    pub fn text_or_empty(&self, key: &str) -> String {
        self.text_of(key).unwrap_or_default()
    }

    /// The property's text, if it is not longer than `cap` bytes.
    pub fn short(&self, key: &str, cap: usize) -> Option<String> {
        self.text_of(key).filter(|text| text.len() <= cap)
    }

    /// The same, where a number will do: an error code is no id.
    pub fn word_of(&self, key: &str, cap: usize) -> Option<String> {
        let number = || self.number_of(key).map(decimal);
        self.short(key, cap).or_else(number)
    }

    /// The property's whole number.
    pub fn number_of(&self, key: &str) -> Option<u32> {
        self.get(key)?.number()
    }

    /// The items of the property, none if it is no list.
    pub fn items(&self, key: &str) -> Items {
        let list = self.get(key);
        let count = list
            .as_ref()
            .map_or(0, |list| list.count().min(LONGEST_LIST));
        Items {
            list,
            next: 0,
            count,
        }
    }
}

/// The items of a list, one after the other.
pub struct Items {
    list: Option<Doc>,
    next: u32,
    count: u32,
}

impl Iterator for Items {
    type Item = Doc;

    fn next(&mut self) -> Option<Doc> {
        let at = self.next;
        self.next += 1;
        if at < self.count {
            self.list.as_ref()?.item(at)
        } else {
            None
        }
    }
}

#[cfg(not(test))]
impl Doc {
    /// Reads JSON text.
    pub fn parse(text: &str) -> Option<Self> {
        crate::page::parse(text).map(Self)
    }

    /// The property, unless it is missing or null.
    pub fn get(&self, key: &str) -> Option<Self> {
        crate::page::get(&self.0, key).map(Self)
    }

    pub fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    pub fn number(&self) -> Option<u32> {
        let number = self.0.as_f64()?;
        // Saturating: a fraction or a negative number does not compare equal again.
        let whole = number as u32;
        (f64::from(whole) == number).then_some(whole)
    }

    /// Whether the property is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        self.get(key)
            .is_some_and(|value| value.0 == wasm_bindgen::JsValue::TRUE)
    }

    /// The document as JSON text.
    pub fn json(&self) -> String {
        crate::page::stringify(&self.0).unwrap_or_default()
    }

    fn count(&self) -> u32 {
        // Of a text, too, but its "items" have no properties.
        self.number_of("length").unwrap_or_default()
    }

    fn item(&self, at: u32) -> Option<Self> {
        self.get(&crate::json::decimal(at))
    }
}

#[cfg(test)]
impl Doc {
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    pub fn get(&self, key: &str) -> Option<Self> {
        self.0
            .get(key)
            .filter(|value| !value.is_null())
            .cloned()
            .map(Self)
    }

    pub fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    pub fn number(&self) -> Option<u32> {
        self.0
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
    }

    pub fn is_true(&self, key: &str) -> bool {
        self.0.get(key) == Some(&Value::Bool(true))
    }

    pub fn json(&self) -> String {
        self.0.to_string()
    }

    fn count(&self) -> u32 {
        self.0.as_array().map_or(0, |items| items.len() as u32)
    }

    fn item(&self, at: u32) -> Option<Self> {
        self.0.get(at as usize).cloned().map(Self)
    }
}
