//! The patterns and lengths of ids are their rules.

use embark_protocol::{
    AppKey, BadId, InvitationId, MetaAppId, Reference, SignupId, SiteId, WabaId,
};
use regex_lite::Regex;
use serde_json::Value;
use utoipa::PartialSchema;

#[test]
fn schema_of_an_id_takes_what_the_id_takes() {
    check::<WabaId>(WabaId::parse);
    check::<MetaAppId>(MetaAppId::parse);
    check::<SignupId>(SignupId::parse);
    check::<InvitationId>(InvitationId::parse);
    check::<SiteId>(SiteId::parse);
    check::<AppKey>(AppKey::parse);
    check::<Reference>(Reference::parse);
}

fn check<T: PartialSchema>(parse: fn(&str) -> Result<T, BadId>) {
    let schema = serde_json::to_value(T::schema()).unwrap();
    for text in texts() {
        let is_id = parse(&text).is_ok();
        assert_eq!(accepts(&schema, &text), is_id, "{text:?}: {schema}");
    }
}

fn accepts(schema: &Value, text: &str) -> bool {
    let pattern = Regex::new(schema["pattern"].as_str().unwrap()).unwrap();
    let length = text.chars().count() as u64;
    let bounds = schema["minLength"].as_u64().unwrap()..=schema["maxLength"].as_u64().unwrap();
    bounds.contains(&length) && pattern.is_match(text)
}

/// Texts of all lengths up to beyond the longest id, of characters that some ids have and others do not.
fn texts() -> Vec<String> {
    let alphabets = [
        "0", "9", "a", "f", "g", "z", "A", "-", "_", ".", " ", "\n", "\u{7f}", "é",
    ];
    let mut texts: Vec<String> = vec![String::new()];
    for alphabet in alphabets {
        // Characters of two bytes: the length of a reference is counted in bytes.
        let longest = if alphabet.is_ascii() { 202 } else { 100 };
        texts.extend((1..=longest).map(|length| alphabet.repeat(length)));
        for around in ["1", "a"] {
            texts.push([around, alphabet, around].concat());
            texts.push([alphabet, around, around, around, around].concat());
            texts.push([around, around, around, around, alphabet].concat());
            texts.push([&around.repeat(31), alphabet].concat());
        }
    }
    texts
}
