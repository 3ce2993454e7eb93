//! Accounts and phone numbers.

use super::decode::{List, decode};
use super::lenient;
use crate::meta::error::ApiError;
use crate::transport::ApiResult;
use embark_protocol::{BusinessId, PhoneNumberId, WabaId};
use serde::{Deserialize, Serialize};

/// Reads the response of `GET /{waba}/phone_numbers`.
///
/// # Errors
/// As of [`decode`].
pub fn decode_phone_numbers(result: ApiResult) -> Result<Vec<PhoneNumber>, ApiError> {
    decode::<List<PhoneNumber>>(result).map(|list| list.data)
}

/// `GET /{waba}`: an account
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-accounts>). Stored in
/// this form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WabaDetails {
    /// The account.
    #[serde(deserialize_with = "lenient::id")]
    pub id: WabaId,
    /// Its name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
    /// The business portfolio that owns it.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub owner_business_info: Option<OwnerBusiness>,
    /// Meta's value, e.g. `APPROVED`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub account_review_status: Option<String>,
    /// What pays for the account. `None`: nothing.
    #[serde(default, deserialize_with = "lenient::text")]
    pub primary_funding_id: Option<String>,
}

/// The business portfolio that owns an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerBusiness {
    /// The portfolio.
    #[serde(deserialize_with = "lenient::id")]
    pub id: BusinessId,
    /// Its name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name: Option<String>,
}

/// `GET /{phone}`: a business phone number, with the fields that [`phone`](crate::meta::request::phone) asks for
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-phone-numbers>). Stored
/// in this form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneNumber {
    /// The id of the number, not the number itself.
    #[serde(deserialize_with = "lenient::id")]
    pub id: PhoneNumberId,
    /// The number as Meta formats it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub display_phone_number: Option<String>,
    /// The display name.
    #[serde(default, deserialize_with = "lenient::text")]
    pub verified_name: Option<String>,
    /// Meta's value, e.g. `VERIFIED`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub code_verification_status: Option<String>,
    /// Meta's value, e.g. `CLOUD_API`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub platform_type: Option<String>,
    /// Meta's value, e.g. `CONNECTED`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub status: Option<String>,
    /// The review of the display name, e.g. `APPROVED`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub name_status: Option<String>,
    /// Meta's value, e.g. `GREEN`.
    #[serde(default, deserialize_with = "lenient::text")]
    pub quality_rating: Option<String>,
    /// Whether the number is used in the WhatsApp Business app.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_on_biz_app: Option<bool>,
    /// Whether two-step verification is on.
    #[serde(default, deserialize_with = "lenient::flag")]
    pub is_pin_enabled: Option<bool>,
}

impl PhoneNumber {
    /// A number of which nothing but its id is known.
    pub fn unread(id: PhoneNumberId) -> Self {
        Self {
            id,
            display_phone_number: None,
            verified_name: None,
            code_verification_status: None,
            platform_type: None,
            status: None,
            name_status: None,
            quality_rating: None,
            is_on_biz_app: None,
            is_pin_enabled: None,
        }
    }

    /// Whether the number is registered with the Cloud API. A registered number may be held back by its quality, or its
    /// verification may have expired: it is registered all the same, and registering it again could take it offline.
    /// A status that is unknown or missing says nothing against it.
    pub fn is_registered(&self) -> bool {
        self.has_platform(&["CLOUD_API"]) && !self.has_status(NOT_REGISTERED)
    }

    /// Whether the number is in use: registered, or Meta's status says so without naming the platform.
    pub fn is_live(&self) -> bool {
        self.is_registered() || (self.has_status(LIVE) && !self.is_on_premise())
    }

    /// Whether the number is still registered with the On-Premises API.
    pub fn is_on_premise(&self) -> bool {
        self.has_platform(&["ON_PREMISE", "ON_PREMISES"])
    }

    /// Whether the number stays in the WhatsApp Business app, and must never be registered
    /// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users>).
    /// Just after the signup, the platform may not show it yet.
    pub fn is_coexistence(&self) -> bool {
        self.is_on_biz_app == Some(true)
    }

    /// Whether all fields show a number that stays in the WhatsApp Business app.
    pub fn is_settled_coexistence(&self) -> bool {
        self.is_coexistence() && self.has_platform(&["CLOUD_API"])
    }

    /// Whether the fields contradict each other: the number is in use, and on no platform.
    pub fn is_contradictory(&self) -> bool {
        self.is_live() && !self.is_registered()
    }

    /// Whether the number must be verified by a code before it can be registered.
    pub fn is_unverified(&self) -> bool {
        let statuses = ["NOT_VERIFIED", "UNVERIFIED", "EXPIRED"];
        is_one_of(self.code_verification_status.as_ref(), &statuses)
    }

    fn has_platform(&self, platforms: &[&str]) -> bool {
        is_one_of(self.platform_type.as_ref(), platforms)
    }

    fn has_status(&self, statuses: &[&str]) -> bool {
        is_one_of(self.status.as_ref(), statuses)
    }
}

/// The statuses of a number that is not registered, or no more, whatever its platform.
const NOT_REGISTERED: &[&str] = &[
    "PENDING",
    "UNVERIFIED",
    "DELETED",
    "MIGRATED",
    "DISCONNECTED",
    "OFFLINE",
    "BANNED",
];
/// The statuses of a number that is in use.
const LIVE: &[&str] = &["CONNECTED", "FLAGGED", "RESTRICTED", "RATE_LIMITED"];

fn is_one_of(field: Option<&String>, values: &[&str]) -> bool {
    field.is_some_and(|text| {
        let text = text.trim();
        values.iter().any(|value| text.eq_ignore_ascii_case(value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::ApiResponse;

    fn phone(fields: &str) -> PhoneNumber {
        serde_json::from_str(&format!(r#"{{"id":"60000"{fields}}}"#)).unwrap()
    }

    #[test]
    fn number_on_the_cloud_api_is_registered_unless_its_status_denies_it() {
        for (status, want) in [
            (r#","status":"CONNECTED""#, true),
            (r#","status":"connected""#, true),
            (r#","status":"FLAGGED""#, true),
            (r#","status":"RESTRICTED""#, true),
            (r#","status":"Rate_Limited""#, true),
            (r#","status":"SOMETHING_NEW""#, true),
            (r#","status":null"#, true),
            (r#","status":{"value":"CONNECTED"}"#, true),
            ("", true),
            (r#","status":"PENDING""#, false),
            (r#","status":"pending""#, false),
            (r#","status":"UNVERIFIED""#, false),
            (r#","status":"DELETED""#, false),
            (r#","status":"MIGRATED""#, false),
            (r#","status":"DISCONNECTED""#, false),
            (r#","status":"OFFLINE""#, false),
            (r#","status":"BANNED""#, false),
        ] {
            let on_cloud = phone(&format!(r#","platform_type":"CLOUD_API"{status}"#));
            assert_eq!(on_cloud.is_registered(), want, "{status}");
            let elsewhere = phone(&format!(r#","platform_type":"NOT_APPLICABLE"{status}"#));
            assert!(!elsewhere.is_registered(), "{status}");
        }
        let expired = r#","platform_type":"cloud_api","status":"CONNECTED","code_verification_status":"EXPIRED""#;
        let expired = phone(expired);
        assert!(expired.is_registered() && expired.is_unverified());
    }

    #[test]
    fn live_number_on_no_platform_contradicts_itself() {
        for (fields, contradictory) in [
            (
                r#","platform_type":"NOT_APPLICABLE","status":"CONNECTED""#,
                true,
            ),
            (r#","status":"FLAGGED""#, true),
            (
                r#","platform_type":"CLOUD_API","status":"CONNECTED""#,
                false,
            ),
            (
                r#","platform_type":"ON_PREMISE","status":"CONNECTED""#,
                false,
            ),
            (
                r#","platform_type":"NOT_APPLICABLE","status":"PENDING""#,
                false,
            ),
            ("", false),
        ] {
            assert_eq!(phone(fields).is_contradictory(), contradictory, "{fields}");
        }
    }

    #[test]
    fn number_in_the_business_app_is_known_by_that_flag_alone() {
        for (flag, want) in [
            ("true", true),
            (r#""true""#, true),
            ("1", true),
            ("false", false),
            ("null", false),
            ("{}", false),
        ] {
            let number = phone(&format!(
                r#","platform_type":"NOT_APPLICABLE","is_on_biz_app":{flag}"#
            ));
            assert_eq!(number.is_coexistence(), want, "{flag}");
            assert!(!number.is_settled_coexistence(), "{flag}");
        }
    }

    #[test]
    fn fields_of_other_types_never_cost_the_number() {
        let body = br#"{"data":[{"id":6000000000000001,"verified_name":null,"quality_rating":{"score":"GREEN"},
            "name_status":["APPROVED"],"display_phone_number":16315550101,"is_pin_enabled":"true",
            "is_on_biz_app":[],"throughput":7,"unknown":{}},{"verified_name":"no id"},null,"x",{"id":"x"}]}"#;
        let phones = decode_phone_numbers(Ok(ApiResponse {
            status: 200,
            retry_after: None,
            body: body.to_vec(),
        }))
        .unwrap();
        let [phone] = phones.as_slice() else {
            panic!("{phones:?}")
        };
        assert_eq!(phone.id.as_str(), "6000000000000001");
        assert_eq!(phone.display_phone_number.as_deref(), Some("16315550101"));
        assert_eq!(
            (phone.is_pin_enabled, phone.is_on_biz_app),
            (Some(true), None)
        );
        assert_eq!((&phone.quality_rating, &phone.name_status), (&None, &None));
    }

    #[test]
    fn list_of_numbers_is_null_empty_or_unreadable() {
        let read = |body: &str| {
            decode_phone_numbers(Ok(ApiResponse {
                status: 200,
                retry_after: None,
                body: body.into(),
            }))
        };
        assert_eq!(read(r#"{"data":null}"#), Ok(vec![]));
        assert_eq!(read(r#"{"data":[],"paging":null}"#), Ok(vec![]));
        for body in ["{}", r#"{"data":"none"}"#, r#"{"data":{}}"#, "<html>", ""] {
            assert!(read(body).is_err(), "{body}");
        }
    }

    #[test]
    fn account_is_read_whatever_its_optional_fields_are() {
        let account: WabaDetails = serde_json::from_str(
            r#"{"id":5000000000000001,"name":7,"owner_business_info":"none","account_review_status":{},
                "primary_funding_id":8100000000000001}"#,
        )
        .unwrap();
        assert_eq!(account.id.as_str(), "5000000000000001");
        assert_eq!(account.owner_business_info, None);
        assert_eq!(
            account.primary_funding_id.as_deref(),
            Some("8100000000000001")
        );
        assert!(serde_json::from_str::<WabaDetails>(r#"{"id":7}"#).is_err());
    }
}
