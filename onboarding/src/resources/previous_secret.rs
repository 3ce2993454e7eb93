//! The secret of an app that signed its webhooks before the current one: Meta may have sent some before it was changed,
//! and copies in KV may be a minute old.

use crate::crypto::Sealed;
use crate::time::UnixMillis;
use core::time::Duration;
use serde::{Deserialize, Serialize};

/// A secret that another one has replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousSecret {
    /// The secret, sealed under the key of the one that replaced it.
    pub secret: Sealed,
    /// Until when it still counts.
    pub until: UnixMillis,
}

impl PreviousSecret {
    /// As KV has it: the instant in milliseconds, a space, the sealed secret.
    pub fn to_copy(&self) -> String {
        [&*self.until.0.to_string(), " ", self.secret.as_str()].concat()
    }

    /// Reads what [`to_copy`](Self::to_copy) wrote. `None`: it is nothing of the kind.
    pub fn from_copy(text: &str) -> Option<Self> {
        let (until, sealed) = text.split_once(' ')?;
        Some(Self {
            secret: Sealed::from_stored(sealed.to_owned()),
            until: UnixMillis(until.parse().ok()?),
        })
    }
}

/// The name of the secret that signs an app's webhooks, the last part of its key.
pub const APP_SECRET: &str = "app_secret";

/// The key of the copy in KV of the secret before the one of this key.
pub fn previous_secret_key(key: &str) -> String {
    [key, "_previous"].concat()
}

/// How long the secret counts that another one has replaced.
pub const PREVIOUS_SECRET_KEPT: Duration = Duration::from_hours(24);
