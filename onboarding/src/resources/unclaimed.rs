//! Accounts that nobody owns, as the Partner object lists them.

use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::{AppKey, WabaId};
use serde::{Deserialize, Serialize};

/// Accounts that nobody owns, of which a webhook of an app was received.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UnclaimedAccounts {
    /// The app.
    pub app: AppKey,
    /// When the webhook was received.
    pub at: UnixMillis,
    /// The accounts, each with until when it is listed.
    pub accounts: Vec<(WabaId, UnixMillis)>,
}

/// Accounts that nobody owns and that an app may have in the list. No webhook of further ones is stored.
pub const UNCLAIMED_PER_APP: u64 = 1_000;
/// Announcements of new customers are kept for two weeks, anything else for a day: an account that is listed for longer
/// than this takes the place of one that is not, if the app has too many. Live accounts of other systems that share the app
/// must not keep a new customer out.
pub const LISTED_FOR_TRAFFIC: Duration = Duration::from_hours(25);
