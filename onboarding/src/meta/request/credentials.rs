//! The credentials of a Meta app, which every call is signed with.

use crate::crypto::Secret;
use embark_protocol::{BusinessId, MetaAppId};
use serde::{Deserialize, Serialize};

/// What the calls of one Meta app need.
#[derive(Clone)]
pub struct AppCredentials {
    /// The app.
    pub app_id: MetaAppId,
    /// The version of the Graph API, e.g. `v25.0`.
    pub version: String,
    /// The app secret.
    pub secret: Secret,
    /// The variant that Meta accepted at the app's last exchange, which is tried first.
    pub redirect_uri_variant: RedirectUriVariant,
    /// The token of the partner's system user
    /// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/access-tokens>). `None`: none is
    /// stored, and no call of a Solution Partner can be made.
    pub system_token: Option<Secret>,
    /// The partner's own business portfolio. `None`: not configured.
    pub partner_business: Option<BusinessId>,
    /// The callback URL that this deployment has for the app's webhooks.
    pub webhook_url: String,
}

/// The `redirect_uri` of an exchange. Meta compares it with the one of the dialog that issued the code; which one
/// the JavaScript SDK's dialog uses is not documented, so the variants are tried in turn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedirectUriVariant {
    /// No `redirect_uri`, as Meta's pages show the call.
    #[default]
    Omitted,
    /// The one that the browser saw in the URL of the dialog.
    Captured,
    /// An empty one, as Meta's sample app sends.
    Empty,
    /// The URL of the page that opened the dialog.
    Page,
}

impl RedirectUriVariant {
    /// Every variant, in the order in which they are tried.
    pub const ALL: [Self; 4] = [Self::Omitted, Self::Captured, Self::Empty, Self::Page];

    /// The name under which the accepted variant is stored for the app's next exchange; the same as in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Omitted => "omitted",
            Self::Captured => "captured",
            Self::Empty => "empty",
            Self::Page => "page",
        }
    }
}
