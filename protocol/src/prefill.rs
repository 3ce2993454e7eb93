//! Pre-filled data of Meta's popup, in two shapes: flat, as the operator and the site's HTML tag write it, and
//! nested, as `FB.login` takes it. See
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/pre-filled-data>.

use serde::{Deserialize, Serialize};

/// The flat shape. Everything is optional: what is absent is not pre-filled. Without `business_id`, Meta wants
/// `business_name`, `email`, `website` and `country` together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, default)]
pub struct PrefillSettings {
    /// Id of an existing business portfolio.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_id: Option<String>,
    /// Name of the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_name: Option<String>,
    /// E-mail address of the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Website of the business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// First line of the street address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street1: Option<String>,
    /// Second line of the street address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street2: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
    /// ISO 3166-1 alpha-2, e.g. `DE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Calling code of the business's phone, digits only. Ignored without `phone_number`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_code: Option<String>,
    /// Number of the business's phone without the calling code, digits only. Ignored without `phone_code`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Time zone as an offset, e.g. `UTC-07:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Display name in the WhatsApp profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Business category in the WhatsApp profile, a value of Meta's, e.g. `RETAIL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Description in the WhatsApp profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Ids of pre-verified numbers. Meta offers the first only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pre_verified_ids: Vec<String>,
    /// Ids of existing WhatsApp Business Accounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waba_ids: Vec<String>,
}

/// `extras.setup` of `FB.login`: the nested shape, and the partner solution.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginSetup {
    /// The partner solution that the signup belongs to. See
    /// <https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/multi-partner-solutions>.
    #[serde(
        rename = "solutionID",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub solution_id: Option<String>,
    /// The business portfolio.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<PrefillBusiness>,
    /// The number's WhatsApp profile.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone: Option<PrefillProfile>,
    /// Pre-verified numbers.
    #[serde(
        rename = "preVerifiedPhone",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub pre_verified_phone: Option<PrefillIds>,
    /// Existing WhatsApp Business Accounts.
    #[serde(
        rename = "whatsAppBusinessAccount",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub waba: Option<PrefillIds>,
}

/// `setup.business`. Fields as in [`PrefillSettings`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PrefillBusiness {
    /// Id of an existing portfolio. If the person has access to it, Meta ignores the other fields.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    /// Website.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub website: Option<String>,
    /// Postal address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<PrefillAddress>,
    /// Phone of the business; not the number that is signed up.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone: Option<PrefillPhone>,
    /// Time zone as an offset, e.g. `UTC-07:00`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub timezone: Option<String>,
}

/// `setup.business.address`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct PrefillAddress {
    /// First line of the street address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub street_address1: Option<String>,
    /// Second line of the street address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub street_address2: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub city: Option<String>,
    /// State or region.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub zip_postal: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub country: Option<String>,
}

/// `setup.business.phone`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PrefillPhone {
    /// Calling code. Meta takes this one as a JSON number.
    pub code: u16,
    /// The number without the calling code.
    pub number: String,
}

/// `setup.phone`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PrefillProfile {
    /// Display name.
    #[serde(
        rename = "displayName",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub display_name: Option<String>,
    /// Business category, a value of Meta's.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub category: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
}

/// `setup.preVerifiedPhone` and `setup.whatsAppBusinessAccount`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PrefillIds {
    /// The ids.
    pub ids: Vec<String>,
}

impl PrefillSettings {
    /// Converts to the nested shape. Objects without content are left out, as is a phone whose calling code is
    /// not a number.
    pub fn into_login_setup(self, solution_id: Option<String>) -> LoginSetup {
        let address = PrefillAddress {
            street_address1: self.street1,
            street_address2: self.street2,
            city: self.city,
            state: self.state,
            zip_postal: self.zip,
            country: self.country,
        };
        let code = self.phone_code.and_then(|code| code.parse().ok());
        let business = PrefillBusiness {
            id: self.business_id,
            name: self.business_name,
            email: self.email,
            website: self.website,
            address: non_default(address),
            phone: code
                .zip(self.phone_number)
                .map(|(code, number)| PrefillPhone { code, number }),
            timezone: self.timezone,
        };
        let profile = PrefillProfile {
            display_name: self.display_name,
            category: self.category,
            description: self.description,
        };
        LoginSetup {
            solution_id,
            business: non_default(business),
            phone: non_default(profile),
            pre_verified_phone: non_default(PrefillIds {
                ids: self.pre_verified_ids,
            }),
            waba: non_default(PrefillIds { ids: self.waba_ids }),
        }
    }
}

fn non_default<T: Default + PartialEq>(value: T) -> Option<T> {
    Some(value).filter(|value| *value != T::default())
}
