//! Checks of the locale files against the English one: the same keys and placeholders, the plural forms of
//! the language, no message left in English, no character that HTML would have to escape.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

type Messages = Map<String, Value>;

fn folder() -> String {
    format!("{}/../www/locales", env!("CARGO_MANIFEST_DIR"))
}

fn locale(lang: &str) -> Messages {
    let text = std::fs::read_to_string(format!("{}/{lang}.json", folder())).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{lang}: {error}"))
}

/// Every locale file by its name.
fn locales() -> Vec<(String, Messages)> {
    let files = std::fs::read_dir(folder()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut all: Vec<_> = names
        .map(|name| name.strip_suffix(".json").expect(&name).to_owned())
        .map(|lang| (lang.clone(), locale(&lang)))
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

/// Splits the key of a plural form, `<group>.<category>`. A group is one that has `<group>.other`.
fn plural_form<'k>(messages: &Messages, key: &'k str) -> Option<(&'k str, &'k str)> {
    let (group, form) = key.rsplit_once('.')?;
    let is_form = FORMS.contains(&form) && messages.contains_key(&format!("{group}.other"));
    is_form.then_some((group, form))
}

/// The `{placeholders}` of a message.
fn placeholders(text: &str) -> BTreeSet<&str> {
    let parts = text.split('{').skip(1);
    parts
        .map(|part| part.split_once('}').expect(text).0)
        .collect()
}

#[test]
fn locale_files_cover_every_language() {
    let names: Vec<_> = locales().into_iter().map(|(lang, _)| lang).collect();
    let known: Vec<_> = CATEGORIES.iter().map(|(lang, _)| *lang).collect();
    assert_eq!(names, known);
    assert_eq!(names.len(), 31);
}

#[test]
fn locale_keys_equal_english_keys() {
    let plain = |messages: &Messages| -> BTreeSet<String> {
        let keys = messages
            .keys()
            .filter(|key| plural_form(messages, key).is_none());
        keys.cloned().collect()
    };
    let groups = |messages: &Messages| -> BTreeSet<String> {
        let keys = messages.keys().filter_map(|key| plural_form(messages, key));
        keys.map(|(group, _)| group.to_owned()).collect()
    };
    let en = locale("en");
    assert_eq!(groups(&en).len(), 2, "groups: {:?}", groups(&en));
    for (lang, messages) in locales() {
        assert_eq!(messages["lang"], lang.as_str());
        assert_eq!(plain(&messages), plain(&en), "{lang}");
        assert_eq!(groups(&messages), groups(&en), "{lang}");
    }
}

#[test]
fn plural_forms_equal_categories_of_language() {
    for (lang, expected) in CATEGORIES {
        let messages = locale(lang);
        let forms = |group: &str| -> BTreeSet<&str> {
            let keys = messages
                .keys()
                .filter_map(|key| plural_form(&messages, key));
            keys.filter(|(one, _)| *one == group)
                .map(|(_, form)| form)
                .collect()
        };
        let expected: BTreeSet<&str> = expected.split(' ').collect();
        for (group, _) in messages
            .keys()
            .filter_map(|key| plural_form(&messages, key))
        {
            assert_eq!(forms(group), expected, "{lang} {group}");
        }
    }
}

#[test]
fn placeholders_equal_english_placeholders() {
    let en = locale("en");
    for (lang, messages) in locales() {
        for (key, text) in &messages {
            let text = text.as_str().unwrap();
            let (english, may_omit) = match plural_form(&messages, key) {
                // "One try left" needs no digit.
                Some((group, form)) => (
                    &en[&format!("{group}.other")],
                    matches!(form, "zero" | "one" | "two"),
                ),
                None => (&en[key], false),
            };
            let expected = placeholders(english.as_str().unwrap());
            let fits = placeholders(text) == expected || may_omit && placeholders(text).is_empty();
            assert!(fits, "{lang} {key}: {text}");
            assert!(expected.len() <= 1, "more than one placeholder: {key}");
        }
    }
}

#[test]
fn messages_are_trimmed_and_translated() {
    let en = locale("en");
    for (lang, messages) in locales() {
        for (key, text) in &messages {
            let text = text.as_str().unwrap();
            assert_eq!(text, text.trim(), "{lang} {key}");
            assert!(!text.is_empty(), "{lang} {key}");
            let has_markup =
                text.contains(['<', '>', '&', '\'', '"', '\\', '\t']) || text.contains("  ");
            assert!(!has_markup, "{lang} {key}: {text}");
            // Product names and messages that a language shares with English.
            let may_be_same = text.split(' ').count() < 3 || text.starts_with("WhatsApp");
            let same = lang != "en" && key != "lang" && en.get(key) == Some(&text.into());
            assert!(!same || may_be_same, "{lang} {key} is English: {text}");
        }
        let button = messages["start.button"].as_str().unwrap();
        assert!(button.chars().count() <= 32, "{lang}: {button}");
    }
}

#[test]
fn rtl_messages_use_own_script() {
    for (lang, first, last) in [("ar", '\u{600}', '\u{6ff}'), ("he", '\u{590}', '\u{5ff}')] {
        for (key, text) in locale(lang) {
            let own = text
                .as_str()
                .unwrap()
                .contains(|c: char| (first..=last).contains(&c));
            assert!(own || key == "lang", "{lang} {key}: {text}");
        }
    }
}

const FORMS: &[&str] = &["zero", "one", "two", "few", "many", "other"];

/// Which plural forms whole numbers take (Unicode CLDR, "Language Plural Rules"), and `other`, which takes
/// the place of a form that a browser knows and we do not.
const CATEGORIES: &[(&str, &str)] = &[
    ("ar", "zero one two few many other"),
    ("cs", "one few other"),
    ("da", "one other"),
    ("de", "one other"),
    ("el", "one other"),
    ("en", "one other"),
    ("es", "one other"),
    ("es-419", "one other"),
    ("fi", "one other"),
    ("fr", "one other"),
    ("he", "one two other"),
    ("hi", "one other"),
    ("hu", "one other"),
    ("id", "other"),
    ("it", "one other"),
    ("ja", "other"),
    ("ko", "other"),
    ("nb", "one other"),
    ("nl", "one other"),
    ("pl", "one few many other"),
    ("pt-BR", "one other"),
    ("pt-PT", "one other"),
    ("ro", "one few other"),
    ("ru", "one few many other"),
    ("sv", "one other"),
    ("th", "other"),
    ("tr", "one other"),
    ("vi", "other"),
    ("zh-CN", "other"),
    ("zh-HK", "other"),
    ("zh-TW", "other"),
];
