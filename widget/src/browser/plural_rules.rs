//! Plural rules of languages, which browsers know.

use js_sys::{Array, Intl::PluralRules, Object};

/// The plural category of a number: `one`, `few`, `other` …
pub fn plural_category(lang: &str, number: u32) -> String {
    let languages = Array::of1(&lang.into());
    let rules = PluralRules::new(&languages, &Object::new());
    rules.select(number.into()).into()
}
