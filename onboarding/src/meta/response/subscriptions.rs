//! Webhook subscriptions: the apps that are subscribed to an account, and the fields that an app is subscribed to.

use super::decode::List;
use super::id_text::TextOrNumber;
use super::lenient;
use crate::meta::same_address::{is_same_address, without_query};
use serde::Deserialize;

/// `GET /{waba}/subscribed_apps`: the apps that receive the account's webhooks.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct SubscribedApps(List<SubscribedApp>);

#[derive(Deserialize)]
struct SubscribedApp {
    #[serde(default, deserialize_with = "lenient::or_default")]
    whatsapp_business_api_data: Option<AppData>,
    #[serde(default, deserialize_with = "lenient::text")]
    override_callback_uri: Option<String>,
}

#[derive(Deserialize)]
struct AppData {
    id: TextOrNumber,
}

impl SubscribedApps {
    /// Whether the app with this id is subscribed.
    pub fn contains(&self, app_id: &str) -> bool {
        let apps = self.0.data.iter();
        apps.filter_map(|entry| entry.whatsapp_business_api_data.as_ref())
            .any(|app| app.id.0 == app_id)
    }

    /// The address that Meta sends the account's messages to in place of this app's callback URL. `None`: there is none.
    pub fn override_of(&self, app_id: &str) -> Option<&str> {
        let is_of_app = |entry: &&SubscribedApp| {
            let app = entry.whatsapp_business_api_data.as_ref();
            app.is_some_and(|app| app.id.0 == app_id)
        };
        let entry = self.0.data.iter().find(is_of_app)?;
        let url = entry.override_callback_uri.as_deref();
        url.filter(|url| !url.is_empty())
    }
}

/// `GET /{phone}?fields=webhook_configuration`: the addresses that count for a number, of which its own comes first
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override>).
#[derive(Deserialize)]
pub struct NumberWebhooks {
    #[serde(default, deserialize_with = "lenient::or_default")]
    webhook_configuration: Option<WebhookConfiguration>,
}

#[derive(Default, Deserialize)]
struct WebhookConfiguration {
    #[serde(default, deserialize_with = "lenient::text")]
    phone_number: Option<String>,
}

impl NumberWebhooks {
    /// The address of the number itself. `None`: it has none.
    pub fn of_number(&self) -> Option<&str> {
        let configuration = self.webhook_configuration.as_ref()?;
        let url = configuration.phone_number.as_deref();
        url.filter(|url| !url.is_empty())
    }
}

/// `GET /{app}/subscriptions`: the webhooks of an app
/// (<https://developers.facebook.com/docs/graph-api/reference/app/subscriptions/>).
#[derive(Deserialize)]
#[serde(transparent)]
pub struct WebhookSubscriptions(List<WebhookSubscription>);

/// The webhook of one object.
#[derive(Deserialize)]
pub(in crate::meta) struct WebhookSubscription {
    #[serde(default, deserialize_with = "lenient::text")]
    object: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    pub(in crate::meta) active: Option<bool>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub(in crate::meta) callback_url: Option<String>,
    #[serde(default, deserialize_with = "lenient::list")]
    fields: Vec<WebhookField>,
}

/// A field with its version, or its bare name.
#[derive(Deserialize)]
#[serde(untagged)]
enum WebhookField {
    Versioned { name: String },
    Name(String),
}

impl WebhookField {
    fn name(&self) -> &str {
        match self {
            Self::Versioned { name } | Self::Name(name) => name,
        }
    }
}

impl WebhookSubscription {
    /// The names of its fields.
    pub(in crate::meta) fn field_names(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().map(WebhookField::name)
    }
}

impl WebhookSubscriptions {
    /// The webhook for WhatsApp accounts. `None`: there is none.
    pub(in crate::meta) fn of_accounts(&self) -> Option<&WebhookSubscription> {
        let mut webhooks = self.0.data.iter();
        webhooks.find(|webhook| webhook.object.as_deref() == Some(OBJECT))
    }

    /// The callback URL for WhatsApp accounts, if it is another address than this one; without its query, which may hold a
    /// secret.
    pub fn other_address(&self, callback_url: &str) -> Option<String> {
        let webhook = self.of_accounts()?;
        let url = webhook.callback_url.as_deref().unwrap_or_default();
        (!is_same_address(url, callback_url)).then(|| without_query(url).to_owned())
    }

    /// Whether the webhook for WhatsApp accounts is active, has a callback URL and all of these fields.
    pub fn have_fields(&self, wanted: &[&str]) -> bool {
        self.0.data.iter().any(|webhook| {
            let has = |name: &&str| webhook.fields.iter().any(|field| field.name() == *name);
            webhook.object.as_deref() == Some(OBJECT)
                && webhook.active == Some(true)
                && webhook
                    .callback_url
                    .as_deref()
                    .is_some_and(|url| !url.is_empty())
                && wanted.iter().all(has)
        })
    }
}

/// `object` of the webhook for WhatsApp accounts.
const OBJECT: &str = "whatsapp_business_account";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meta::response::decode::decode;
    use crate::transport::{ApiResponse, ApiResult};

    fn ok(body: &[u8]) -> ApiResult {
        Ok(ApiResponse {
            status: 200,
            retry_after: None,
            body: body.to_vec(),
        })
    }

    #[test]
    fn webhook_subscriptions_need_active_url_and_all_fields() {
        let have = |active: bool, url: &str, fields: &str| {
            let body = format!(
                r#"{{"data":[{{"object":"page"}},{{"object":"whatsapp_business_account",
                "callback_url":"{url}","active":{active},"fields":[{fields}]}}]}}"#
            );
            decode::<WebhookSubscriptions>(ok(body.as_bytes()))
                .unwrap()
                .have_fields(&["history", "messages"])
        };
        let both = r#"{"name":"messages","version":"v25.0"},{"name":"history"}"#;
        assert!(have(true, "https://x.example/", both));
        assert!(!have(false, "https://x.example/", both));
        assert!(!have(true, "", both));
        assert!(!have(true, "https://x.example/", r#"{"name":"history"}"#));
        assert!(decode::<WebhookSubscriptions>(ok(b"<html>")).is_err());
        assert!(have(
            true,
            "https://x.example/",
            r#""messages","history",null,7"#
        ));
    }

    #[test]
    fn other_address_is_told_without_its_query() {
        for (url, want) in [
            ("https://x.example/hook", None),
            ("https://X.example:443/hook", None),
            (
                "https://x.example/hook?token=1",
                Some("https://x.example/hook"),
            ),
            ("https://y.example/hook", Some("https://y.example/hook")),
            ("", Some("")),
        ] {
            let body = format!(
                r#"{{"data":[{{"object":"whatsapp_business_account","callback_url":"{url}"}}]}}"#
            );
            let read = decode::<WebhookSubscriptions>(ok(body.as_bytes())).unwrap();
            let other = read.other_address("https://x.example/hook");
            assert_eq!(other.as_deref(), want, "{url}");
        }
        let none = decode::<WebhookSubscriptions>(ok(br#"{"data":[]}"#)).unwrap();
        assert_eq!(none.other_address("https://x.example/hook"), None);
    }

    #[test]
    fn subscribed_apps_are_found_by_id() {
        let body = br#"{"data":[{"whatsapp_business_api_data":{"id":"111","name":"x"}}]}"#;
        let apps = decode::<SubscribedApps>(ok(body)).unwrap();
        assert!(apps.contains("111") && !apps.contains("222"));
        assert!(decode::<SubscribedApps>(ok(b"<html>")).is_err());
        assert!(decode::<SubscribedApps>(ok(br#"{"data":"none"}"#)).is_err());
        let odd = br#"{"data":[null,{"whatsapp_business_api_data":null},{"whatsapp_business_api_data":"x"},
            {"whatsapp_business_api_data":{"id":111}}]}"#;
        let apps = decode::<SubscribedApps>(ok(odd)).unwrap();
        assert!(apps.contains("111") && !apps.contains("222"));
        let none = decode::<SubscribedApps>(ok(br#"{"data":null}"#)).unwrap();
        assert!(!none.contains("111"));
    }

    #[test]
    fn override_is_that_of_the_app() {
        let body = br#"{"data":[
            {"whatsapp_business_api_data":{"id":"111"},"override_callback_uri":"https://a.example/"},
            {"whatsapp_business_api_data":{"id":"222"},"override_callback_uri":"https://b.example/"},
            {"whatsapp_business_api_data":{"id":"333"},"override_callback_uri":""},
            {"whatsapp_business_api_data":{"id":"444"},"override_callback_uri":null}]}"#;
        let apps = decode::<SubscribedApps>(ok(body)).unwrap();
        for (app, want) in [
            ("111", Some("https://a.example/")),
            ("222", Some("https://b.example/")),
            ("333", None),
            ("444", None),
            ("555", None),
        ] {
            assert_eq!(apps.override_of(app), want, "{app}");
        }
    }

    #[test]
    fn number_has_an_address_of_its_own_or_none() {
        for (body, want) in [
            (
                r#"{"webhook_configuration":{"phone_number":"https://a.example/","application":"x"},"id":"1"}"#,
                Some("https://a.example/"),
            ),
            (
                r#"{"webhook_configuration":{"whatsapp_business_account":"https://a.example/"}}"#,
                None,
            ),
            (r#"{"webhook_configuration":{"phone_number":""}}"#, None),
            (r#"{"webhook_configuration":"none"}"#, None),
            (r#"{"id":"1"}"#, None),
        ] {
            let read = decode::<NumberWebhooks>(ok(body.as_bytes())).unwrap();
            assert_eq!(read.of_number(), want, "{body}");
        }
    }
}
