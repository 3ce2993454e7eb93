//! A field of a message, of whatever type it came.

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

/// A string or a whole number. A number is never turned into an id: a long one has lost digits.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Field {
    Text(String),
    Number(u32),
    /// The strings of a list.
    Texts(Vec<String>),
    /// Missing, or of another type.
    #[default]
    Other,
}

impl Field {
    /// The field, if it is a string of at most `max` bytes.
    pub fn text(self, max: usize) -> Option<String> {
        match self {
            Self::Text(text) if text.len() <= max => Some(text),
            _ => None,
        }
    }

    /// The strings of a list, at most fifty.
    pub fn texts(self) -> Vec<String> {
        match self {
            Self::Texts(texts) => texts,
            _ => vec![],
        }
    }

    /// The same, or the digits of a whole number.
    pub fn text_or_number(self, max: usize) -> Option<String> {
        match self {
            Self::Number(number) => Some(number.to_string()),
            _ => self.text(max),
        }
    }

    /// The field, if it is a string that can be parsed.
    pub fn parse<T, E>(&self, parse: fn(&str) -> Result<T, E>) -> Option<T> {
        match self {
            Self::Text(text) => parse(text).ok(),
            _ => None,
        }
    }
}

/// Longest id in a list, in bytes, and how many are read.
const MAX_ID: usize = 24;
const MAX_IDS: usize = 50;

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Field, E> {
        Ok(Field::Text(text.to_owned()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Field, E> {
        Ok(u32::try_from(number).map_or(Field::Other, Field::Number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Field, E> {
        Ok(u32::try_from(number).map_or(Field::Other, Field::Number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Field, E> {
        Ok(Field::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Field, E> {
        Ok(Field::Other)
    }

    fn visit_unit<E>(self) -> Result<Field, E> {
        Ok(Field::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Field, A::Error> {
        let mut texts = Vec::new();
        while let Some(item) = items.next_element()? {
            if let Field::Text(text) = item
                && text.len() <= MAX_ID
                && texts.len() < MAX_IDS
            {
                texts.push(text);
            }
        }
        Ok(Field::Texts(texts))
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Field, A::Error> {
        IgnoredAny.visit_map(entries)?;
        Ok(Field::Other)
    }
}
