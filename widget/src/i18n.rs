//! The words a person reads. They live in `www/locales/<lang>.json`, one flat object of sentences with
//! `{placeholders}`; the code knows only their keys.

use crate::{
    doc::Doc,
    json::{cut, decimal, join},
};
use alloc::string::String;

/// A locale file.
pub struct Words(pub Doc);

impl Words {
    pub fn find(&self, key: &str) -> Option<String> {
        self.0.text_of(key)
    }

    /// The words of a key; nothing where a locale file lacks it, never the key.
    pub fn get(&self, key: &str) -> String {
        self.0.text_or_empty(key)
    }

    /// The words of a key with the value in place of its one `{placeholder}`.
    pub fn fill(&self, key: &str, value: &str) -> String {
        let words = self.get(key);
        match cut(&words, b'{') {
            Some((before, rest)) => {
                // A number keeps its own direction inside a sentence from right to left.
                let (begin, end) = if self.is_rtl() {
                    ("\u{2068}", "\u{2069}")
                } else {
                    ("", "")
                };
                join(&[
                    before,
                    begin,
                    value,
                    end,
                    cut(rest, b'}').unwrap_or_default().1,
                ])
            }
            None => words,
        }
    }

    /// The words of `<group>.<plural category>` for a number of things, which takes the place of the hole.
    pub fn count(&self, group: &str, number: u32) -> String {
        let of = |category: &str| join(&[group, ".", category]);
        let key = of(&category(&self.get("lang"), number));
        let key = if self.find(&key).is_some() {
            key
        } else {
            of("other")
        };
        self.fill(&key, &decimal(number))
    }

    /// Whether the language is written from right to left.
    pub fn is_rtl(&self) -> bool {
        matches!(self.get("lang").get(..2), Some("ar" | "he" | "fa" | "ur"))
    }

    /// The words of `<group>.<word>`, or of `<group>.unknown` where this build does not know the word.
    pub fn of(&self, group: &str, word: &str) -> String {
        self.find(&join(&[group, ".", word]))
            .unwrap_or_else(|| self.get(&join(&[group, ".unknown"])))
    }
}

/// The plural category of a number, by the browser's own rules.
#[cfg(not(test))]
fn category(lang: &str, number: u32) -> String {
    crate::page::category(lang, number)
        .as_string()
        .unwrap_or_default()
}

/// English and French, for the tests.
#[cfg(test)]
fn category(lang: &str, number: u32) -> String {
    let one = number == 1 || number == 0 && lang == "fr";
    if one { "one" } else { "other" }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_locale_lacks_is_empty_or_unknown_and_never_a_key() {
        let words = Words(Doc(
            json!({"lang": "en", "a": "Next try in {time}.", "b": "plain", "g.unknown": "?"}),
        ));
        assert_eq!(words.fill("a", "1:00"), "Next try in 1:00.");
        assert_eq!(words.fill("a", "{x}"), "Next try in {x}.");
        assert_eq!(
            (words.fill("b", "1"), words.fill("c", "1")),
            ("plain".into(), "".into())
        );
        assert_eq!(
            (words.of("g", "new"), words.get("g.new")),
            ("?".into(), "".into())
        );
    }

    #[test]
    fn things_are_counted_as_the_language_counts_them() {
        let of = |words: serde_json::Value, number| Words(Doc(words)).count("n", number);
        let en = json!({"lang": "en", "n.one": "{n} try", "n.other": "{n} tries"});
        assert_eq!(of(en.clone(), 1), "1 try");
        assert_eq!(of(en, 0), "0 tries");
        let fr = json!({"lang": "fr", "n.one": "{n} essai", "n.other": "{n} essais"});
        assert_eq!(of(fr, 0), "0 essai");
        // A category that the file does not have, and a form that needs no digits.
        assert_eq!(of(json!({"lang": "ja", "n.other": "{n}回"}), 1), "1回");
        assert_eq!(of(json!({"lang": "he", "n.one": "אחד"}), 1), "אחד");
    }

    #[test]
    fn numbers_keep_their_direction_in_arabic() {
        let words = Words(Doc(json!({"lang": "ar", "a": "{n} x"})));
        assert!(words.is_rtl());
        assert_eq!(words.fill("a", "+1"), "\u{2068}+1\u{2069} x");
    }
}
