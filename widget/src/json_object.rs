//! Writing small JSON objects: the bodies of posts and the details of events.

use alloc::string::String;

/// A JSON object under construction.
pub struct JsonObject(String);

impl JsonObject {
    pub fn new() -> Self {
        Self(String::from("{"))
    }

    pub fn string(&mut self, key: &str, value: &str) {
        self.key(key);
        push_quoted(&mut self.0, value);
    }

    /// Adds nothing for `None`.
    pub fn optional_string(&mut self, key: &str, value: Option<&String>) {
        if let Some(value) = value {
            self.string(key, value);
        }
    }

    /// A value that is JSON already: a number, an object, a list.
    pub fn raw(&mut self, key: &str, json: &str) {
        self.key(key);
        self.0.push_str(json);
    }

    pub fn boolean(&mut self, key: &str, value: bool) {
        self.raw(key, if value { "true" } else { "false" });
    }

    pub fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        push_quoted(&mut self.0, key);
        self.0.push(':');
    }
}

/// A JSON object with one string.
pub fn object(key: &str, value: &str) -> JsonObject {
    let mut object = JsonObject::new();
    object.string(key, value);
    object
}

/// Appends a JSON string. Text between two escapes is copied as a whole.
fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if byte < b' ' || byte == b'"' || byte == b'\\' {
            out.push_str(text.get(from..at).unwrap_or_default());
            out.push_str("\\u00");
            out.push(hex_digit(byte >> 4));
            out.push(hex_digit(byte & 15));
            from = at + 1;
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out.push('"');
}

fn hex_digit(value: u8) -> char {
    char::from_digit(u32::from(value), 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_with_any_text_is_valid_json() {
        for text in [
            "",
            "plain",
            "\"quoted\" \\ back",
            "tab\tline\nnul\u{0}\u{1f}",
            "سلام 🌱",
        ] {
            let mut written = object("a", text);
            written.optional_string("b", None);
            written.boolean("c", true);
            let read: serde_json::Value = serde_json::from_str(&written.finish()).unwrap();
            assert_eq!(read, serde_json::json!({"a": text, "c": true}), "{text:?}");
        }
        assert_eq!(JsonObject::new().finish(), "{}");
    }
}
