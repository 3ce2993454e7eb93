//! A fault as `POST /_sandbox/faults` orders it: which requests it applies to, how often, and what goes wrong.

use crate::glob::glob_matches;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One ordered fault; README.md explains the fields to users.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Fault {
    /// Assigned when the fault is added.
    pub id: u64,
    /// `None`: any method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Glob over the whole path, e.g. `*/register`.
    pub path: String,
    /// How many matching requests to leave alone first.
    pub skip: u32,
    /// How many requests it applies to after that; `None`: all until it is deleted.
    pub times: Option<u32>,
    /// Whether the request is executed all the same. `None`: the default of its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<bool>,
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
}

/// The fields of a fault that do not depend on its kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Selection {
    #[serde(default)]
    id: u64,
    #[serde(default)]
    method: Option<String>,
    path: String,
    #[serde(default)]
    skip: u32,
    #[serde(default = "default_times")]
    times: Option<u32>,
    #[serde(default)]
    effect: Option<bool>,
}

/// A field that neither every fault nor this kind has is refused, which serde cannot do for a flattened enum.
impl TryFrom<Map<String, Value>> for Fault {
    type Error = serde_json::Error;

    fn try_from(mut fields: Map<String, Value>) -> Result<Self, Self::Error> {
        let names = ["id", "method", "path", "skip", "times", "effect"];
        let selection = names
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), fields.remove(name)?)))
            .collect();
        let selection: Selection = serde_json::from_value(Value::Object(selection))?;
        Ok(Self {
            id: selection.id,
            method: selection.method,
            path: selection.path,
            skip: selection.skip,
            times: selection.times,
            effect: selection.effect,
            kind: serde_json::from_value(Value::Object(fields))?,
        })
    }
}

/// Of each kind: whether the request is executed by default, and what the client sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// Executed at once; the response comes `ms` later.
    Latency { ms: u64 },
    /// Not executed; one of Meta's errors in Meta's JSON.
    Error {
        http: u16,
        code: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subcode: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        details: Option<String>,
        #[serde(default)]
        transient: bool,
        /// Headers of the response, e.g. Meta's usage headers.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
    },
    /// Not executed; any status with an HTML body, as a proxy between client and Meta would send it.
    Status {
        http: u16,
        #[serde(default = "proxy_page", alias = "html")]
        body: String,
    },
    /// Not executed; the connection is reset.
    Reset {},
    /// Executed; the response breaks off in the middle of its body.
    Truncate {},
    /// Executed; the connection is reset before the response.
    AnswerLost {},
    /// Not executed; after `ms` without a response the connection is reset.
    Hang { ms: u64 },
    /// Not executed; a 302. A client that follows it appears in the log under that path.
    Redirect {
        #[serde(default = "landing_path")]
        to: String,
    },
    /// Not executed; 200 with JSON nested 50,000 deep.
    DeepJson {},
    /// Not executed; 200 with a JSON body of this many bytes.
    BigBody {
        #[serde(default = "default_body_bytes")]
        bytes: usize,
    },
    /// Not executed; 200 with known fields of the wrong type.
    WrongType {},
    /// Executed; the response arrives eight bytes at a time, `ms` apart.
    SlowDrip {
        #[serde(default = "default_drip_ms")]
        ms: u64,
    },
}

impl Fault {
    /// Whether it is for requests with this method and path.
    pub fn matches(&self, method: &str, path: &str) -> bool {
        self.method
            .as_deref()
            .is_none_or(|m| m.eq_ignore_ascii_case(method))
            && glob_matches(&self.path, path)
    }
}

impl FaultKind {
    /// Whether a request with this fault is executed, unless [`Fault::effect`] says otherwise.
    pub fn executes_by_default(&self) -> bool {
        matches!(
            self,
            FaultKind::Latency { .. }
                | FaultKind::Truncate {}
                | FaultKind::AnswerLost {}
                | FaultKind::SlowDrip { .. }
        )
    }

    /// The same as in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            FaultKind::Latency { .. } => "latency",
            FaultKind::Error { .. } => "error",
            FaultKind::Status { .. } => "status",
            FaultKind::Reset {} => "reset",
            FaultKind::Truncate {} => "truncate",
            FaultKind::AnswerLost {} => "answer_lost",
            FaultKind::Hang { .. } => "hang",
            FaultKind::Redirect { .. } => "redirect",
            FaultKind::DeepJson {} => "deep_json",
            FaultKind::BigBody { .. } => "big_body",
            FaultKind::WrongType {} => "wrong_type",
            FaultKind::SlowDrip { .. } => "slow_drip",
        }
    }
}

fn default_times() -> Option<u32> {
    Some(1)
}

fn default_drip_ms() -> u64 {
    50
}

fn default_body_bytes() -> usize {
    8 << 20
}

fn landing_path() -> String {
    "/_sandbox/landing".into()
}

fn proxy_page() -> String {
    "<!doctype html><html><head><title>Sorry</title></head><body><h1>Sorry, something went wrong.</h1></body></html>"
        .into()
}
