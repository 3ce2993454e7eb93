//! The words a person reads. They live in `www/locales/<lang>.json`, one flat object of sentences with
//! `{placeholders}`; the code knows only their keys.

use crate::{doc::Doc, json::join};

pub trait Words {
    fn find(&self, key: &str) -> Option<String>;

    /// The words of a key; nothing where a locale file lacks it, never the key.
    fn get(&self, key: &str) -> String {
        self.find(key).unwrap_or_default()
    }

    /// The words of a key with the value in place of its one `{placeholder}`.
    fn fill(&self, key: &str, value: &str) -> String {
        let words = self.get(key);
        match words.split_once('{') {
            // One placeholder a sentence: what stands between the braces is its name.
            Some((before, rest)) => join(&[before, value, rest.split_once('}').unwrap_or_default().1]),
            None => words,
        }
    }

    /// The words of `<group>.<word>`, or of `<group>.unknown` where this build does not know the word.
    fn of(&self, group: &str, word: &str) -> String {
        self.find(&join(&[group, ".", word])).unwrap_or_else(|| self.get(&join(&[group, ".unknown"])))
    }
}

impl<D: Doc> Words for D {
    fn find(&self, key: &str) -> Option<String> {
        self.text_of(key)
    }
}

/// Whether a language is written from right to left.
pub fn is_rtl(lang: &str) -> bool {
    let primary = lang.split(['-', '_']).next().unwrap_or_default();
    matches!(primary, "ar" | "he" | "fa" | "ur")
}
