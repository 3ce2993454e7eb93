//! The text a person reads. It is in `www/locales/<lang>.json`, one flat object of sentences with at most
//! one `{placeholder}` each; the code knows only the keys.

use std::collections::BTreeMap;

/// A locale file.
pub struct Messages {
    texts: BTreeMap<String, String>,
    plural_category: PluralCategory,
    describe_time: Option<DescribeTime>,
}

/// Returns a time of the near future in a language, by day and hour. The arguments: the language, Unix milliseconds, and
/// how many milliseconds are left; `None`: the time of day alone.
pub type DescribeTime = fn(lang: &str, at: u64, left: Option<u64>) -> Option<String>;

/// Returns the plural category of a number in a language: `one`, `few`, `other` … (Unicode CLDR).
pub type PluralCategory = fn(lang: &str, number: u32) -> String;

impl Messages {
    /// `texts` is the object in a locale file.
    pub fn new(texts: BTreeMap<String, String>, plural_category: PluralCategory) -> Self {
        Self {
            texts,
            plural_category,
            describe_time: None,
        }
    }

    /// With a description of times.
    pub fn with_times(self, describe_time: DescribeTime) -> Self {
        Self {
            describe_time: Some(describe_time),
            ..self
        }
    }

    /// See [`DescribeTime`]. `None` where nothing can describe it.
    pub fn describe_time(&self, at: u64, left: Option<u64>) -> Option<String> {
        self.describe_time?(self.lookup("lang"), at, left)
    }

    pub fn lookup_optional(&self, key: &str) -> Option<&str> {
        self.texts.get(key).map(String::as_str)
    }

    /// The message of a key; empty if the locale file lacks it, never the key.
    pub fn lookup(&self, key: &str) -> &str {
        self.lookup_optional(key).unwrap_or_default()
    }

    /// The message of `<group>.<name>`, or of `<group>.unknown` if this build does not know the name.
    pub fn lookup_or_unknown(&self, group: &str, name: &str) -> &str {
        self.lookup_optional(&[group, ".", name].concat())
            .unwrap_or_else(|| self.lookup(&[group, ".unknown"].concat()))
    }

    /// The message of a key with its placeholder replaced by the value.
    pub fn format(&self, key: &str, value: &str) -> String {
        let message = self.lookup(key);
        let Some((before, rest)) = message.split_once('{') else {
            return message.to_owned();
        };
        let after = rest.split_once('}').unwrap_or_default().1;
        // Unicode isolates keep the direction of a number inside right-to-left text.
        let (begin, end) = if self.is_rtl() {
            ("\u{2068}", "\u{2069}")
        } else {
            ("", "")
        };
        [before, begin, value, end, after].concat()
    }

    /// The message of `<group>.<plural category>` for this number, which replaces its placeholder.
    pub fn plural(&self, group: &str, number: u32) -> String {
        let key_of = |category: &str| [group, ".", category].concat();
        let key = key_of(&(self.plural_category)(self.lookup("lang"), number));
        let key = if self.lookup_optional(&key).is_some() {
            key
        } else {
            key_of("other")
        };
        self.format(&key, &number.to_string())
    }

    /// Whether the language is written from right to left.
    pub fn is_rtl(&self) -> bool {
        matches!(
            self.lookup("lang").get(..2),
            Some("ar" | "he" | "fa" | "ur")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    /// A locale file in a browser that knows the plural rules of English and French.
    fn messages(file: &Value) -> Messages {
        let category = |lang: &str, number| {
            let one = number == 1 || number == 0 && lang == "fr";
            if one { "one" } else { "other" }.to_owned()
        };
        Messages::new(serde_json::from_value(file.clone()).unwrap(), category)
    }

    #[test]
    fn missing_message_is_empty_or_unknown() {
        let messages = messages(
            &json!({"lang": "en", "a": "Next try in {time}.", "b": "plain", "g.unknown": "?"}),
        );
        assert_eq!(messages.format("a", "1:00"), "Next try in 1:00.");
        assert_eq!(messages.format("a", "{x}"), "Next try in {x}.");
        assert_eq!(
            (messages.format("b", "1"), messages.format("c", "1")),
            ("plain".into(), "".into())
        );
        assert_eq!(
            (
                messages.lookup_or_unknown("g", "new"),
                messages.lookup("g.new")
            ),
            ("?", "")
        );
    }

    #[test]
    fn plural_uses_the_category_of_the_language() {
        let plural = |file: Value, number| messages(&file).plural("n", number);
        let en = json!({"lang": "en", "n.one": "{n} try", "n.other": "{n} tries"});
        assert_eq!(plural(en.clone(), 1), "1 try");
        assert_eq!(plural(en, 0), "0 tries");
        let fr = json!({"lang": "fr", "n.one": "{n} essai", "n.other": "{n} essais"});
        assert_eq!(plural(fr, 0), "0 essai");
        // A category that the file does not have, and a form without digits.
        assert_eq!(plural(json!({"lang": "ja", "n.other": "{n}回"}), 1), "1回");
        assert_eq!(plural(json!({"lang": "he", "n.one": "אחד"}), 1), "אחד");
    }

    #[test]
    fn number_in_arabic_message_is_isolated() {
        let messages = messages(&json!({"lang": "ar", "a": "{n} x"}));
        assert!(messages.is_rtl());
        assert_eq!(messages.format("a", "+1"), "\u{2068}+1\u{2069} x");
    }
}
