//! The messages of one locale file, a flat JSON object from key to sentence.

use serde::Deserialize;
use std::collections::BTreeMap;

/// The messages of `www/locales/<tag>.json`, by key.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Messages(BTreeMap<String, String>);

impl Messages {
    /// The message whose key is `prefix` followed by `name`, else by `unknown`. `None`: the file has neither.
    pub fn lookup(&self, prefix: &str, name: &str) -> Option<&str> {
        let find = |name: &str| self.0.get(&[prefix, name].concat());
        find(name).or_else(|| find("unknown")).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_of_an_unknown_name_is_the_fallback_of_its_prefix() {
        let file = r#"{"problem.timeout":"Too slow.","problem.unknown":"Something failed."}"#;
        let messages: Messages = serde_json::from_str(file).unwrap();
        for (prefix, name, want) in [
            ("problem.", "timeout", Some("Too slow.")),
            ("problem.", "other", Some("Something failed.")),
            ("title.", "other", None),
        ] {
            assert_eq!(messages.lookup(prefix, name), want, "{prefix}{name}");
        }
    }
}
