//! The health of an account and its numbers
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/support/health-status>), for reports. Read
//! leniently: a field that Meta leaves out is not known.

use super::request::PHONE_FIELDS;
use super::request::call::{AppToken, BusinessToken, Call, get, node};
use super::response::lenient;
use embark_protocol::report::HealthReason;
use embark_protocol::{PhoneNumberId, WabaId};
use serde::{Deserialize, Serialize};

/// `GET /{waba}`, with the fields of a report.
pub fn waba(id: &WabaId) -> Call<BusinessToken> {
    let fields =
        "id,business_verification_status,account_review_status,primary_funding_id,health_status";
    get("waba", node(id.as_str(), "")).with("fields", fields.to_owned())
}

/// `GET /{phone}`, with the fields of a report besides those of a signup.
pub fn phone(id: &PhoneNumberId) -> Call<BusinessToken> {
    let more = "throughput,whatsapp_business_manager_messaging_limit,health_status";
    let fields = [PHONE_FIELDS, ",", more].concat();
    get("phone", node(id.as_str(), "")).with("fields", fields)
}

/// `GET /{solution}`: reads a partner solution
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/multi-partner-solutions>).
pub fn solution(id: &str) -> Call<AppToken> {
    get("solution", node(id, "")).with("fields", "id,name,status".to_owned())
}

/// The response of [`waba`]. Stored in this form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountHealth {
    /// Whether Meta verified the business, e.g. `verified`.
    #[serde(deserialize_with = "lenient::text")]
    pub business_verification_status: Option<String>,
    /// Meta's review of the account, e.g. `APPROVED`.
    #[serde(deserialize_with = "lenient::text")]
    pub account_review_status: Option<String>,
    /// What pays for the account.
    #[serde(deserialize_with = "lenient::text")]
    pub primary_funding_id: Option<String>,
    /// Whether the account can send messages.
    #[serde(deserialize_with = "lenient::or_default")]
    pub health_status: Option<HealthStatus>,
}

/// The response of [`phone`], besides the fields of a
/// [`PhoneNumber`](crate::meta::response::PhoneNumber). Stored in this form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NumberHealth {
    /// Messages per second
    /// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/throughput>).
    #[serde(deserialize_with = "lenient::or_default")]
    pub throughput: Option<Throughput>,
    /// How many people may be messaged a day, e.g. `TIER_2K`
    /// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/messaging-limits>).
    #[serde(deserialize_with = "lenient::text")]
    pub whatsapp_business_manager_messaging_limit: Option<String>,
    /// Whether the number can send messages.
    #[serde(deserialize_with = "lenient::or_default")]
    pub health_status: Option<HealthStatus>,
}

/// The throughput of a number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Throughput {
    /// Meta's value, e.g. `STANDARD`.
    #[serde(deserialize_with = "lenient::text")]
    pub level: Option<String>,
}

/// Whether messages can be sent, and what prevents it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HealthStatus {
    /// `AVAILABLE`, `LIMITED` or `BLOCKED`.
    #[serde(deserialize_with = "lenient::text")]
    pub can_send_message: Option<String>,
    /// The number, its account, its business and the app, as far as they are involved.
    #[serde(deserialize_with = "lenient::list")]
    pub entities: Vec<HealthEntity>,
}

/// One of the entities that sending depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HealthEntity {
    /// Why it blocks sending.
    #[serde(deserialize_with = "lenient::list")]
    pub errors: Vec<HealthError>,
    /// Why it limits sending.
    #[serde(deserialize_with = "lenient::list")]
    pub additional_info: Vec<String>,
}

/// Why an entity blocks sending.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HealthError {
    /// Meta's error code.
    #[serde(deserialize_with = "lenient::signed")]
    pub error_code: Option<i64>,
    /// Meta's description.
    #[serde(deserialize_with = "lenient::text")]
    pub error_description: Option<String>,
    /// Meta's advice.
    #[serde(deserialize_with = "lenient::text")]
    pub possible_solution: Option<String>,
}

/// The response of [`solution`].
#[derive(Deserialize)]
pub struct SolutionStatus {
    /// Meta's value, e.g. `ACTIVE`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
}

impl HealthStatus {
    /// What blocks or limits sending, in Meta's own words; at most ten reasons of at most 400 characters.
    pub fn reasons(&self) -> Vec<HealthReason> {
        let reasons = self.entities.iter().flat_map(HealthEntity::reasons);
        reasons.take(MAX_REASONS).collect()
    }
}

impl HealthEntity {
    fn reasons(&self) -> impl Iterator<Item = HealthReason> {
        let errors = self.errors.iter().map(|error| HealthReason {
            code: error.error_code,
            text: error
                .error_description
                .as_deref()
                .map_or_else(String::new, truncate),
            solution: error.possible_solution.as_deref().map(truncate),
        });
        let infos = self.additional_info.iter().map(|info| HealthReason {
            code: None,
            text: truncate(info),
            solution: None,
        });
        errors.chain(infos)
    }
}

fn truncate(text: &str) -> String {
    text.chars().take(MAX_TEXT_LENGTH).collect()
}

/// How many reasons are kept.
const MAX_REASONS: usize = 10;
/// How many characters of each of Meta's texts are kept.
const MAX_TEXT_LENGTH: usize = 400;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn health_of_other_types_never_costs_the_rest() {
        let health: AccountHealth = serde_json::from_str(
            r#"{"business_verification_status":7,"health_status":"AVAILABLE","primary_funding_id":81,"new":{}}"#,
        )
        .unwrap();
        assert_eq!(health.business_verification_status.as_deref(), Some("7"));
        assert_eq!(health.primary_funding_id.as_deref(), Some("81"));
        assert_eq!(health.health_status, None);
        let health: NumberHealth = serde_json::from_str(
            r#"{"throughput":"STANDARD","health_status":{"can_send_message":"BLOCKED","entities":[null,
                {"errors":[7,{"error_code":"141006","error_description":"no"}],"additional_info":[{},"some"]}]}}"#,
        )
        .unwrap();
        let reasons = health.health_status.unwrap().reasons();
        assert_eq!(reasons.len(), 2);
        assert_eq!(
            (reasons[0].code, reasons[1].text.as_str()),
            (Some(141_006), "some")
        );
    }
}
