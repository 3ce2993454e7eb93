//! What partners have in the world: system users, credit lines, solutions, and the books of other providers.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// A system user of a portfolio.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SystemUser {
    pub id: String,
    pub name: String,
    /// `ADMIN` or `EMPLOYEE`.
    pub role: String,
    pub business_id: String,
}

/// A credit line of a partner's portfolio.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Credit {
    pub id: String,
    pub legal_entity_name: String,
    pub business_id: String,
}

/// One credit line shared with one portfolio; covers every WABA of it that was attached.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Allocation {
    pub id: String,
    pub credit_id: String,
    pub receiving_business_id: String,
    /// What an attached WABA shows as its `primary_funding_id`.
    pub receiving_credential_id: String,
    /// `APPROVED`, later `DELETED`.
    pub request_status: String,
    pub waba_ids: BTreeSet<String>,
}

/// A solution of two partners: the customers it brings are shared with both.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Solution {
    pub id: String,
    pub name: String,
    /// `DRAFT`, `INITIATED`, `ACTIVE`, `REJECTED`, `DEACTIVATED`, `PENDING_DEACTIVATION`.
    pub status: String,
    /// `null`: what the status implies.
    pub status_for_pending_request: Option<String>,
    pub owner_app_id: String,
    pub owner_permissions: Vec<String>,
    pub partner_app_id: String,
    pub partner_permissions: Vec<String>,
}

impl Solution {
    pub fn has(&self, app: &str) -> bool {
        self.owner_app_id == app || self.partner_app_id == app
    }

    pub fn permissions(&self, app: &str) -> &[String] {
        if self.owner_app_id == app {
            &self.owner_permissions
        } else {
            &self.partner_permissions
        }
    }
}

/// What Infobip holds of one account: its state, and the entity and application it is associated with.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Registration {
    /// The WABA's id.
    pub id: String,
    /// `IN_PROGRESS`, `FINISHED`, `FAILED`.
    pub status: String,
    /// The customer's portfolio.
    pub entity_id: String,
    pub application_id: String,
    /// Numbers that could not be registered.
    pub failed: BTreeSet<String>,
    pub created_ms: u64,
    pub modified_ms: u64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Message {
    pub id: String,
    pub bulk_id: Option<String>,
    pub from: String,
    pub to: String,
    pub content: Value,
    pub entity_id: Option<String>,
    pub application_id: Option<String>,
    pub callback_data: Option<String>,
    pub sent_ms: u64,
    /// Refused in the answer to its sending.
    pub rejected: bool,
    /// Its report was fetched; there is no second one.
    pub reported: bool,
}

/// A sender of Twilio's or Sinch's.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sender {
    pub id: String,
    /// `twilio` or `sinch`.
    pub provider: String,
    /// In the provider's own words.
    pub status: String,
    pub phone_number_id: String,
    /// The request that made it.
    pub request: Value,
}
