//! Escapes of half a character. JSON's grammar has them (<https://www.rfc-editor.org/rfc/rfc8259#section-8.2>), names and
//! messages of end users that were cut in the middle of an emoji contain them, and serde_json refuses them.

use std::borrow::Cow;

/// The JSON text with U+FFFD in place of each surrogate that has no partner.
pub(super) fn replace_lone_surrogates(json: &str) -> Cow<'_, str> {
    let mut replaced = String::new();
    let (mut copied, mut at) = (0, 0);
    while let Some(found) = json.get(at..).and_then(|rest| rest.find('\\')) {
        let escape = at + found;
        let Some(unit) = code_unit(json, escape) else {
            // Of another escape the next character is a part.
            at = escape + 2;
            continue;
        };
        at = escape + ESCAPE;
        match unit {
            0xD800..=0xDBFF if matches!(code_unit(json, at), Some(0xDC00..=0xDFFF)) => at += ESCAPE,
            0xD800..=0xDFFF => {
                replaced.push_str(json.get(copied..escape).unwrap_or_default());
                replaced.push_str("\\ufffd");
                copied = at;
            }
            _ => {}
        }
    }
    if copied == 0 {
        return Cow::Borrowed(json);
    }
    replaced.push_str(json.get(copied..).unwrap_or_default());
    Cow::Owned(replaced)
}

/// The number of the escape `\uXXXX` at this position. `None`: there is none.
fn code_unit(json: &str, at: usize) -> Option<u16> {
    let digits = json.get(at..at + ESCAPE)?.strip_prefix("\\u")?;
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hexadecimal.then(|| u16::from_str_radix(digits, 16).ok())?
}

/// In bytes.
const ESCAPE: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_of_characters_are_replaced_and_nothing_else() {
        for (json, expected) in [
            (r#"{"a":"plain"}"#, r#"{"a":"plain"}"#),
            (r#""\ud83d""#, r#""\ufffd""#),
            (r#""\uDE00 b""#, r#""\ufffd b""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ude00\ud83d""#, r#""\ufffd\ufffd""#),
            // A backslash, then text.
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\\\ud83d""#, r#""\\\ufffd""#),
            (r#""\n\u00e9\ud83d\n""#, r#""\n\u00e9\ufffd\n""#),
            // Not JSON: left to the parser.
            (r#""\ud8"#, r#""\ud8"#),
            (r#""\ud83é""#, r#""\ud83é""#),
            ("\\", "\\"),
            ("", ""),
        ] {
            assert_eq!(replace_lone_surrogates(json), expected, "{json}");
        }
    }
}
