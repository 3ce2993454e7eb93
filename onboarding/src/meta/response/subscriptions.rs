//! Webhook subscriptions: the apps that are subscribed to an account, and the fields that an app is subscribed to.

use super::decode::List;
use super::id_text::TextOrNumber;
use super::lenient;
use serde::Deserialize;

/// `GET /{waba}/subscribed_apps`: the apps that receive the account's webhooks.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct SubscribedApps(List<SubscribedApp>);

#[derive(Deserialize)]
struct SubscribedApp {
    #[serde(default, deserialize_with = "lenient::or_default")]
    whatsapp_business_api_data: Option<AppData>,
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
}

/// `GET /{app}/subscriptions`: the webhooks of an app
/// (<https://developers.facebook.com/docs/graph-api/reference/app/subscriptions/>).
#[derive(Deserialize)]
#[serde(transparent)]
pub struct WebhookSubscriptions(List<WebhookSubscription>);

#[derive(Deserialize)]
struct WebhookSubscription {
    #[serde(default, deserialize_with = "lenient::text")]
    object: Option<String>,
    #[serde(default, deserialize_with = "lenient::flag")]
    active: Option<bool>,
    #[serde(default, deserialize_with = "lenient::text")]
    callback_url: Option<String>,
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

impl WebhookSubscriptions {
    /// Whether the webhook for WhatsApp accounts is active, has a callback URL and all of these fields.
    pub fn have_fields(&self, wanted: &[&str]) -> bool {
        self.0.data.iter().any(|webhook| {
            let has = |name: &&str| webhook.fields.iter().any(|field| field.name() == *name);
            webhook.object.as_deref() == Some("whatsapp_business_account")
                && webhook.active == Some(true)
                && webhook
                    .callback_url
                    .as_deref()
                    .is_some_and(|url| !url.is_empty())
                && wanted.iter().all(has)
        })
    }
}

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
}
