//! What a site's signups need besides Meta's own calls: a Solution Partner's credit line, Infobip's
//! account, or another provider's hand-off as data. No secret stands here: they are named, and travel alone.

use crate::id::{BusinessId, CreditLineId, SystemUserId, WabaId};
use alloc::{collections::BTreeMap, string::String, vec::Vec};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which steps and scopes a site's signups have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The customer pays Meta; we register the number.
    #[default]
    TechProvider,
    /// The customer shares our credit line; we register the number.
    SolutionPartner,
    /// Infobip registers the number, and sends.
    Infobip,
    /// Another provider does, as the site's `handoff` says.
    Handoff,
}

/// What a run takes along of its site's settings, so that a change in the middle of it changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    pub credit: Option<Credit>,
    pub infobip: Option<Infobip>,
    pub handoff: Option<Handoff>,
}

/// Of `solution-partner` ("Share and revoke credit lines"). A line that is attached can never be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    /// The extended credit line.
    pub line: CreditLineId,
    pub currency: Currency,
    pub method: CreditMethod,
    /// Of the partner's portfolio; it is put on each customer's account.
    pub system_user: SystemUserId,
}

/// `waba_currency`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    Aud,
    Eur,
    Gbp,
    Idr,
    Inr,
    Usd,
}

impl Currency {
    /// The wire form.
    pub const fn word(self) -> &'static str {
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

/// Which of Meta's two ways is switched on for the partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditMethod {
    /// `whatsapp_credit_sharing_and_attach`.
    ShareAndAttach,
    /// `whatsapp_credit_sharing`, then `whatsapp_credit_attach`.
    ShareThenAttach,
}

/// Of `infobip`. The secret `infobip` holds what stands behind the scheme word; for `Basic`, `user:password`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Infobip {
    /// `https://api.infobip.com`, or the account's own base URL.
    pub base_url: String,
    #[serde(default)]
    pub authorization: Scheme,
    /// The application that Infobip associates senders with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub application_id: Option<String>,
}

/// Infobip's forms of the `Authorization` header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scheme {
    /// An API key.
    #[default]
    App,
    Basic,
    /// A session token.
    #[serde(rename = "IBSSO")]
    Ibsso,
    /// An OAuth 2.0 token.
    Bearer,
}

/// `POST /v1/admin/sites/{site}/infobip/senders`: one more number of an account that is shared already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSender {
    pub waba_id: WabaId,
    /// e.g. `49`.
    pub country_code: String,
    /// Without the country code.
    pub phone_number: String,
    pub display_name: String,
    /// `EXTERNAL_SMS` or `EXTERNAL_VOICE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// e.g. `en`.
    pub locale: String,
}

/// `POST /v1/admin/sites/{site}/infobip/messages`: a test message. A template with its placeholders, or a
/// text within 24 h of the customer's last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    pub from: String,
    pub to: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub placeholders: Vec<String>,
    /// The customer's business portfolio: the entity it is counted for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business_id: Option<BusinessId>,
}

/// Of `handoff`: how another provider is told. Texts may hold `{waba_id}`, `{phone_number_id}`,
/// `{business_id}`, `{phone_e164}`, `{display_name}`, `{signup_id}` and `{const:name}`; headers also
/// `{secret:name}` and `{secret_base64:name}`; the status address also `{answer:/json/pointer}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handoff {
    #[serde(default)]
    pub method: Method,
    pub url: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub headers: BTreeMap<String, String>,
    /// The JSON body; its texts are filled in.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub json: Option<Value>,
    /// A form in its place.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub form: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub constants: BTreeMap<String, String>,
    /// What the answer must say; any 2xx without.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub success: Option<Expect>,
    /// Statuses that say: told before.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub already: Vec<u16>,
    /// Where the provider says how far it is, if it answers before it is done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<StatusCheck>,
    /// How often it is tried while the provider does not answer; 8, unless said.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tries: Option<u8>,
    /// The provider registers the number with Meta, unless this says `false`.
    #[serde(default = "yes")]
    pub skip_register: bool,
    /// The provider alone hears the account's webhooks.
    #[serde(default)]
    pub skip_subscribe: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    #[default]
    Post,
    Put,
    Patch,
}

/// A word in a JSON answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// RFC 6901, e.g. `/status`.
    pub pointer: String,
    pub values: Vec<String>,
}

/// Asked again and again, until a terminal word or the deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusCheck {
    pub url: String,
    pub pointer: String,
    pub done: Vec<String>,
    #[serde(default)]
    pub failed: Vec<String>,
    /// Seconds between two looks at first; 15, unless said. Grows to five minutes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub every_s: Option<u32>,
    /// Seconds; a day, unless said; at most 13 days.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline_s: Option<u32>,
}

fn yes() -> bool {
    true
}
