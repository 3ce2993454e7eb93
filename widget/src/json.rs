//! Writing text without formatting machinery: small JSON objects (the bodies of our posts, the options of
//! `fetch`, the details of our events) and decimal numbers.

use alloc::string::String;

/// A JSON object being written. Fields that are absent are left out.
pub struct Object(String);

impl Object {
    pub fn new() -> Self {
        Self(String::from("{"))
    }

    pub fn text(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        quote(&mut self.0, value);
        self
    }

    pub fn maybe(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// A value that is JSON already: a number, a flag, an object, a list.
    pub fn raw(mut self, key: &str, json: &str) -> Self {
        self.key(key);
        self.0.push_str(json);
        self
    }

    pub fn flag(self, key: &str, value: bool) -> Self {
        self.raw(key, if value { "true" } else { "false" })
    }

    pub fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        quote(&mut self.0, key);
        self.0.push(':');
    }
}

/// Appends a number's decimal digits.
pub fn digits(out: &mut String, number: u32) {
    if number > 9 {
        digits(out, number / 10);
    }
    out.push(char::from(b'0' + (number % 10) as u8));
}

/// A number's decimal digits.
pub fn decimal(number: u32) -> String {
    let mut text = String::new();
    digits(&mut text, number);
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

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\u{0}'..='\u{1f}' => {
                let code = c as u8;
                out.push_str("\\u00");
                for nibble in [code >> 4, code & 15] {
                    out.push(char::from(nibble + if nibble > 9 { b'a' - 10 } else { b'0' }));
                }
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_json_whatever_the_text() {
        for text in ["", "plain", "\"quoted\" \\ back", "tab\tline\nnul\u{0}\u{1f}", "سلام 🌱"] {
            let written = Object::new().text("a", text).maybe("b", None).flag("c", true).end();
            let read: serde_json::Value = serde_json::from_str(&written).unwrap();
            assert_eq!(read, serde_json::json!({"a": text, "c": true}), "{text:?}");
        }
        assert_eq!(Object::new().end(), "{}");
    }

    #[test]
    fn numbers_have_all_their_digits() {
        for number in [0, 7, 10, 1000, u32::MAX] {
            assert_eq!(decimal(number), number.to_string());
        }
    }
}
