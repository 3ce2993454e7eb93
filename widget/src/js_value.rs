//! Between JavaScript values and serde's types.
//!
//! Values are written by serde-wasm-bindgen and read by the code here. Its own reader describes in every error which
//! value does not fit and what was expected; nobody reads that, and it makes the compressed widget a fifth larger.

use js_sys::{Array, Number, Object};
use serde::{
    Deserializer, Serialize,
    de::{
        self, DeserializeOwned, IntoDeserializer, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_wasm_bindgen::Serializer;
use std::fmt::{self, Display};
use wasm_bindgen::{JsCast, JsValue};

/// Writes a value as `JSON.parse` would create it. `None` if it is no JSON.
pub fn to_js(value: &impl Serialize) -> Option<JsValue> {
    value.serialize(&Serializer::json_compatible()).ok()
}

/// Reads a value that `JSON.parse` created, or one like it, as serde_json would read its text. `None` if it is not a
/// `T`.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    T::deserialize(JsonValue(value)).ok()
}

struct JsonValue(JsValue);

/// The value has another type than expected.
#[derive(Debug)]
struct Mismatch;

impl Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("another type than expected")
    }
}

impl std::error::Error for Mismatch {}

impl de::Error for Mismatch {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }
}

impl JsonValue {
    fn is_absent(&self) -> bool {
        self.0.is_null() || self.0.is_undefined()
    }

    fn text(&self) -> Result<String, Mismatch> {
        self.0.as_string().ok_or(Mismatch)
    }

    fn integer(&self) -> Result<i64, Mismatch> {
        let number = self.0.as_f64().filter(|_| Number::is_safe_integer(&self.0));
        Ok(number.ok_or(Mismatch)? as i64)
    }
}

/// The key and the value of an entry of an object.
fn split_entry(entry: JsValue) -> (JsonValue, JsonValue) {
    let entry = entry.unchecked_into::<Array>();
    (JsonValue(entry.get(0)), JsonValue(entry.get(1)))
}

impl IntoDeserializer<'_, Mismatch> for JsonValue {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// `deserialize_any` alone would do. The other methods, for the types that documents have, call one method of the
/// visitor each, which compiles to less code.
impl<'de> Deserializer<'de> for JsonValue {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.is_absent() {
            visitor.visit_unit()
        } else if self.0.is_string() {
            self.deserialize_string(visitor)
        } else if let Some(value) = self.0.as_bool() {
            visitor.visit_bool(value)
        } else if let Ok(integer) = self.integer() {
            visitor.visit_i64(integer)
        } else if let Some(number) = self.0.as_f64() {
            visitor.visit_f64(number)
        } else if self.0.is_array() {
            self.deserialize_seq(visitor)
        } else {
            self.deserialize_map(visitor)
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_bool(self.0.as_bool().ok_or(Mismatch)?)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_i64(self.integer()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_i64(self.integer()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_i64(self.integer()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_string(self.text()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.is_absent() {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let items = self.0.dyn_ref::<Array>().ok_or(Mismatch)?;
        visitor.visit_seq(SeqDeserializer::new(items.iter().map(JsonValue)))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let object = self.0.dyn_ref::<Object>().ok_or(Mismatch)?;
        let entries = Object::entries(object).into_iter();
        visitor.visit_map(MapDeserializer::new(entries.map(split_entry)))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_map(visitor)
    }

    /// Variants without content, which are strings.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_enum(self.text()?.into_deserializer())
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u16 u128 f32 f64 char str bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct
    }
}

/// Run by `cargo xtask test wasm`, in Node.js.
#[cfg(all(test, target_arch = "wasm32"))]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::Value;
    use std::collections::BTreeMap;
    use std::fmt::Debug;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[derive(Deserialize, Serialize, Debug, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        First,
        SecondOne,
    }

    #[derive(Deserialize, Serialize, Debug, PartialEq)]
    struct Document {
        id: String,
        count: u64,
        small: u8,
        #[serde(default)]
        on: bool,
        kind: Option<Kind>,
        #[serde(default)]
        list: Vec<Option<String>>,
        #[serde(default)]
        map: BTreeMap<String, u32>,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }

    /// The reader agrees with serde_json about this text: on the value, or that there is none.
    fn assert_read_as_by_serde_json<T: DeserializeOwned + Debug + PartialEq>(text: &str) {
        let expected = serde_json::from_str::<T>(text).ok();
        let value = js_sys::JSON::parse(text).unwrap();
        assert_eq!(from_js::<T>(value), expected, "{text}");
    }

    #[wasm_bindgen_test]
    fn documents_are_read_as_by_serde_json() {
        for text in [
            r#"{"id": "1", "count": 5, "small": 255}"#,
            r#"{"id": "1", "count": 9007199254740991, "small": 0, "on": true, "kind": "second_one"}"#,
            r#"{"id": "", "count": 0, "small": 1, "kind": null, "list": ["a", null], "map": {"x": 1}}"#,
            r#"{"id": "1", "count": 5, "small": 1, "more": {"deep": [1, 2.5, -3, true, null, "x", [], {}]}}"#,
            // None of these is a document.
            r#"{"id": 1, "count": 5, "small": 1}"#,
            r#"{"id": "1", "count": "5", "small": 1}"#,
            r#"{"id": "1", "count": -5, "small": 1}"#,
            r#"{"id": "1", "count": 5.5, "small": 1}"#,
            r#"{"id": "1", "count": 5, "small": 256}"#,
            r#"{"id": "1", "count": 5, "small": 1, "on": 1}"#,
            r#"{"id": "1", "count": 5, "small": 1, "on": null}"#,
            r#"{"id": "1", "count": 5, "small": 1, "kind": "third"}"#,
            r#"{"id": "1", "count": 5, "small": 1, "kind": 1}"#,
            r#"{"id": "1", "count": 5, "small": 1, "list": {"0": "a"}}"#,
            r#"{"id": "1", "count": 5, "small": 1, "list": "a"}"#,
            r#"{"id": "1", "count": 5, "small": 1, "map": ["x"]}"#,
            r#"{"id": "1", "count": 5}"#,
            "{}",
            "null",
            "true",
            "5",
            r#""text""#,
        ] {
            assert_read_as_by_serde_json::<Document>(text);
            assert_read_as_by_serde_json::<Option<Document>>(text);
            assert_read_as_by_serde_json::<Value>(text);
        }
    }

    #[wasm_bindgen_test]
    fn values_that_json_does_not_have_are_no_document() {
        let nothing = js_sys::Function::new_no_args("");
        for value in [
            JsValue::UNDEFINED,
            JsValue::symbol(Some("x")),
            nothing.into(),
            JsValue::from_f64(f64::NAN),
            js_sys::Date::new_0().into(),
        ] {
            assert_eq!(from_js::<Document>(value.clone()), None);
            assert_eq!(from_js::<String>(value), None);
        }
    }

    #[wasm_bindgen_test]
    fn object_that_contains_itself_is_read_as_far_as_is_needed() {
        #[derive(Deserialize, Debug, PartialEq)]
        struct Message {
            id: String,
        }
        let object = Object::new();
        js_sys::Reflect::set(&object, &"id".into(), &"1".into()).unwrap();
        js_sys::Reflect::set(&object, &"self".into(), &object).unwrap();
        let read = from_js::<Message>(object.into());
        assert_eq!(read, Some(Message { id: "1".into() }));
    }

    #[wasm_bindgen_test]
    fn what_is_written_is_what_json_parse_creates() {
        let text = r#"{"id":"1","count":5,"small":1,"on":true,"kind":"first","list":[],"map":{"x":1},"more":[1.5]}"#;
        let document: Document = serde_json::from_str(text).unwrap();
        let written = js_sys::JSON::stringify(&to_js(&document).unwrap()).unwrap();
        let written: Value = serde_json::from_str(&written.as_string().unwrap()).unwrap();
        assert_eq!(written, serde_json::from_str::<Value>(text).unwrap());
    }
}
