//! Stored messages to other objects.

use crate::resources::quota::ConnectedBusiness;
use crate::resources::site::SignupIndexRow;
use crate::resources::site_event::SiteEvent;
use crate::resources::users::UserGrant;
use crate::time::UnixMillis;
use crate::workflow::RetryState;
use embark_protocol::WabaId;
use serde::{Deserialize, Serialize};

/// A message that was not acknowledged yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// Identifies it within the signup.
    #[serde(rename = "n")]
    pub number: u32,
    /// What is delivered.
    #[serde(rename = "debt")]
    pub message: OutboxMessage,
    /// When it is sent again.
    #[serde(rename = "pace", default)]
    pub retry: RetryState,
}

/// A message to another object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutboxMessage {
    /// To the Site object: the state of this signup, for its index.
    Index(SignupIndexRow),
    /// To the Partner object: a customer business connected for the first time.
    Connected(ConnectedBusiness),
    /// To the Site object: an event for the site's owner.
    Event(SiteEvent),
    /// To the Waba object: Meta refused the token of this signup, which the object has.
    TokenRefused(RefusedToken),
    /// To the Partner object: who granted the token.
    Granted(UserGrant),
}

/// A token of this signup that Meta refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedToken {
    /// The account.
    pub waba: WabaId,
    /// When it was refused.
    pub at: UnixMillis,
}
