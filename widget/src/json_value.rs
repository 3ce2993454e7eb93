//! A JSON document, read by property: the result of `JSON.parse` in the browser, a `serde_json::Value` in
//! native tests.

use alloc::string::{String, ToString};

#[cfg(not(test))]
type Value = wasm_bindgen::JsValue;
#[cfg(test)]
type Value = serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub struct JsonValue(pub Value);

/// Most items of a list that are read.
const MAX_ITEMS: u32 = 64;

impl JsonValue {
    /// The property, if it is a string: a number is never turned into one.
    pub fn string(&self, key: &str) -> Option<String> {
        self.get(key)?.as_string()
    }

    pub fn string_or_empty(&self, key: &str) -> String {
        self.string(key).unwrap_or_default()
    }

    /// The property, if it is a string of at most `max` bytes.
    pub fn bounded_string(&self, key: &str, max: usize) -> Option<String> {
        self.string(key).filter(|text| text.len() <= max)
    }

    /// The same, or the digits of a whole number. Not for ids: a long number has lost digits.
    pub fn string_or_number(&self, key: &str, max: usize) -> Option<String> {
        let number = || self.integer(key).map(|number| number.to_string());
        self.bounded_string(key, max).or_else(number)
    }

    /// The property, if it is a whole number from 0 to `u32::MAX`.
    pub fn integer(&self, key: &str) -> Option<u32> {
        self.get(key)?.as_integer()
    }

    /// The items of the property; none if it is not a list.
    pub fn items(&self, key: &str) -> Items {
        let list = self.get(key);
        let len = list.as_ref().map_or(0, |list| list.len().min(MAX_ITEMS));
        Items { list, next: 0, len }
    }
}

/// Iterator over the items of a list.
pub struct Items {
    list: Option<JsonValue>,
    next: u32,
    len: u32,
}

impl Iterator for Items {
    type Item = JsonValue;

    fn next(&mut self) -> Option<JsonValue> {
        let index = self.next;
        self.next += 1;
        if index < self.len {
            self.list.as_ref()?.item(index)
        } else {
            None
        }
    }
}

#[cfg(not(test))]
impl JsonValue {
    /// Parses JSON text; `None` if it is not JSON.
    pub fn parse(text: &str) -> Option<Self> {
        crate::browser::parse_json(text).map(Self)
    }

    /// The property; `None` if it is missing or null.
    pub fn get(&self, key: &str) -> Option<Self> {
        crate::browser::get_property(&self.0, key).map(Self)
    }

    pub fn as_string(&self) -> Option<String> {
        self.0.as_string()
    }

    fn as_integer(&self) -> Option<u32> {
        let number = self.0.as_f64()?;
        // The cast saturates: a fraction or a negative number does not compare equal afterwards.
        let whole = number as u32;
        (f64::from(whole) == number).then_some(whole)
    }

    /// Whether the property is `true`.
    pub fn is_true(&self, key: &str) -> bool {
        self.get(key)
            .is_some_and(|value| value.0 == wasm_bindgen::JsValue::TRUE)
    }

    pub fn to_json(&self) -> String {
        crate::browser::stringify(&self.0).unwrap_or_default()
    }

    fn len(&self) -> u32 {
        // A string has a length too, but its items have no properties.
        self.integer("length").unwrap_or_default()
    }

    fn item(&self, index: u32) -> Option<Self> {
        self.get(&index.to_string())
    }
}

#[cfg(test)]
impl JsonValue {
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

    pub fn as_string(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }

    fn as_integer(&self) -> Option<u32> {
        self.0
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
    }

    pub fn is_true(&self, key: &str) -> bool {
        self.0.get(key) == Some(&Value::Bool(true))
    }

    pub fn to_json(&self) -> String {
        self.0.to_string()
    }

    fn len(&self) -> u32 {
        self.0.as_array().map_or(0, |items| items.len() as u32)
    }

    fn item(&self, index: u32) -> Option<Self> {
        self.0.get(index as usize).cloned().map(Self)
    }
}
