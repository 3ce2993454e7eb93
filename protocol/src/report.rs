//! The readiness report: what Meta reports about a connected number and its account, check by check, and what
//! to do about it. See
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/support/health-status>.

use crate::enums::{Closed, Enums, Open};
use serde::{Deserialize, Serialize};

/// Part of a snapshot (only the checks that the customer can act on), and of the
/// operator's API (all of them).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(bound = ""))]
#[serde(bound = "")]
pub struct ReadinessReport<E: Enums = Closed> {
    /// When it was read from Meta, in Unix milliseconds; 0 while it is being read.
    #[serde(rename = "at")]
    pub read_at: u64,
    /// The checks.
    #[serde(rename = "lines")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Check>))]
    pub checks: Vec<Check<E>>,
    /// Whether messages can be sent and received as they should, by all checks: also by those that are for the operator alone.
    /// Absent in reports of an earlier version.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ready: Option<bool>,
    /// State of each number at the provider it was handed over to. Sent to the operator only.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub senders: Vec<ProviderSender>,
}

impl CheckItem {
    /// Whether a number is not ready without it.
    pub const fn is_deciding(self) -> bool {
        matches!(
            self,
            Self::BusinessVerification
                | Self::AccountReview
                | Self::DisplayName
                | Self::Number
                | Self::Payment
                | Self::Health
        )
    }
}

impl ReadinessReport<Open> {
    /// Whether messages can be sent and received as they should. Of a report that does not say so: whether none of its checks
    /// that decide it is open.
    pub fn is_ready(&self) -> bool {
        if let Some(ready) = self.ready {
            return ready;
        }
        let mut deciding = self
            .checks
            .iter()
            .filter(|check| DECIDING_ITEMS.contains(&check.item.as_str()));
        deciding.all(|check| check.state == "ok")
    }
}

/// The checks without which a number is not ready, as on the wire.
const DECIDING_ITEMS: [&str; 6] = [
    "business_verification",
    "account_review",
    "display_name",
    "number",
    "payment",
    "health",
];

/// One number at the provider it was handed over to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderSender {
    /// Meta's id of the number.
    pub phone_number_id: String,
    /// The number, as Meta displays it. Absent if it is not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub display_phone_number: Option<String>,
    /// The provider's status value, as received.
    pub status: String,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(bound = ""))]
#[serde(bound = "")]
pub struct Check<E: Enums = Closed> {
    /// What was checked.
    #[cfg_attr(feature = "openapi", schema(value_type = CheckItem))]
    pub item: E::Value<CheckItem>,
    /// The result.
    #[cfg_attr(feature = "openapi", schema(value_type = CheckState))]
    pub state: E::Value<CheckState>,
    /// The value it was derived from, as received from Meta. Absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    /// When the token expires, in Unix seconds. Absent for every other item, and for a token that never expires.
    #[serde(rename = "until", skip_serializing_if = "Option::is_none", default)]
    pub expires_at_s: Option<u64>,
    /// What to do. Absent if there is nothing to do.
    #[serde(rename = "next", skip_serializing_if = "Option::is_none", default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<NextAction>))]
    pub next_action: Option<E::Value<NextAction>>,
    /// One English sentence on `next_action`. Sent to the operator only; what a customer reads comes from the
    /// widget's locale files.
    #[serde(rename = "advice", skip_serializing_if = "Option::is_none", default)]
    pub operator_hint: Option<String>,
    /// Meta's reasons, in Meta's words. Present for the item `health` only.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub reasons: Vec<HealthReason>,
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckItem {
    /// Meta's verification of the business.
    BusinessVerification,
    /// Meta's review of the WhatsApp Business Account.
    AccountReview,
    /// Meta's review of the number's display name.
    DisplayName,
    /// The number's connection to the Cloud API.
    Number,
    /// The number's quality rating.
    Quality,
    /// How many customers may be messaged in 24 hours.
    MessagingLimit,
    /// The number's throughput level.
    Throughput,
    /// Who pays for messages.
    Payment,
    /// Meta's health status: whether messages can be sent.
    Health,
    /// The business token.
    Token,
    /// The Meta app's webhook.
    AppWebhook,
    /// The app's subscription to the account's webhooks.
    Subscription,
    /// Where Meta sends messages, if the site has an address of its own for them.
    MessagesOverride,
    /// The partner solution.
    Solution,
}

/// Result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// Nothing to do.
    Ok,
    /// Works now, or will soon, but somebody should know.
    Attention,
    /// Messages cannot be sent or received as they should.
    Problem,
    /// Meta did not return the value.
    Unknown,
}

/// What to do about a check. Each action belongs either to the customer or to the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NextAction {
    /// Customer: wait; Meta is reviewing.
    WaitForMeta,
    /// Customer: verify the business.
    VerifyBusiness,
    /// Customer: request a review of the account.
    AppealAccount,
    /// Customer: choose another display name.
    ChangeName,
    /// Customer: verify the number.
    VerifyNumber,
    /// Customer: send only what people asked for.
    ImproveQuality,
    /// Customer: add a payment method.
    AddPayment,
    /// Customer: read Meta's reasons.
    SeeReasons,
    /// Customer: sign up again to renew the token.
    Renew,
    /// Operator: share the credit line by hand.
    ShareCredit,
    /// Operator: set the app's webhook.
    SetWebhook,
    /// Operator: have the app subscribed to the account.
    Subscribe,
    /// Operator: have Meta send messages to the site's own address.
    SetMessagesOverride,
    /// Operator: accept or renew the partner solution.
    ActivateSolution,
    /// Operator: look at the number in WhatsApp Manager.
    #[serde(rename = "look_into_number")]
    InspectNumber,
    /// Operator: read the report again.
    #[serde(rename = "read_again")]
    RefreshReport,
}

impl NextAction {
    /// Whether the customer must act, and is therefore shown the check.
    pub const fn is_for_customer(self) -> bool {
        !matches!(
            self,
            Self::ShareCredit
                | Self::SetWebhook
                | Self::Subscribe
                | Self::SetMessagesOverride
                | Self::ActivateSolution
                | Self::InspectNumber
                | Self::RefreshReport
        )
    }
}

/// One of Meta's reasons why messages are limited or blocked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HealthReason {
    /// Meta's error code. Absent if Meta named none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub code: Option<i64>,
    /// Meta's description.
    pub text: String,
    /// Meta's proposed solution. Absent if Meta named none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub solution: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn report_is_ready_only_if_paid_verified_and_connected() {
        let report = |lines: serde_json::Value| -> ReadinessReport<Open> {
            serde_json::from_value(json!({"at": 1, "lines": lines})).unwrap()
        };
        for (item, state, ready) in [
            ("payment", "ok", true),
            ("payment", "attention", false),
            ("payment", "unknown", false),
            ("business_verification", "attention", false),
            ("account_review", "problem", false),
            ("health", "problem", false),
            ("quality", "attention", true),
            ("token", "attention", true),
            // Of a later version.
            ("insurance", "problem", true),
            ("payment", "paused", false),
        ] {
            let lines = json!([{"item": item, "state": state}]);
            assert_eq!(report(lines).is_ready(), ready, "{item} {state}");
        }
        assert!(report(json!([])).is_ready());
        // What the Worker says counts: it knows the checks that are not for the customer.
        for ready in [true, false] {
            let report = json!({"at": 1, "lines": [], "ready": ready});
            let report: ReadinessReport<Open> = serde_json::from_value(report).unwrap();
            assert_eq!(report.is_ready(), ready);
        }
    }

    #[test]
    fn deciding_items_are_words_of_the_wire() {
        for item in DECIDING_ITEMS {
            let item = serde_json::from_value::<CheckItem>(json!(item));
            assert!(
                item.as_ref().is_ok_and(|item| item.is_deciding()),
                "{item:?}"
            );
        }
    }
}
