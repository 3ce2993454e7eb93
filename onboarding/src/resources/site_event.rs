//! An event of a site, for the partner's operator. The Site object stores it; nothing reads or sends it yet.

use crate::time::UnixMillis;
use embark_protocol::{Problem, SiteId, WabaId};
use serde::{Deserialize, Serialize};

/// An event of a site. It reaches the Site object at least once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteEvent {
    /// The same however often the event is sent, for deduplication.
    pub id: String,
    /// The site.
    pub site: SiteId,
    /// What happened, e.g. `token.renewed`.
    pub name: String,
    /// The account that it concerns. `None`: no account is known yet.
    pub waba: Option<WabaId>,
    /// When it happened.
    pub at: UnixMillis,
    /// Why, if it is a failure.
    #[serde(default)]
    pub problem: Option<Box<Problem>>,
}
