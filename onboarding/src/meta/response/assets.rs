//! Accounts and phone numbers.

use super::decode::{List, decode};
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
    pub id: WabaId,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// The business portfolio that owns it.
    #[serde(default)]
    pub owner_business_info: Option<OwnerBusiness>,
    /// Meta's value, e.g. `APPROVED`.
    #[serde(default)]
    pub account_review_status: Option<String>,
    /// What pays for the account. `None`: nothing.
    #[serde(default)]
    pub primary_funding_id: Option<String>,
}

/// The business portfolio that owns an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnerBusiness {
    /// The portfolio.
    pub id: BusinessId,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
}

/// `GET /{phone}`: a business phone number, with the fields that [`phone`](crate::meta::request::phone) asks for
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-phone-numbers>). Stored
/// in this form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneNumber {
    /// The id of the number, not the number itself.
    pub id: PhoneNumberId,
    /// The number as Meta formats it.
    #[serde(default)]
    pub display_phone_number: Option<String>,
    /// The display name.
    #[serde(default)]
    pub verified_name: Option<String>,
    /// Meta's value, e.g. `VERIFIED`.
    #[serde(default)]
    pub code_verification_status: Option<String>,
    /// Meta's value, e.g. `CLOUD_API`.
    #[serde(default)]
    pub platform_type: Option<String>,
    /// Meta's value, e.g. `CONNECTED`.
    #[serde(default)]
    pub status: Option<String>,
    /// The review of the display name, e.g. `APPROVED`.
    #[serde(default)]
    pub name_status: Option<String>,
    /// Meta's value, e.g. `GREEN`.
    #[serde(default)]
    pub quality_rating: Option<String>,
    /// Whether the number is used in the WhatsApp Business app.
    #[serde(default)]
    pub is_on_biz_app: Option<bool>,
    /// Whether two-step verification is on.
    #[serde(default)]
    pub is_pin_enabled: Option<bool>,
}

impl PhoneNumber {
    /// Whether the number is registered with the Cloud API and can send.
    pub fn is_connected(&self) -> bool {
        self.is_on_cloud_api() && field_equals(self.status.as_ref(), "CONNECTED")
    }

    /// Whether the number stays in the WhatsApp Business app
    /// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-business-app-users>).
    pub fn is_coexistence(&self) -> bool {
        self.is_on_cloud_api() && self.is_on_biz_app == Some(true)
    }

    /// Whether the number must be verified by a code before it can be registered.
    pub fn is_unverified(&self) -> bool {
        ["NOT_VERIFIED", "UNVERIFIED", "EXPIRED"]
            .iter()
            .any(|status| field_equals(self.code_verification_status.as_ref(), status))
    }

    fn is_on_cloud_api(&self) -> bool {
        field_equals(self.platform_type.as_ref(), "CLOUD_API")
    }
}

fn field_equals(field: Option<&String>, value: &str) -> bool {
    field.is_some_and(|text| text.eq_ignore_ascii_case(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_number_state_is_read_from_its_fields() {
        let phone = |json: &str| serde_json::from_str::<PhoneNumber>(json).unwrap();
        let on_cloud = phone(r#"{"id":"60000","platform_type":"CLOUD_API","status":"CONNECTED"}"#);
        assert!(on_cloud.is_connected() && !on_cloud.is_coexistence());
        let coexisting =
            phone(r#"{"id":"60000","platform_type":"CLOUD_API","is_on_biz_app":true}"#);
        assert!(coexisting.is_coexistence() && !coexisting.is_connected());
        assert!(phone(r#"{"id":"60000","code_verification_status":"expired"}"#).is_unverified());
        assert!(!phone(r#"{"id":"60000","status":"SOMETHING_NEW"}"#).is_connected());
    }
}
