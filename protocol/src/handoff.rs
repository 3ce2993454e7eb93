//! The policy `handoff`: an HTTP request, described by the operator as data, that hands a connected account over
//! to another provider, and how its reply is read.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The request to the provider.
///
/// Strings may contain placeholders: `{waba_id}`, `{phone_number_id}`, `{business_id}`, `{phone_e164}`,
/// `{display_name}`, `{signup_id}` and `{const:name}`; header values also `{secret:name}` and
/// `{secret_base64:name}`; the URL of `status` also `{answer:/json/pointer}`, a value of the provider's reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HandoffTemplate {
    /// HTTP method.
    #[serde(default)]
    pub method: HandoffMethod,
    /// URL; https, and no placeholder in the host name.
    pub url: String,
    /// Header names and values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub headers: BTreeMap<String, String>,
    /// A JSON body; placeholders in its strings are substituted. Absent: `form`, or no body.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub json: Option<Value>,
    /// An `application/x-www-form-urlencoded` body. Empty if there is a `json` body or none.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub form: BTreeMap<String, String>,
    /// Values of `{const:name}`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub constants: BTreeMap<String, String>,
    /// What a 2xx reply must contain to count as success. Absent: any 2xx reply does.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub success: Option<HandoffSuccess>,
    /// HTTP status codes by which the provider says that the account was handed over before.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub already: Vec<u16>,
    /// How the provider's progress is read. Absent: the reply is final.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<HandoffStatusPoll>,
    /// How often the request is sent at most while the provider does not answer. Absent: 8.
    #[serde(rename = "tries", skip_serializing_if = "Option::is_none", default)]
    pub max_attempts: Option<u8>,
    /// Whether the provider registers the number with Meta, so that this service does not. Default `true`.
    #[serde(default = "default_true")]
    pub skip_register: bool,
    /// Whether only the provider receives the account's webhooks, so that this service does not subscribe.
    #[serde(default)]
    pub skip_subscribe: bool,
}

/// HTTP methods that a hand-off may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum HandoffMethod {
    /// `POST`.
    #[default]
    Post,
    /// `PUT`.
    Put,
    /// `PATCH`.
    Patch,
}

/// A value in a JSON reply that means success.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HandoffSuccess {
    /// JSON pointer (<https://www.rfc-editor.org/rfc/rfc6901>), e.g. `/status`.
    pub pointer: String,
    /// The accepted values.
    pub values: Vec<String>,
}

/// How the provider's progress is polled, until a final value or the deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct HandoffStatusPoll {
    /// URL that is read with `GET` and the headers of the template.
    pub url: String,
    /// JSON pointer (<https://www.rfc-editor.org/rfc/rfc6901>) to the status value in the reply.
    pub pointer: String,
    /// Status values that mean success.
    pub done: Vec<String>,
    /// Status values that mean failure. Any other value means: poll again.
    #[serde(default)]
    pub failed: Vec<String>,
    /// Seconds between the first two polls; the interval grows to five minutes. Absent: 15.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub every_s: Option<u32>,
    /// Seconds until polling is given up; at most 13 days. Absent: one day.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline_s: Option<u32>,
}

fn default_true() -> bool {
    true
}
