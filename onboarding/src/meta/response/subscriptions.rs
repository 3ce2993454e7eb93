//! Webhook subscriptions: the apps that are subscribed to an account, and the fields that an app is subscribed to.

use super::decode::TextOrNumber;
use serde::Deserialize;

/// `GET /{waba}/subscribed_apps`: the apps that receive the account's webhooks.
#[derive(Deserialize)]
pub struct SubscribedApps {
    data: Vec<SubscribedApp>,
}

#[derive(Deserialize)]
struct SubscribedApp {
    whatsapp_business_api_data: Option<AppData>,
}

#[derive(Deserialize)]
struct AppData {
    id: Option<TextOrNumber>,
}

impl SubscribedApps {
    /// Whether the app with this id is subscribed.
    pub fn contains(&self, app_id: &str) -> bool {
        self.data
            .iter()
            .filter_map(|entry| entry.whatsapp_business_api_data.as_ref()?.id.as_ref())
            .any(|id| id.0 == app_id)
    }
}

/// `GET /{app}/subscriptions`: the webhooks of an app
/// (<https://developers.facebook.com/docs/graph-api/reference/app/subscriptions/>).
#[derive(Deserialize)]
pub struct WebhookSubscriptions {
    data: Vec<WebhookSubscription>,
}

#[derive(Deserialize)]
struct WebhookSubscription {
    object: String,
    #[serde(default)]
    active: bool,
    #[serde(default)]
    callback_url: String,
    #[serde(default)]
    fields: Vec<WebhookField>,
}

#[derive(Deserialize)]
struct WebhookField {
    name: String,
}

impl WebhookSubscriptions {
    /// Whether the webhook for WhatsApp accounts is active, has a callback URL and all of these fields.
    pub fn have_fields(&self, wanted: &[&str]) -> bool {
        self.data.iter().any(|webhook| {
            let has = |name: &&str| webhook.fields.iter().any(|field| field.name == *name);
            webhook.object == "whatsapp_business_account"
                && webhook.active
                && !webhook.callback_url.is_empty()
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
    }

    #[test]
    fn subscribed_apps_are_found_by_id() {
        let body = br#"{"data":[{"whatsapp_business_api_data":{"id":"111","name":"x"}}]}"#;
        let apps = decode::<SubscribedApps>(ok(body)).unwrap();
        assert!(apps.contains("111") && !apps.contains("222"));
        assert!(decode::<SubscribedApps>(ok(b"<html>")).is_err());
    }
}
