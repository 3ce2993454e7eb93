//! The locale files, held against the English one: the same keys, the same holes, the plural forms of the
//! language, nothing left in English, nothing that a page would have to escape.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

type Words = Map<String, Value>;

fn folder() -> String {
    format!("{}/../www/locales", env!("CARGO_MANIFEST_DIR"))
}

fn locale(lang: &str) -> Words {
    let text = std::fs::read_to_string(format!("{}/{lang}.json", folder())).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{lang}: {error}"))
}

/// Every locale file by its name.
fn locales() -> Vec<(String, Words)> {
    let files = std::fs::read_dir(folder()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut all: Vec<_> = names
        .map(|name| name.strip_suffix(".json").expect(&name).to_owned())
        .map(|lang| (lang.clone(), locale(&lang)))
        .collect();
    all.sort_by(|one, other| one.0.cmp(&other.0));
    all
}

/// `<group>` of `<group>.<plural category>`: a group that has the form every language has.
fn counted<'k>(words: &Words, key: &'k str) -> Option<(&'k str, &'k str)> {
    let (group, form) = key.rsplit_once('.')?;
    let is_form = FORMS.contains(&form) && words.contains_key(&format!("{group}.other"));
    is_form.then_some((group, form))
}

/// The `{placeholders}` of a sentence.
fn holes(text: &str) -> BTreeSet<&str> {
    let parts = text.split('{').skip(1);
    parts
        .map(|part| part.split_once('}').expect(text).0)
        .collect()
}

#[test]
fn there_is_a_file_for_each_language_of_the_flow() {
    let names: Vec<_> = locales().into_iter().map(|(lang, _)| lang).collect();
    let known: Vec<_> = CATEGORIES.iter().map(|(lang, _)| *lang).collect();
    assert_eq!(names, known);
    assert_eq!(names.len(), 31);
}

#[test]
fn every_file_has_the_keys_of_the_english_one() {
    let plain = |words: &Words| -> BTreeSet<String> {
        let keys = words.keys().filter(|key| counted(words, key).is_none());
        keys.cloned().collect()
    };
    let groups = |words: &Words| -> BTreeSet<String> {
        let keys = words.keys().filter_map(|key| counted(words, key));
        keys.map(|(group, _)| group.to_owned()).collect()
    };
    let en = locale("en");
    assert_eq!(groups(&en).len(), 1, "what is counted: {:?}", groups(&en));
    for (lang, words) in locales() {
        assert_eq!(words["lang"], lang.as_str());
        assert_eq!(plain(&words), plain(&en), "{lang}");
        assert_eq!(groups(&words), groups(&en), "{lang}");
    }
}

#[test]
fn a_counted_thing_has_each_plural_form_of_its_language_and_no_other() {
    for (lang, wanted) in CATEGORIES {
        let words = locale(lang);
        let forms = |group: &str| -> BTreeSet<&str> {
            let keys = words.keys().filter_map(|key| counted(&words, key));
            keys.filter(|(one, _)| *one == group)
                .map(|(_, form)| form)
                .collect()
        };
        let wanted: BTreeSet<&str> = wanted.split(' ').collect();
        for (group, _) in words.keys().filter_map(|key| counted(&words, key)) {
            assert_eq!(forms(group), wanted, "{lang} {group}");
        }
    }
}

#[test]
fn every_sentence_has_the_holes_of_the_english_one() {
    let en = locale("en");
    for (lang, words) in locales() {
        for (key, text) in &words {
            let text = text.as_str().unwrap();
            let (english, may_be_plain) = match counted(&words, key) {
                // "One try left" needs no digit.
                Some((group, form)) => (
                    &en[&format!("{group}.other")],
                    matches!(form, "zero" | "one" | "two"),
                ),
                None => (&en[key], false),
            };
            let wanted = holes(english.as_str().unwrap());
            let fits = holes(text) == wanted || may_be_plain && holes(text).is_empty();
            assert!(fits, "{lang} {key}: {text}");
            assert!(wanted.len() <= 1, "a sentence has one hole at most: {key}");
        }
    }
}

#[test]
fn sentences_are_whole_and_none_is_left_in_english() {
    let en = locale("en");
    for (lang, words) in locales() {
        for (key, text) in &words {
            let text = text.as_str().unwrap();
            assert_eq!(text, text.trim(), "{lang} {key}");
            assert!(!text.is_empty(), "{lang} {key}");
            let odd = text.contains(['<', '>', '&', '\'', '"', '\\', '\t']) || text.contains("  ");
            assert!(!odd, "{lang} {key}: {text}");
            // Product names and words that a language shares with English.
            let may_be_same = text.split(' ').count() < 3 || text.starts_with("WhatsApp");
            let same = lang != "en" && key != "lang" && en.get(key) == Some(&text.into());
            assert!(!same || may_be_same, "{lang} {key} is English: {text}");
        }
        let button = words["start.button"].as_str().unwrap();
        assert!(button.chars().count() <= 32, "{lang}: {button}");
    }
}

#[test]
fn a_language_from_right_to_left_is_written_in_its_own_letters() {
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
