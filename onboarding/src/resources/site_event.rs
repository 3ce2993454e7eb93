//! An event of a site, for the partner's back end, as the objects pass it to the Site object, which stores it and delivers
//! it to the site's endpoint.

use crate::time::UnixMillis;
use embark_protocol::site_events::{CustomerReference, QuotaUse, SiteEventType};
use embark_protocol::snapshot::ConnectedAssets;
use embark_protocol::{AppKey, Problem, SignupId, SiteId, WabaId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An event of a site. It reaches the Site object at least once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteEvent {
    /// The same however often the event is sent, for deduplication.
    pub id: String,
    /// The site.
    pub site: SiteId,
    /// What happened: the name of a [`SiteEventType`].
    pub name: String,
    /// The signup that it concerns. `None`: it is about an account, or the site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signup: Option<SignupId>,
    /// Whose signup it is. `None`: nobody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<CustomerReference>,
    /// The account that it concerns. `None`: no account is known yet.
    pub waba: Option<WabaId>,
    /// When it happened.
    pub at: UnixMillis,
    /// Why, if it is a failure.
    #[serde(default)]
    pub problem: Option<Box<Problem>>,
    /// What was connected, if it reports that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connected: Option<Box<ConnectedAssets>>,
    /// Meta's change that it reports, with its `field` and its `value`, as it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meta: Option<Box<Value>>,
    /// The app whose token the customer can renew. `None`: the event is not about a token, or a version before this field
    /// stored it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewable_app: Option<AppKey>,
    /// Until when Meta lets the number be registered. `None`: the event is not about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register_by: Option<UnixMillis>,
    /// The quota that has reached a level. `None`: the event is not about that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<Box<QuotaUse>>,
}

impl SiteEvent {
    /// An event of which nothing is known but what happened, where and when.
    pub fn new(id: String, site: SiteId, event_type: SiteEventType, at: UnixMillis) -> Self {
        Self::named(id, site, event_type.as_str().to_owned(), at)
    }

    /// Like [`new`](Self::new), with the name of a type that this version may not know.
    pub fn named(id: String, site: SiteId, name: String, at: UnixMillis) -> Self {
        Self {
            id,
            site,
            name,
            signup: None,
            reference: None,
            waba: None,
            at,
            problem: None,
            connected: None,
            meta: None,
            renewable_app: None,
            register_by: None,
            quota: None,
        }
    }
}
