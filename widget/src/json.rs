//! Writing text without formatting machinery: small JSON objects (the bodies of our posts, the options of
//! `fetch`, the details of our events) and decimal numbers.

// `push` knows all of UTF-8, which is more than is needed here.
#![allow(clippy::single_char_add_str)]

use alloc::string::String;

/// A JSON object being written. Fields that are absent are left out.
pub struct Object(String);

impl Object {
    pub fn new() -> Self {
        Self(String::from("{"))
    }

    pub fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        quote(&mut self.0, value);
    }

    pub fn maybe(&mut self, key: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    /// A value that is JSON already: a number, a flag, an object, a list.
    pub fn raw(&mut self, key: &str, json: &str) {
        self.key(key);
        self.0.push_str(json);
    }

    pub fn flag(&mut self, key: &str, value: bool) {
        self.raw(key, if value { "true" } else { "false" });
    }

    pub fn end(mut self) -> String {
        self.0.push_str("}");
        self.0
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push_str(",");
        }
        quote(&mut self.0, key);
        self.0.push_str(":");
    }
}

/// A JSON object of one text.
pub fn object(key: &str, value: &str) -> Object {
    let mut object = Object::new();
    object.text(key, value);
    object
}

/// A number's decimal digits.
pub fn decimal(number: u32) -> String {
    let mut text = if number > 9 {
        decimal(number / 10)
    } else {
        String::new()
    };
    text.push_str(nth("0123456789", number % 10));
    text
}

/// The parts one after the other.
pub fn join(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
    }
    text
}

/// What stands before and after the first of these ASCII characters.
pub fn cut(text: &str, at: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|b| b == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// Copies what needs no escape in one piece each.
fn quote(out: &mut String, text: &str) {
    out.push_str("\"");
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte < b' ' || byte == b'"' || byte == b'\\' {
            out.push_str(text.get(from..at).unwrap_or_default());
            out.push_str("\\u00");
            out.push_str(nth(HEX, u32::from(byte >> 4)));
            out.push_str(nth(HEX, u32::from(byte & 15)));
            from = at + 1;
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out.push_str("\"");
}

const HEX: &str = "0123456789abcdef";

fn nth(digits: &str, at: u32) -> &str {
    digits.get(at as usize..at as usize + 1).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json_whatever_the_text() {
        for text in [
            "",
            "plain",
            "\"quoted\" \\ back",
            "tab\tline\nnul\u{0}\u{1f}",
            "سلام 🌱",
        ] {
            let mut written = object("a", text);
            written.maybe("b", None);
            written.flag("c", true);
            let read: serde_json::Value = serde_json::from_str(&written.end()).unwrap();
            assert_eq!(read, serde_json::json!({"a": text, "c": true}), "{text:?}");
        }
        assert_eq!(Object::new().end(), "{}");
    }

    #[test]
    fn cuts() {
        assert_eq!(cut("a.b.c", b'.'), Some(("a", "b.c")));
        assert_eq!(cut("é{n}", b'{'), Some(("é", "n}")));
        assert_eq!(cut("none", b'.'), None);
    }

    #[test]
    fn numbers_have_all_their_digits() {
        for number in [0, 7, 10, 1000, u32::MAX] {
            assert_eq!(decimal(number), number.to_string());
        }
    }
}
