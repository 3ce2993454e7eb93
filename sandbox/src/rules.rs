//! The switches of `PATCH /_sandbox/rules`: where Meta is known to behave in more than one way.

use crate::world::BoundTo;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Which `redirect_uri` the exchange of a popup's code wants; anything else is 100/36008.
    pub redirect_uri: Wants,
    /// When the popup posts the ids, relative to the code.
    pub ids: Ids,
    /// How long after the code, with `ids: after`.
    pub ids_delay_ms: u64,
    /// Coexistence: only `waba_id` as documented, or all three ids as seen live.
    pub coexistence_ids: CoexistenceIds,
    /// Word of the finishing event in place of the one that fits, e.g. `FINISH_OBO_MIGRATION`.
    pub finish: Option<String>,
    /// Word of the event where somebody leaves: `CANCEL`, or `ERROR`.
    pub left: Option<String>,
    /// Merged into the data of either event: asset arrays, numbers where texts are due, older keys; `null`
    /// takes a key away.
    pub data: Map<String, Value>,
    /// The event as an object instead of JSON text.
    pub as_object: bool,
    /// What else comes from Meta's origins is posted before it: the SDK's own words, other events, no JSON.
    pub noise: bool,
    /// `debug_token` lists target ids.
    pub granular_targets: bool,
    /// The app's "Require App Secret".
    pub require_proof: bool,
    /// Added to the clock, in seconds; may be negative.
    pub clock_offset_s: i64,
    /// Live mode: `http://localhost` is refused, people need no role.
    pub live_mode: bool,
    /// In development mode, whether the person at the popup has a role on the app.
    pub person_has_role: bool,
    pub code_ttl_s: u64,
    /// `null`: tokens never expire.
    pub token_expires_in_s: Option<u64>,
    /// Whether the app may call `system_user_access_tokens`.
    pub recover_tokens: bool,
    /// Register (and deregister) requests per number per 72 h.
    pub register_budget: usize,
    /// Wrong PINs in a row until 133008.
    pub pin_guesses: u32,
    pub pin_lock_s: u64,
    /// Seconds to wait after a wrong PIN, else 133009. 0 = no such wait.
    pub pin_gap_s: u64,
    /// How the partner may share its credit line: in one call, by share and attach, or either way.
    pub credit_method: CreditMethod,
    /// Whether the partner accepted the Credit Allocation API's terms.
    pub credit_terms_accepted: bool,
    /// Seconds until an attached WABA shows its `primary_funding_id`.
    pub funding_delay_s: u64,
    /// Whether the app has MESSAGING in its solutions; without it MANAGE cannot be given on their WABAs.
    pub solution_messaging: bool,
    /// A WABA without funding cannot send (141006 in its health).
    pub payment_required: bool,
    /// Seconds after onboarding in which the app's contacts and chats can be asked for.
    pub sync_window_s: u64,
    /// Whether that needs the app subscribed to the WABA first.
    pub sync_needs_subscription: bool,
    /// Body of Infobip's 2xx to `share-waba`; `null`: none. It is not documented.
    pub infobip_answer: Value,
    pub infobip_status: u16,
    /// Milliseconds until Infobip has registered the numbers of an account; `null`: never.
    pub infobip_after_ms: Option<u64>,
    /// What its webhook says on the way.
    pub infobip_webhook: Said,
    /// Milliseconds until the first of it.
    pub infobip_webhook_ms: u64,
    /// What its delivery reports say.
    pub infobip_delivery: Delivery,
    /// Milliseconds until another provider's sender is ready; `null`: never.
    pub provider_after_ms: Option<u64>,
    /// Whether it gets there, or fails.
    pub provider_fails: bool,
    /// Whether the override callback gets Meta's GET handshake (loopback addresses only).
    pub handshake: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wants {
    Omit,
    Captured,
    Empty,
    Page,
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ids {
    Before,
    After,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoexistenceIds {
    Waba,
    All,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditMethod {
    Classic,
    Alternate,
    Both,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Said {
    /// IN_PROGRESS, then FINISHED once the numbers are connected.
    Normal,
    Never,
    /// IN_PROGRESS, then FAILED; nothing is connected.
    Failed,
    /// FINISHED, with the first sender FAILED.
    SenderFailed,
    /// Everything twice.
    Duplicates,
    /// FINISHED before IN_PROGRESS.
    OutOfOrder,
    /// FINISHED before the numbers are connected.
    Early,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    Delivered,
    Undeliverable,
    /// There is no report.
    None,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            redirect_uri: Wants::Omit,
            ids: Ids::Before,
            ids_delay_ms: 300,
            coexistence_ids: CoexistenceIds::Waba,
            finish: None,
            left: None,
            data: Map::new(),
            as_object: false,
            noise: false,
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
            infobip_answer: Value::Null,
            infobip_status: 200,
            infobip_after_ms: Some(200),
            infobip_webhook: Said::Normal,
            infobip_webhook_ms: 0,
            infobip_delivery: Delivery::Delivered,
            provider_after_ms: Some(200),
            provider_fails: false,
            handshake: true,
        }
    }
}

impl Rules {
    /// Whether the exchange's `redirect_uri` (absent is not the same as empty) fits the code.
    pub fn redirect_fits(&self, bound_to: &BoundTo, given: Option<&str>) -> bool {
        match (bound_to, self.redirect_uri) {
            (BoundTo::Redirect { uri }, _) => given == Some(uri),
            (BoundTo::Sdk { .. }, Wants::Any) => true,
            (BoundTo::Sdk { .. }, Wants::Omit) => given.is_none(),
            (BoundTo::Sdk { .. }, Wants::Empty) => given == Some(""),
            (BoundTo::Sdk { captured, .. }, Wants::Captured) => given == Some(captured),
            // A code minted by hand may not know its page; then any page's address will do.
            (BoundTo::Sdk { captured, page }, Wants::Page) => given.is_some_and(|uri| {
                uri == page || (page.is_empty() && uri.starts_with("http") && uri != captured)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rung_fits_its_own_rule_only() {
        let sdk = BoundTo::Sdk {
            captured: "https://xd/#cb=f1".into(),
            page: "https://shop.example/".into(),
        };
        let given = [
            None,
            Some("https://xd/#cb=f1"),
            Some(""),
            Some("https://shop.example/"),
        ];
        let wants = [Wants::Omit, Wants::Captured, Wants::Empty, Wants::Page];
        for (w, want) in wants.into_iter().enumerate() {
            for (g, uri) in given.into_iter().enumerate() {
                let rules = Rules {
                    redirect_uri: want,
                    ..Rules::default()
                };
                assert_eq!(rules.redirect_fits(&sdk, uri), w == g, "{want:?} {uri:?}");
                assert!(
                    Rules {
                        redirect_uri: Wants::Any,
                        ..rules
                    }
                    .redirect_fits(&sdk, uri)
                );
            }
        }
    }

    #[test]
    fn a_redirect_code_wants_its_own_uri_whatever_the_rule() {
        let bound = BoundTo::Redirect {
            uri: "https://a.example/cb".into(),
        };
        for redirect_uri in [Wants::Omit, Wants::Any, Wants::Empty] {
            let rules = Rules {
                redirect_uri,
                ..Rules::default()
            };
            assert!(rules.redirect_fits(&bound, Some("https://a.example/cb")));
            assert!(!rules.redirect_fits(&bound, Some("https://a.example/cb/")));
            assert!(!rules.redirect_fits(&bound, None));
        }
    }

    #[test]
    fn a_rule_nobody_knows_is_refused() {
        assert!(serde_json::from_str::<Rules>(r#"{"redirekt":"omit"}"#).is_err());
    }
}
