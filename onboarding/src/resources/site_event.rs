//! An event of a site, for the partner's operator. The Site object stores it; nothing reads or sends it yet.

use crate::time::UnixMillis;
use embark_protocol::{Problem, SiteId, WabaId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    /// Meta's change that it reports, with its `field` and its `value`, as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Box<Value>>,
}
