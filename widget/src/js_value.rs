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

/// Reads a value that `JSON.parse` created, or one like it. `None` if it is not a `T`.
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
