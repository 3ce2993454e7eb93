//! Versions of settings, by which a change is refused that was made to others than those that are stored.

use crate::crypto::sha256_hex;
use serde::{Deserialize, Serialize};

/// Names settings by their content: equal settings have equal versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SettingsVersion(String);

impl SettingsVersion {
    /// The version of settings. `None`: that there are none.
    pub fn of<T: Serialize + ?Sized>(settings: Option<&T>) -> Self {
        let Some(json) = settings.and_then(|settings| serde_json::to_vec(settings).ok()) else {
            return Self(String::new());
        };
        let mut digest = sha256_hex(&json);
        digest.truncate(32);
        Self(digest)
    }

    /// As the header `ETag`.
    pub fn to_etag(&self) -> String {
        ["\"", &self.0, "\""].concat()
    }

    /// Whether the header `If-Match` names it, or `*` and there are settings
    /// (<https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1>).
    pub fn is_named_by(&self, if_match: &str) -> bool {
        let etag = self.to_etag();
        let mut tags = if_match.split(',').map(str::trim);
        !self.0.is_empty() && tags.any(|tag| tag == "*" || tag == etag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_names_the_version_that_is_stored() {
        let none = SettingsVersion::of::<str>(None);
        let (one, other) = (
            SettingsVersion::of(Some("one")),
            SettingsVersion::of(Some("other")),
        );
        assert_eq!(one, SettingsVersion::of(Some("one")));
        let etag = one.to_etag();
        assert_eq!(etag.len(), 34);
        for (version, if_match, want) in [
            (&one, etag.as_str(), true),
            (&one, "*", true),
            (&one, &[&other.to_etag(), ", ", &etag].concat(), true),
            (&one, &other.to_etag(), false),
            (&one, &["W/", &etag].concat(), false),
            (&one, "", false),
            (&none, "*", false),
            (&none, "\"\"", false),
        ] {
            assert_eq!(version.is_named_by(if_match), want, "{if_match}");
        }
    }
}
