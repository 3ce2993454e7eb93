//! The `extras` of `FB.login`, as far as the dialog acts on them. `null` is as good as absent: clients send it for what they
//! do not use.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/pre-filled-data>

use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Extras {
    #[serde(deserialize_with = "null_is_default")]
    pub setup: Setup,
    #[serde(rename = "featureType")]
    pub feature_type: Option<String>,
    #[serde(rename = "sessionInfoVersion")]
    pub session_info_version: Option<Value>,
    /// Version of Embedded Signup, e.g. `v3`; `None`: the configuration's, which is v4.
    pub version: Option<String>,
    #[serde(deserialize_with = "null_is_default")]
    pub features: Vec<Feature>,
}

/// Prefilled data. Fields that are not read here are parsed so that a wrong type is refused.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Setup {
    pub business: Option<Prefill>,
    pub phone: Option<Prefill>,
    #[serde(rename = "solutionID")]
    pub solution_id: Option<String>,
    #[serde(rename = "preVerifiedPhone")]
    pub pre_verified_phone: Option<IdList>,
    #[serde(rename = "whatsAppBusinessAccount")]
    pub waba: Option<IdList>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct IdList {
    #[serde(deserialize_with = "null_is_default")]
    pub ids: Vec<String>,
}

/// Of the business or of the phone number.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Prefill {
    pub name: Option<String>,
    #[serde(rename = "displayName")]
    pub display_name: Option<String>,
    /// Contact number of the business.
    pub phone: Option<ContactNumber>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub struct ContactNumber {
    /// Country code; a JSON number, unlike every other prefilled field.
    pub code: u16,
    pub number: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Feature {
    pub name: String,
}

fn null_is_default<'de, D, T>(de: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::deserialize(de).map(Option::unwrap_or_default)
}
