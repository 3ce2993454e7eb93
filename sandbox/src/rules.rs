//! The switches of `PATCH /_sandbox/rules`: where Meta or a provider behaves in more than one way, or is not
//! documented.

use crate::world::RedirectBinding;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One field per rule; README.md explains them to users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The `redirect_uri` that the exchange of a popup's code must send; any other one is error 100/36008.
    pub redirect_uri: ExpectedRedirectUri,
    /// When the popup posts the session info event with the ids, relative to the code.
    pub ids: IdsTiming,
    /// Delay after the code, with `ids: after`.
    pub ids_delay_ms: u64,
    /// Which ids a coexistence event has.
    pub coexistence_ids: CoexistenceIds,
    /// Name of the event of a finished dialog, e.g. `FINISH_OBO_MIGRATION`; `None`: the one that fits.
    #[serde(rename = "finish")]
    pub finish_event: Option<String>,
    /// Name of the event of a cancelled dialog, e.g. `ERROR`; `None`: `CANCEL`.
    #[serde(rename = "left")]
    pub cancel_event: Option<String>,
    /// Merged into the data of either event: asset arrays, numbers in place of strings, older keys. `null` removes
    /// a key.
    #[serde(rename = "data")]
    pub event_data: Map<String, Value>,
    /// Other assets that the person adds in the popup, by the names of the event's lists, e.g. `page_ids`: each is in the
    /// event, and `debug_token` lists it.
    #[serde(rename = "assets")]
    pub extra_assets: BTreeMap<String, Vec<String>>,
    /// The event is posted as an object instead of JSON text.
    pub as_object: bool,
    /// Other messages from the popup's origin are posted before the event: the SDK's own, other events, text that is
    /// not JSON.
    #[serde(rename = "noise")]
    pub unrelated_messages: bool,
    /// `debug_token` lists target ids.
    pub granular_targets: bool,
    /// The app's setting "Require App Secret": business and system tokens need `appsecret_proof`.
    pub require_proof: bool,
    /// Added to the clock, in seconds; negative values set it back.
    pub clock_offset_s: i64,
    /// The app is in live mode: `http://localhost` is refused, and people need no role on the app.
    pub live_mode: bool,
    /// Whether the person at the dialog has a role on the app; without one, development mode refuses them.
    pub person_has_role: bool,
    /// Lifetime of an authorization code.
    pub code_ttl_s: u64,
    /// Lifetime of a business token; `None`: it never expires.
    pub token_expires_in_s: Option<u64>,
    /// Whether the app may call `system_user_access_tokens`.
    pub recover_tokens: bool,
    /// Register requests per number in 72 hours, and as many deregister requests.
    pub register_budget: usize,
    /// Wrong PINs in a row until error 133008.
    pub pin_guesses: u32,
    /// How long that error lasts.
    pub pin_lock_s: u64,
    /// Seconds to wait after a wrong PIN; a request before that gets error 133009. 0: no wait.
    pub pin_gap_s: u64,
    /// How the partner may share its credit line.
    pub credit_method: CreditMethod,
    /// Whether the partner accepted the terms of the Credit Allocation API.
    pub credit_terms_accepted: bool,
    /// Seconds until reads of a WABA return the `primary_funding_id` that was attached to it.
    pub funding_delay_s: u64,
    /// Whether the app has the permission MESSAGING in its solutions. Without it the tasks MANAGE and FULL_CONTROL
    /// cannot be assigned on WABAs shared through them.
    pub solution_messaging: bool,
    /// A WABA without `primary_funding_id` cannot send: its health status has error 141006.
    pub payment_required: bool,
    /// Seconds after onboarding in which `smb_app_data` may be called.
    pub sync_window_s: u64,
    /// Whether the app must be subscribed to the WABA before that.
    pub sync_needs_subscription: bool,
    /// Body of Infobip's response to `share-waba`, which is not documented; `null`: an empty one.
    #[serde(rename = "infobip_answer")]
    pub infobip_reply_body: Value,
    /// Status of that response.
    pub infobip_status: u16,
    /// Milliseconds until Infobip has registered the numbers of a WABA; `None`: never.
    pub infobip_after_ms: Option<u64>,
    /// Which webhooks it sends meanwhile.
    pub infobip_webhook: WebhookScript,
    /// Milliseconds until the first of them.
    pub infobip_webhook_ms: u64,
    /// Outcome in its delivery reports.
    pub infobip_delivery: DeliveryOutcome,
    /// Milliseconds until a sender at Twilio or Sinch is ready; `None`: never.
    pub provider_after_ms: Option<u64>,
    /// Whether it fails instead; Gupshup then refuses the registration.
    pub provider_fails: bool,
    /// Whether Meta tells an app of a customer who has finished the dialog.
    pub partner_added: bool,
    /// How often a webhook is sent again that is not answered with 200.
    pub webhook_retries: u32,
    /// Milliseconds before the first of these; each further pause is twice as long.
    pub webhook_retry_ms: u64,
    /// Whether a callback URL on a loopback address must answer Meta's verification request.
    pub handshake: bool,
}

/// Values of the rule `redirect_uri`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedRedirectUri {
    /// No `redirect_uri` at all.
    Omit,
    /// The one the SDK sent to the dialog.
    Captured,
    /// An empty one.
    Empty,
    /// Address of the page that called `FB.login`.
    Page,
    /// Any, or none.
    Any,
}

/// Values of the rule `ids`: when the event is posted, relative to the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdsTiming {
    Before,
    After,
    Never,
}

/// Values of the rule `coexistence_ids`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoexistenceIds {
    /// `waba_id` only, as documented.
    Waba,
    /// All three ids, as in some live payloads.
    All,
}

/// Values of the rule `credit_method`: which calls are enabled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditMethod {
    /// `whatsapp_credit_sharing_and_attach` only.
    Classic,
    /// `whatsapp_credit_sharing`, then `whatsapp_credit_attach`.
    Alternate,
    Both,
}

/// Values of the rule `infobip_webhook`: statuses of the registration that are sent, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookScript {
    /// IN_PROGRESS, then FINISHED once the numbers are registered.
    Normal,
    /// No webhook at all.
    Never,
    /// IN_PROGRESS, then FAILED; no number is registered.
    Failed,
    /// IN_PROGRESS, then FINISHED with the first sender FAILED.
    SenderFailed,
    /// Each webhook twice.
    Duplicates,
    /// FINISHED before IN_PROGRESS.
    OutOfOrder,
    /// IN_PROGRESS, then FINISHED before the numbers are registered.
    Early,
}

/// Values of the rule `infobip_delivery`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryOutcome {
    Delivered,
    Undeliverable,
    /// There are no reports.
    None,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            redirect_uri: ExpectedRedirectUri::Omit,
            ids: IdsTiming::Before,
            ids_delay_ms: 300,
            coexistence_ids: CoexistenceIds::Waba,
            finish_event: None,
            cancel_event: None,
            event_data: Map::new(),
            extra_assets: BTreeMap::new(),
            as_object: false,
            unrelated_messages: false,
            granular_targets: true,
            require_proof: false,
            clock_offset_s: 0,
            live_mode: false,
            person_has_role: true,
            code_ttl_s: 30,
            token_expires_in_s: Some(5_183_944),
            recover_tokens: false,
            register_budget: 10,
            pin_guesses: 5,
            pin_lock_s: 3600,
            pin_gap_s: 0,
            credit_method: CreditMethod::Both,
            credit_terms_accepted: true,
            funding_delay_s: 0,
            solution_messaging: true,
            payment_required: false,
            sync_window_s: 24 * 3600,
            sync_needs_subscription: true,
            infobip_reply_body: Value::Null,
            infobip_status: 200,
            infobip_after_ms: Some(200),
            infobip_webhook: WebhookScript::Normal,
            infobip_webhook_ms: 0,
            infobip_delivery: DeliveryOutcome::Delivered,
            provider_after_ms: Some(200),
            provider_fails: false,
            partner_added: true,
            webhook_retries: 5,
            webhook_retry_ms: 1_000,
            handshake: true,
        }
    }
}

impl Rules {
    /// Whether the code may be exchanged with this `redirect_uri`. `None` (absent) is not the same as empty.
    pub fn accepts_redirect_uri(&self, bound_to: &RedirectBinding, given: Option<&str>) -> bool {
        match (bound_to, self.redirect_uri) {
            (RedirectBinding::Redirect { uri }, _) => given == Some(uri),
            (RedirectBinding::Sdk { .. }, ExpectedRedirectUri::Any) => true,
            (RedirectBinding::Sdk { .. }, ExpectedRedirectUri::Omit) => given.is_none(),
            (RedirectBinding::Sdk { .. }, ExpectedRedirectUri::Empty) => given == Some(""),
            (RedirectBinding::Sdk { captured, .. }, ExpectedRedirectUri::Captured) => {
                given == Some(captured)
            }
            // A code issued by `POST /_sandbox/codes` may not know its page. Then any page's address is accepted.
            (RedirectBinding::Sdk { captured, page }, ExpectedRedirectUri::Page) => given
                .is_some_and(|uri| {
                    uri == page || (page.is_empty() && uri.starts_with("http") && uri != captured)
                }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sdk_redirect_uri_is_accepted_by_its_own_rule_only() {
        let sdk = RedirectBinding::Sdk {
            captured: "https://xd/#cb=f1".into(),
            page: "https://shop.example/".into(),
        };
        let given = [
            None,
            Some("https://xd/#cb=f1"),
            Some(""),
            Some("https://shop.example/"),
        ];
        let expected = [
            ExpectedRedirectUri::Omit,
            ExpectedRedirectUri::Captured,
            ExpectedRedirectUri::Empty,
            ExpectedRedirectUri::Page,
        ];
        for (rule_index, rule) in expected.into_iter().enumerate() {
            for (uri_index, uri) in given.into_iter().enumerate() {
                let rules = Rules {
                    redirect_uri: rule,
                    ..Rules::default()
                };
                assert_eq!(
                    rules.accepts_redirect_uri(&sdk, uri),
                    rule_index == uri_index,
                    "{rule:?} {uri:?}"
                );
                assert!(
                    Rules {
                        redirect_uri: ExpectedRedirectUri::Any,
                        ..rules
                    }
                    .accepts_redirect_uri(&sdk, uri)
                );
            }
        }
    }

    #[test]
    fn redirect_code_with_another_uri_is_refused_under_every_rule() {
        let bound = RedirectBinding::Redirect {
            uri: "https://a.example/cb".into(),
        };
        for redirect_uri in [
            ExpectedRedirectUri::Omit,
            ExpectedRedirectUri::Any,
            ExpectedRedirectUri::Empty,
        ] {
            let rules = Rules {
                redirect_uri,
                ..Rules::default()
            };
            assert!(rules.accepts_redirect_uri(&bound, Some("https://a.example/cb")));
            assert!(!rules.accepts_redirect_uri(&bound, Some("https://a.example/cb/")));
            assert!(!rules.accepts_redirect_uri(&bound, None));
        }
    }

    #[test]
    fn unknown_rule_is_refused() {
        assert!(serde_json::from_str::<Rules>(r#"{"redirekt":"omit"}"#).is_err());
    }
}
