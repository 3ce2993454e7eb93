//! What the Worker hands a page: everything the widget needs to launch, in one JSON document that stands
//! inside the frame page and is served for inline pages at `GET /v1/sites/{site}`.

use crate::id::{MetaAppId, SignupId, SiteId};
use crate::prefill::Setup;
use crate::problem::Problem;
use alloc::{string::String, vec::Vec};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// Version of this document; grows only when an old widget could not read the new one.
    pub v: u8,
    pub site: SiteId,
    pub signup: SignupId,
    /// Our signed permission to submit this one signup. Goes into `Authorization: Bearer`.
    pub grant: String,
    /// A grant for one other window: the hosted page goes on with this signup by it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub handover: Option<String>,
    /// Milliseconds until the page should fetch a fresh launch document.
    pub renew_in_ms: u32,
    /// Our public origin: where the widget posts.
    pub edge: String,
    /// The host page's origin: the only target of the frame's messages.
    pub host: String,
    pub mode: Mode,
    pub sdk: Sdk,
    pub login: Login,
    /// On the hosted page: Meta's dialog for when no popup comes up, but for its `state`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dialog: Option<String>,
    /// Below the edge's origin, where the page gets a fresh one of these.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub renew: Option<String>,
    /// Below the edge's origin, the hosted page with the same options.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub page: Option<String>,
    /// Why nothing can be launched with this document; a signup that has begun goes on.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub problem: Option<Problem>,
    /// Language of the widget's own words, e.g. `en`.
    pub lang: String,
    /// Where the widget's build lies, e.g. `/b/0123abcd`.
    pub build: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Inside an iframe of the edge's own origin.
    Frame,
    /// On the host page itself.
    Inline,
    /// In an iframe that shows nothing: the host's own button opens the hosted page, and this follows it.
    Window,
    /// On the hosted page `/go/{site}`.
    Page,
}

impl Mode {
    /// The wire form.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Frame => "frame",
            Self::Inline => "inline",
            Self::Window => "window",
            Self::Page => "page",
        }
    }
}

/// Meta's JavaScript SDK: where it lies, what `FB.init` gets, and who may send us message events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sdk {
    pub url: String,
    pub app_id: MetaAppId,
    /// Graph version, e.g. `v25.0`.
    pub version: String,
    /// Exact origins whose message events count.
    pub origins: Vec<String>,
}

/// The second argument of `FB.login`, handed over as it is (Embedded Signup, "Implementation").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    pub config_id: String,
    pub response_type: String,
    pub override_default_response_type: bool,
    pub extras: Extras,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extras {
    pub setup: Setup,
    #[serde(rename = "sessionInfoVersion")]
    pub session_info_version: String,
    #[serde(
        rename = "featureType",
        skip_serializing_if = "Option::is_none",
        default
    )]
    pub feature_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub features: Vec<Feature>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feature {
    pub name: String,
}
