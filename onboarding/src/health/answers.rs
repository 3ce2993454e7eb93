//! What was read of a deployment.

use crate::auth::access::{AccessSettings, AccessSettingsError};
use crate::resources::health::{PartnerHealth, SiteHealth};
use crate::time::UnixMillis;
use embark_protocol::SiteId;

/// What was read.
#[derive(Debug, Clone)]
pub struct HealthAnswers {
    /// When.
    pub now: UnixMillis,
    /// Whether KV can be read.
    pub kv_responds: bool,
    /// The classes of objects of which one was asked, and whether it replied.
    pub classes: Vec<(&'static str, bool)>,
    /// What the Partner object replied. `None`: it did not reply.
    pub partner: Option<PartnerHealth>,
    /// The numbers of the sealing keys, ascending.
    pub keys: Vec<u32>,
    /// The application of Cloudflare Access before the operator's host. `None`: there is none.
    pub access: Result<Option<AccessSettings>, AccessSettingsError>,
    /// Whether a queue delivers events.
    pub has_queue: bool,
    /// The sites that were asked. `None`: it did not reply.
    pub sites: Vec<(SiteId, Option<SiteHealth>)>,
}
