//! Who a number belongs to.

use embark_protocol::{SignupId, SiteId, WabaId};
use serde::{Deserialize, Serialize};

/// Who a number belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhoneOwner {
    /// The site.
    pub site: SiteId,
    /// The number's account.
    pub waba: WabaId,
    /// The signup that claimed it last.
    #[serde(rename = "run")]
    pub signup: SignupId,
}
