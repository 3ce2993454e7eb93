//! Where Meta is to send the messages of a site's customers, as its signups need to know it.

use crate::crypto::Sealed;
use crate::providers::is_allowed_destination;
use crate::settings_error::SettingsErrors;
use embark_protocol::SiteId;
use embark_protocol::admin::{MESSAGES_VERIFY_TOKEN, MessagesSettings, SiteSettings};
use serde::{Deserialize, Serialize};

/// The addresses that a site has, or had, Meta call for messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRoute {
    /// The address that is to be called. `None`: the app's callback URL is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<MessageCallback>,
    /// Addresses that the site had before: where Meta still has one, this service has set it and may take it away. One
    /// that is in neither field was set by somebody else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retired: Vec<String>,
}

/// An address with the secret of its handshake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageCallback {
    /// Https URL.
    pub url: String,
    /// Sealed under [`verify_token_name`]. `None`: the operator has not put it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verify_token: Option<Sealed>,
}

/// The name that the verify token of a site's address is sealed under.
pub fn verify_token_name(site: &SiteId) -> String {
    site_secret_name(site, MESSAGES_VERIFY_TOKEN)
}

/// The name that a secret of a site is sealed under, which is also its key.
pub fn site_secret_name(site: &SiteId, name: &str) -> String {
    ["sealed/site/", site.as_str(), "/", name].concat()
}

/// Checks the settings of messages before they are stored: adds what is not valid.
pub fn check(site: &SiteSettings, errors: &mut SettingsErrors) {
    let MessagesSettings::Override { callback_url } = &site.messages else {
        return;
    };
    let is_short = callback_url.chars().count() <= MAX_URL_LENGTH;
    errors.require(
        is_short && is_allowed_destination(callback_url),
        "messages.callback_url",
        "an https URL of a public host name at the default port, of at most 200 characters",
    );
    let handoff = site.handoff.as_ref();
    errors.require(
        handoff.is_none_or(|template| !template.skip_subscribe),
        "messages",
        "override needs the app to be subscribed, and handoff.skip_subscribe leaves that out",
    );
}

/// Meta's limit.
const MAX_URL_LENGTH: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings_error::SettingsErrors;

    fn validate(site: &SiteSettings) -> Result<(), SettingsErrors> {
        let mut errors = SettingsErrors::default();
        check(site, &mut errors);
        errors.into_result()
    }

    use crate::resources::site::tests::{override_to as to, with_messages as with};

    #[test]
    fn callback_must_be_a_public_https_url_of_200_characters() {
        let long = |length: usize| format!("https://crm.example/{:a<1$}", "", length - 20);
        let (fits, too_long) = (long(200), long(201));
        for (url, want) in [
            ("https://crm.example/w?k=1", true),
            (fits.as_str(), true),
            (too_long.as_str(), false),
            ("", false),
            ("crm.example", false),
            ("http://crm.example/", false),
            ("https://10.0.0.1/", false),
            ("https://crm.example:8443/", false),
            ("https://user@crm.example/", false),
            ("https://localhost/", false),
        ] {
            let found = validate(&with(to(url)));
            assert_eq!(found.is_ok(), want, "{url}");
            if let Err(error) = found {
                assert!(error.to_string().starts_with("messages.callback_url"));
            }
        }
        assert_eq!(validate(&with(MessagesSettings::Forward)), Ok(()));
    }

    #[test]
    fn override_of_a_site_that_leaves_webhooks_to_its_provider_is_refused() {
        let mut site = with(to("https://crm.example/w"));
        let template = r#"{"url": "https://provider.example/", "skip_subscribe": true}"#;
        site.handoff = serde_json::from_str(template).unwrap();
        let error = validate(&site).unwrap_err().to_string();
        assert!(error.starts_with("messages"), "{error}");
    }
}
