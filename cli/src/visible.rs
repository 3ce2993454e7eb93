//! Text of a server as a terminal may have it: what a terminal would obey, or not show, is written as an escape.

use std::fmt::Write as _;
use std::io::{self, Write};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// A text of a server within a line of ours: each control character, line break, character that changes the direction of
/// writing, and invisible character is its escape, as `\u{1b}`.
pub fn visible(text: &str) -> String {
    escape(text, |_| false)
}

/// As [`visible`], but line breaks are kept: the text is ours, and those of a server in it are visible already.
pub fn visible_lines(text: &str) -> String {
    escape(text, |character| character == '\n')
}

/// As [`visible_lines`], for the text of a JSON document: the escapes are those of JSON, so that it stays the same document.
pub fn visible_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || is_visible(character) {
            text.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string does not fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}

/// Writes lines of text as [`visible_lines`] or [`visible_json`] has them.
pub struct VisibleWriter<W> {
    output: W,
    escape: fn(&str) -> String,
    /// The line that has not ended yet.
    line: Vec<u8>,
}

impl<W: Write> VisibleWriter<W> {
    /// `escape`: one of those functions.
    pub fn new(output: W, escape: fn(&str) -> String) -> Self {
        Self {
            output,
            escape,
            line: Vec::new(),
        }
    }

    fn write_escaped(&mut self, bytes: &[u8]) -> io::Result<()> {
        let text = (self.escape)(&String::from_utf8_lossy(bytes));
        self.output.write_all(text.as_bytes())
    }
}

impl<W: Write> Write for VisibleWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        if let Some(end) = self.line.iter().rposition(|byte| *byte == b'\n') {
            let rest = self.line.split_off(end + 1);
            let lines = std::mem::replace(&mut self.line, rest);
            self.write_escaped(&lines)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let line = std::mem::take(&mut self.line);
        self.write_escaped(&line)?;
        self.output.flush()
    }
}

fn escape(text: &str, is_kept: fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match is_kept(character) || is_visible(character) {
            true => escaped.push(character),
            false => escaped.extend(character.escape_unicode()),
        }
    }
    escaped
}

fn is_visible(character: char) -> bool {
    !matches!(
        character.general_category(),
        GeneralCategory::Control
            | GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// Of C0, DEL, C1, the direction of writing, joiners, separators and tags.
    const OBEYED_OR_INVISIBLE: [char; 13] = [
        '\u{0}',
        '\u{7}',
        '\r',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{9b}',
        '\u{200b}',
        '\u{202e}',
        '\u{2028}',
        '\u{2066}',
        '\u{feff}',
        '\u{e0041}',
    ];

    #[test]
    fn character_that_a_terminal_obeys_or_does_not_show_is_escaped() {
        for character in OBEYED_OR_INVISIBLE {
            let expected = format!("a{}b", character.escape_unicode());
            let text = format!("a{character}b");
            assert_eq!(visible(&text), expected);
            assert_eq!(visible_lines(&text), expected);
        }
    }

    #[test]
    fn text_of_any_script_is_kept() {
        for text in [
            "Café ü €",
            "Łódź",
            "שלום",
            "مرحبا",
            "नमस्ते",
            "日本",
            "😀",
            "a\\b \u{a0}",
        ] {
            assert_eq!(visible(text), text);
            assert_eq!(visible_json(text), text);
        }
    }

    #[test]
    fn line_break_is_kept_only_where_the_text_is_ours() {
        assert_eq!(visible("a\nb"), "a\\u{a}b");
        assert_eq!(visible_lines("a\nb"), "a\nb");
    }

    #[test]
    fn writer_escapes_each_line_whatever_the_parts_it_gets() -> io::Result<()> {
        let text = "id,name\na,\u{1b}[2Jü\u{9b}\n\u{202e}";
        for size in [1, 3, 100] {
            let mut output = Vec::new();
            let mut writer = VisibleWriter::new(&mut output, visible_lines);
            for part in text.as_bytes().chunks(size) {
                writer.write_all(part)?;
            }
            writer.flush()?;
            assert_eq!(output, visible_lines(text).as_bytes());
        }
        Ok(())
    }

    #[test]
    fn json_with_escapes_is_visible_and_the_same_document() -> serde_json::Result<()> {
        let text: String = OBEYED_OR_INVISIBLE.iter().collect();
        let document = json!({ &text: [format!("{text}\n")] });
        for json in [
            document.to_string(),
            serde_json::to_string_pretty(&document)?,
        ] {
            let json = visible_json(&json);
            assert_eq!(visible_lines(&json), json);
            assert!(
                json.contains("\\u009b") && json.contains("\\udb40\\udc41"),
                "{json}"
            );
            assert_eq!(serde_json::from_str::<Value>(&json)?, document);
        }
        Ok(())
    }
}
