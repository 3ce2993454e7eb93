//! What a partner has at Meta besides its app: system users, credit lines with their allocations, and solutions.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A system user of a portfolio.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SystemUser {
    pub id: String,
    pub name: String,
    /// `ADMIN`, `FINANCE_EDITOR` or `EMPLOYEE`.
    pub role: String,
    pub business_id: String,
}

/// A credit line of a partner's portfolio.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CreditLine {
    pub id: String,
    pub legal_entity_name: String,
    pub business_id: String,
}

/// A credit line shared with one portfolio. It pays for every WABA of that portfolio it is attached to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Allocation {
    pub id: String,
    pub credit_id: String,
    pub receiving_business_id: String,
    /// What an attached WABA has as its `primary_funding_id`.
    pub receiving_credential_id: String,
    /// `APPROVED`, or `DELETED` once revoked.
    pub request_status: String,
    /// WABAs it is attached to.
    pub waba_ids: BTreeSet<String>,
}

/// A multi-partner solution: customers who sign up through it share their WABAs with both partners.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Solution {
    pub id: String,
    pub name: String,
    /// `DRAFT`, `INITIATED`, `ACTIVE`, `REJECTED`, `DEACTIVATED` or `PENDING_DEACTIVATION`.
    pub status: String,
    /// `None`: what follows from `status`.
    pub status_for_pending_request: Option<String>,
    pub owner_app_id: String,
    pub owner_permissions: Vec<String>,
    pub partner_app_id: String,
    pub partner_permissions: Vec<String>,
}

impl Solution {
    /// Whether the app is its owner or its partner.
    pub fn includes_app(&self, app: &str) -> bool {
        self.owner_app_id == app || self.partner_app_id == app
    }

    /// Whether customers can sign up through it. A deactivation that was asked for takes effect once it is accepted.
    pub fn is_open(&self) -> bool {
        ["ACTIVE", "PENDING_DEACTIVATION"].contains(&self.status.as_str())
    }

    /// Of an app that the solution includes.
    pub fn permissions_of(&self, app: &str) -> &[String] {
        if self.owner_app_id == app {
            &self.owner_permissions
        } else {
            &self.partner_permissions
        }
    }
}
