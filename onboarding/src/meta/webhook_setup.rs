//! The webhook of an app as it is set at Meta, compared with what it should be
//! (<https://developers.facebook.com/docs/graph-api/reference/app/subscriptions/>).

use super::response::WebhookSubscriptions;
use super::same_address::is_same_address;
use embark_protocol::AppKey;
use embark_protocol::user_callbacks::UserCallbackKind;
use embark_protocol::webhook_setup::{
    AppWebhookStatus, WebhookAtMeta, WebhookDifference, WebhookDifferenceKind,
};
use std::collections::BTreeSet;

/// The callback URL of an app's webhooks in this deployment. `origin`: its public one.
pub fn callback_url(origin: &str, app: &AppKey) -> String {
    [origin, "/v1/webhooks/meta/", app.as_str()].concat()
}

/// The address for what Meta calls about a person.
pub fn user_callback_url(origin: &str, app: &AppKey, kind: UserCallbackKind) -> String {
    let path = "/v1/callbacks/meta/";
    [origin, path, app.as_str(), "/", kind.as_str()].concat()
}

/// What Meta has, and each difference with its sentence. `callback_url`: what it should have.
pub fn compare(callback_url: &str, read: &WebhookSubscriptions) -> AppWebhookStatus {
    let at_meta = read.of_accounts().map(|webhook| WebhookAtMeta {
        callback_url: webhook.callback_url.clone().unwrap_or_default(),
        active: webhook.active == Some(true),
        fields: webhook.field_names().map(str::to_owned).collect(),
    });
    let difference = |kind, field: Option<&str>, hint: &str| WebhookDifference {
        kind,
        field: field.map(str::to_owned),
        hint: hint.to_owned(),
    };
    let mut differences = vec![];
    match &at_meta {
        None => differences.push(difference(WebhookDifferenceKind::NotSet, None, NOT_SET)),
        Some(webhook) => {
            if !is_same_address(&webhook.callback_url, callback_url) {
                let kind = WebhookDifferenceKind::OtherAddress;
                differences.push(difference(kind, None, OTHER_ADDRESS));
            }
            if !webhook.active {
                let kind = WebhookDifferenceKind::Inactive;
                differences.push(difference(kind, None, INACTIVE));
            }
            for (field, hint) in FIELDS {
                if !webhook.fields.iter().any(|name| name == field) {
                    let kind = WebhookDifferenceKind::MissingField;
                    differences.push(difference(kind, Some(field), hint));
                }
            }
        }
    }
    AppWebhookStatus {
        callback_url: callback_url.to_owned(),
        at_meta,
        differences,
    }
}

/// The fields that are to be set: ours, and those that were set for other purposes.
pub fn fields_to_set(read: &WebhookSubscriptions) -> Vec<String> {
    let set = read.of_accounts().into_iter();
    let set = set.flat_map(|webhook| webhook.field_names());
    let ours = FIELDS.iter().map(|(name, _)| *name);
    let all: BTreeSet<&str> = set.chain(ours).collect();
    all.into_iter().map(str::to_owned).collect()
}

const NOT_SET: &str =
    "The app has no webhook for whatsapp_business_account at Meta: nothing arrives.";
const OTHER_ADDRESS: &str = "Meta calls another address: nothing arrives here. If that is your own back end, it receives nothing any more once this is set.";
const INACTIVE: &str =
    "Meta has switched the webhook off, as after days of failures: set it again.";

/// What is subscribed to, and what is missed without it
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview>).
pub const FIELDS: &[(&str, &str)] = &[
    (
        "account_update",
        "Without it nobody learns that a customer was added or removed the app, or that an account was banned; Meta requires it for Embedded Signup.",
    ),
    (
        "messages",
        "Without it no message and no status of one arrives.",
    ),
    (
        "account_review_update",
        "Without it nobody learns what Meta's review of an account decided.",
    ),
    (
        "account_alerts",
        "Without it nobody learns what Meta warns an account of.",
    ),
    (
        "phone_number_name_update",
        "Without it nobody learns that a display name was approved or declined.",
    ),
    (
        "phone_number_quality_update",
        "Without it nobody learns that a number's limit was changed.",
    ),
    (
        "business_capability_update",
        "Without it nobody learns that an account's limits were changed.",
    ),
    (
        "security",
        "Without it nobody learns that the PIN of a number was changed.",
    ),
    (
        "partner_solutions",
        "Without it nobody learns that a partner solution was changed.",
    ),
    (
        "message_template_status_update",
        "Without it nobody learns what became of a template's review.",
    ),
    (
        "message_template_quality_update",
        "Without it nobody learns that the quality of a template was changed.",
    ),
    (
        "message_template_components_update",
        "Without it nobody learns that a template was edited.",
    ),
    (
        "template_category_update",
        "Without it nobody learns that a template costs another price.",
    ),
    (
        "history",
        "Without it no chats arrive of numbers that stay in the WhatsApp Business app, and they can be requested once only.",
    ),
    (
        "smb_app_state_sync",
        "Without it no contacts arrive of numbers that stay in the WhatsApp Business app.",
    ),
    (
        "smb_message_echoes",
        "Without it nobody learns what was sent from the WhatsApp Business app.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meta::response::decode;
    use crate::transport::ApiResponse;
    use serde_json::{Value, json};

    const OURS: &str = "https://signup.partner.example/v1/webhooks/meta/main";

    fn read(webhooks: &Value) -> WebhookSubscriptions {
        let body = json!({"data": webhooks}).to_string().into_bytes();
        decode(Ok(ApiResponse {
            status: 200,
            retry_after: None,
            body,
        }))
        .unwrap()
    }

    fn all_fields() -> Vec<&'static str> {
        FIELDS.iter().map(|(name, _)| *name).collect()
    }

    #[test]
    fn difference_is_named_with_its_sentence() {
        use WebhookDifferenceKind::{Inactive, MissingField, NotSet, OtherAddress};
        let webhook = |url: &str, active: bool, fields: &[&str]| {
            json!([{"object": "page", "callback_url": OURS},
                {"object": "whatsapp_business_account", "callback_url": url, "active": active, "fields": fields}])
        };
        let all = all_fields();
        let without_messages: Vec<&str> = all
            .iter()
            .copied()
            .filter(|name| *name != "messages")
            .collect();
        for (webhooks, want) in [
            (webhook(OURS, true, &all), vec![]),
            // Another spelling of the same address.
            (
                webhook(
                    "HTTPS://Signup.Partner.example:443/v1/webhooks/meta/main",
                    true,
                    &all,
                ),
                vec![],
            ),
            (json!([]), vec![(NotSet, None)]),
            (
                json!([{"object": "page", "callback_url": OURS}]),
                vec![(NotSet, None)],
            ),
            (
                webhook(
                    "https://signup.partner.example/v1/webhooks/meta/other",
                    true,
                    &all,
                ),
                vec![(OtherAddress, None)],
            ),
            (
                webhook(
                    "https://signup.partner.example.evil.example/v1/webhooks/meta/main",
                    true,
                    &all,
                ),
                vec![(OtherAddress, None)],
            ),
            (
                webhook("", false, &all),
                vec![(OtherAddress, None), (Inactive, None)],
            ),
            (
                webhook(OURS, true, &without_messages),
                vec![(MissingField, Some("messages"))],
            ),
        ] {
            let status = compare(OURS, &read(&webhooks));
            let found: Vec<_> = status
                .differences
                .iter()
                .map(|difference| (difference.kind, difference.field.as_deref()))
                .collect();
            assert_eq!(found, want, "{webhooks}");
            let mut hints = status.differences.iter().map(|difference| &difference.hint);
            assert!(hints.all(|hint| hint.ends_with('.')), "{webhooks}");
        }
    }

    #[test]
    fn fields_that_were_set_for_other_purposes_are_kept() {
        let webhooks = json!([{"object": "whatsapp_business_account", "fields": [{"name": "calls"}, "messages"]}]);
        let fields = fields_to_set(&read(&webhooks));
        assert_eq!(fields.len(), FIELDS.len() + 1);
        assert!(fields.iter().any(|name| name == "calls"));
        assert_eq!(fields_to_set(&read(&json!([]))).len(), FIELDS.len());
    }
}
