//! The replies of the provider under `/provider/`, as `PUT /_sandbox/provider` sets them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// A list of replies. A request gets the first unused one that matches it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedProvider {
    #[serde(rename = "answers")]
    pub replies: Vec<ScriptedReply>,
    /// Which of the replies were given and are not given again; as long as `replies` after the first request.
    #[serde(skip)]
    pub used: Vec<bool>,
}

/// One reply, and the requests it is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScriptedReply {
    /// `None`: any method.
    #[serde(default)]
    pub method: Option<String>,
    /// Glob over the whole path, e.g. `/provider/senders/*`.
    pub path: String,
    /// HTTP status.
    #[serde(default = "default_status")]
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// A JSON string is sent as plain text, `null` as an empty body, anything else as JSON.
    #[serde(default)]
    pub body: Value,
}

fn default_status() -> u16 {
    200
}
