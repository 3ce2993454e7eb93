//! What was last read of a site's partner solution.

use crate::time::UnixMillis;
use serde::{Deserialize, Serialize};

/// A partner solution, as Meta's node was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteSolution {
    /// The solution.
    pub id: String,
    /// Meta's value, e.g. `ACTIVE`. Empty: Meta has not said so yet.
    pub status: String,
    /// When it was last asked.
    pub read_at: UnixMillis,
}
