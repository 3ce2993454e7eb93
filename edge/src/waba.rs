//! One WhatsApp Business Account: which sites own it, and the business token of record, sealed.

use crate::seal::Sealed;
use embark_protocol::{AppKey, SignupId, SiteId, WabaId};
use serde::{Deserialize, Serialize};

/// The stored record.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Waba {
    pub owners: Vec<SiteId>,
    /// By app: one WABA may be shared with several apps of a partner.
    pub tokens: Vec<Held>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub app: AppKey,
    pub token: Sealed,
    /// Unix seconds; `None` or 0 never expires.
    pub expires_at: Option<u64>,
    pub run: SignupId,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Take the token of record and the site into ownership. Idempotent.
    Claim { site: SiteId, held: Held },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Claimed,
}

/// The name the business token is sealed under, in this object and in KV.
pub fn token_name(app: &AppKey, waba: &WabaId) -> String {
    ["token/", app.as_str(), "/", waba.as_str()].concat()
}

impl Waba {
    pub fn answer(&mut self, ask: Ask) -> Answer {
        let Ask::Claim { site, held } = ask;
        if !self.owners.contains(&site) {
            self.owners.push(site);
        }
        self.tokens.retain(|other| other.app != held.app);
        self.tokens.push(held);
        Answer::Claimed
    }
}
