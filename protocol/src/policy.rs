//! What a site's signups do after Meta's popup besides connecting the account: nothing (Tech Provider), share a
//! credit line (Solution Partner), or hand over to another provider. Secrets are never part of these settings.

use crate::handoff::HandoffTemplate;
use crate::id::{CreditLineId, SystemUserId};
use crate::infobip::InfobipSettings;
use serde::{Deserialize, Serialize};
use std::string::String;

/// Selects the steps and permissions of a site's signups.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The customer pays Meta; this service registers the number.
    #[default]
    TechProvider,
    /// The partner's credit line pays; this service registers the number.
    SolutionPartner,
    /// Infobip registers the number and sends the messages.
    Infobip,
    /// Another provider does, as described by the site's [`HandoffTemplate`].
    Handoff,
}

/// The settings of a site's policy. A signup keeps a copy, so that a later change of the site does not affect it.
/// Only the part that belongs to the policy is present.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicySettings {
    /// Present for `solution-partner`.
    pub credit: Option<CreditSettings>,
    /// Present for `infobip`.
    pub infobip: Option<InfobipSettings>,
    /// Present for `handoff`.
    pub handoff: Option<HandoffTemplate>,
    /// `extras.featureType` of the site's popup. Absent: the ordinary flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feature_type: Option<String>,
}

/// Settings of the policy `solution-partner`. Once a credit line is attached to an account, Meta does not allow
/// another. See
/// <https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/share-and-revoke-credit-lines>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreditSettings {
    /// The partner's extended credit line.
    pub line: CreditLineId,
    /// Currency in which the account is billed.
    pub currency: Currency,
    /// Which of Meta's two APIs is used.
    pub method: CreditSharingMethod,
    /// System user of the partner's portfolio. It is added to each customer's account.
    pub system_user: SystemUserId,
}

/// `waba_currency`, an ISO 4217 code that Meta accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// Australian dollar.
    Aud,
    /// Euro.
    Eur,
    /// Pound sterling.
    Gbp,
    /// Indonesian rupiah.
    Idr,
    /// Indian rupee.
    Inr,
    /// US dollar.
    Usd,
}

impl Currency {
    /// The value on the wire, which is also Meta's.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Aud => "AUD",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Idr => "IDR",
            Self::Inr => "INR",
            Self::Usd => "USD",
        }
    }
}

/// Which of Meta's two APIs for sharing a credit line is enabled for the partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CreditSharingMethod {
    /// `whatsapp_credit_sharing_and_attach`.
    ShareAndAttach,
    /// `whatsapp_credit_sharing`, then `whatsapp_credit_attach`.
    ShareThenAttach,
}
