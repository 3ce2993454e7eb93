//! What the dialog grants: authorization codes and the business tokens they are exchanged for.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One authorization code: one use, thirty seconds (rule `code_ttl_s`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AuthorizationCode {
    /// [`digest`](super::digest) of the code.
    pub id: String,
    pub code: String,
    pub grant: Grant,
    pub bound_to: RedirectBinding,
    /// Unix milliseconds.
    pub issued_ms: u64,
    /// It was exchanged.
    pub used: bool,
}

/// What a person granted to an app.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Grant {
    pub app_id: String,
    pub business_id: String,
    pub waba_ids: Vec<String>,
    pub scopes: Vec<String>,
    /// Whether `debug_token` lists target ids for this token.
    pub granular: bool,
    /// The partner solution the WABAs were shared through.
    #[serde(default)]
    pub solution_id: Option<String>,
    /// Other assets, by the names of the event's lists.
    #[serde(default)]
    pub extra_assets: BTreeMap<String, Vec<String>>,
}

/// What the `redirect_uri` of the code exchange is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "flow", rename_all = "snake_case")]
pub enum RedirectBinding {
    /// Issued to the popup of `FB.login`.
    Sdk {
        /// The `redirect_uri` the SDK sent to the dialog.
        captured: String,
        /// Address of the page that called `FB.login`; empty when it is not known.
        page: String,
    },
    /// Issued to a dialog that redirects back: the exchange must send exactly this one.
    Redirect { uri: String },
}

/// A business token: what a code is exchanged for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BusinessToken {
    /// [`digest`](super::digest) of the token.
    pub id: String,
    pub token: String,
    pub grant: Grant,
    /// Unix seconds.
    pub issued_s: u64,
    /// Unix seconds; 0: it never expires.
    pub expires_at: u64,
    /// `false`: revoked.
    pub is_valid: bool,
    pub user_id: String,
}

impl BusinessToken {
    /// Whether its time is over.
    pub fn is_expired(&self, now_ms: u64) -> bool {
        self.expires_at != 0 && now_ms / 1000 >= self.expires_at
    }
}

/// The scopes of Embedded Signup.
pub fn default_scopes() -> Vec<String> {
    vec![
        "whatsapp_business_management".into(),
        "whatsapp_business_messaging".into(),
    ]
}

/// Prefix of the `redirect_uri` that the SDK sends for a popup; the result then returns by `postMessage`.
pub const XD_ARBITER: &str = "https://staticxx.facebook.com/x/connect/xd_arbiter/";
