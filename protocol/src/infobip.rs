//! The policy `infobip`: the site's settings, and the operator's requests to Infobip for an account that is
//! already shared with it. See
//! <https://www.infobip.com/docs/api/channels/whatsapp>.

use crate::id::{BusinessId, WabaId};
use serde::{Deserialize, Serialize};

/// Settings of the policy `infobip`. The credentials are the site's secret `infobip`: what follows the scheme in
/// the `Authorization` header, or `user:password` for the scheme `Basic`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InfobipSettings {
    /// `https://api.infobip.com`, or the account's own base URL.
    pub base_url: String,
    /// Scheme of the `Authorization` header.
    #[serde(default)]
    pub authorization: InfobipAuthScheme,
    /// The Infobip application that senders are assigned to. Absent: none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub application_id: Option<String>,
}

/// Schemes of the `Authorization` header that Infobip accepts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum InfobipAuthScheme {
    /// An API key.
    #[default]
    App,
    /// User name and password (<https://www.rfc-editor.org/rfc/rfc7617>).
    Basic,
    /// A session token.
    #[serde(rename = "IBSSO")]
    Ibsso,
    /// An OAuth 2.0 token (<https://www.rfc-editor.org/rfc/rfc6750>).
    Bearer,
}

/// `POST /v1/admin/sites/{site}/infobip/senders`: register one more number of an account that is already shared
/// with Infobip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InfobipSenderRequest {
    /// The account.
    pub waba_id: WabaId,
    /// Calling code without `+`, e.g. `49`.
    pub country_code: String,
    /// The number without the country code.
    pub phone_number: String,
    /// Display name for the number.
    pub display_name: String,
    /// How the verification code is sent: `EXTERNAL_SMS` or `EXTERNAL_VOICE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Language of the verification message, e.g. `en`.
    pub locale: String,
}

/// `POST /v1/admin/sites/{site}/infobip/messages`: send a test message. Either `template` with `language` and
/// `placeholders`, or `text`, which Meta allows within 24 hours of the recipient's last message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct InfobipMessageRequest {
    /// The sending number.
    pub from: String,
    /// The receiving number.
    pub to: String,
    /// A plain text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    /// Name of a message template.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub template: Option<String>,
    /// Language of the template.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub language: Option<String>,
    /// Values of the template's placeholders, in order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub placeholders: Vec<String>,
    /// The customer's business portfolio: the Infobip entity that the message is accounted to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business_id: Option<BusinessId>,
}
