//! What Meta's window may find filled in ("Embedded Signup, Pre-filled data"): flat, as an operator writes
//! it and a tag carries it, and nested, as `FB.login` takes it.

use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

/// All optional. Without `business_id`, name, email, website and country of a business go together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Prefill {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip: Option<String>,
    /// Two letters, e.g. `DE`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Of the business: country code and number, digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// e.g. `UTC-07:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// Of the WhatsApp profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Meta's word, e.g. `RETAIL`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Pre-verified numbers; Meta shows the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pre_verified_ids: Vec<String>,
    /// WhatsApp accounts that are there already.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waba_ids: Vec<String>,
}

/// `extras.setup`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Setup {
    /// The partner solution this signup belongs to ("Multi-partner solutions").
    #[serde(
        rename = "solutionID",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub solution_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business: Option<Business>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone: Option<Profile>,
    #[serde(
        rename = "preVerifiedPhone",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub pre_verified_phone: Option<Ids>,
    #[serde(
        rename = "whatsAppBusinessAccount",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub waba: Option<Ids>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Business {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub website: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<Address>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone: Option<Phone>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub timezone: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Address {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub street_address1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub street_address2: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub zip_postal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub country: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Phone {
    /// The one number in all of this.
    pub code: u16,
    pub number: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Profile {
    #[serde(
        rename = "displayName",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub description: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Ids {
    pub ids: Vec<String>,
}

impl Prefill {
    /// As `FB.login` takes it; what holds nothing is left out.
    pub fn setup(self, solution_id: Option<String>) -> Setup {
        let address = Address {
            street_address1: self.street1,
            street_address2: self.street2,
            city: self.city,
            state: self.state,
            zip_postal: self.zip,
            country: self.country,
        };
        let code = self.phone_code.and_then(|code| code.parse().ok());
        let business = Business {
            id: self.business_id,
            name: self.business_name,
            email: self.email,
            website: self.website,
            address: filled(address),
            phone: code
                .zip(self.phone_number)
                .map(|(code, number)| Phone { code, number }),
            timezone: self.timezone,
        };
        let profile = Profile {
            display_name: self.display_name,
            category: self.category,
            description: self.description,
        };
        Setup {
            solution_id,
            business: filled(business),
            phone: filled(profile),
            pre_verified_phone: filled(Ids {
                ids: self.pre_verified_ids,
            }),
            waba: filled(Ids { ids: self.waba_ids }),
        }
    }
}

fn filled<T: Default + PartialEq>(value: T) -> Option<T> {
    Some(value).filter(|value| *value != T::default())
}
