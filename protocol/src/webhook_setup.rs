//! The webhook of an app at Meta, compared with what it should be.

use serde::{Deserialize, Serialize};

/// Response of `GET` and `PUT /v1/admin/apps/{app}/webhook`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AppWebhookStatus {
    /// The callback URL that Meta should have.
    pub callback_url: String,
    /// What Meta has. Absent: no webhook for WhatsApp accounts is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_meta: Option<WebhookAtMeta>,
    /// What is to be changed. Empty: nothing.
    pub differences: Vec<WebhookDifference>,
}

/// The webhook for WhatsApp accounts that Meta has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookAtMeta {
    /// The URL that it calls.
    pub callback_url: String,
    /// Whether it is switched on.
    pub active: bool,
    /// The fields that it is subscribed to.
    pub fields: Vec<String>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookDifference {
    /// What differs.
    pub kind: WebhookDifferenceKind,
    /// The field that is missing. Absent: it is about the whole webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What it leads to, as one English sentence or two.
    pub hint: String,
}

/// What differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum WebhookDifferenceKind {
    /// There is none.
    NotSet,
    /// Meta calls another address.
    OtherAddress,
    /// Meta has switched it off.
    Inactive,
    /// A field is missing.
    MissingField,
}
