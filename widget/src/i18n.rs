//! The words a person reads. They live in `www/locales/<lang>.json`, one flat object of sentences with
//! `{placeholders}`; the code knows only their keys.

use alloc::string::String;
use crate::{doc::Doc, json::{cut, join}};

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
            Some((before, rest)) => join(&[before, value, cut(rest, b'}').unwrap_or_default().1]),
            None => words,
        }
    }

    /// The words of `<group>.<word>`, or of `<group>.unknown` where this build does not know the word.
    pub fn of(&self, group: &str, word: &str) -> String {
        self.find(&join(&[group, ".", word])).unwrap_or_else(|| self.get(&join(&[group, ".unknown"])))
    }
}

/// Whether a language is written from right to left.
pub fn is_rtl(lang: &str) -> bool {
    matches!(lang.get(..2), Some("ar" | "he" | "fa" | "ur"))
}
