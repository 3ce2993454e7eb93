//! What happens in a deployment that is worth a line of its log.

use crate::meta::response::decode;
use crate::time::millis;
use crate::transport::{ApiResult, TransportError};
use core::fmt;
use core::time::Duration;
use embark_protocol::{ProblemCode, SignupStatus};
use serde::Serialize;
use serde::de::IgnoredAny;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogLevel {
    /// Something happened as it should.
    Info,
    /// Something was refused or did not respond, and is repeated or reported elsewhere.
    Warn,
    /// Something failed in the deployment itself.
    Error,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum LogEvent {
    /// A request was answered.
    Request(RequestEvent),
    /// The cron trigger ran.
    Cron(CronEvent),
    /// Messages of a queue were processed.
    Queue(QueueEvent),
    /// Meta, a provider or the receiver of a site's events was called.
    Call(CallEvent),
    /// A signup has ended.
    SignupEnded(SignupEndedEvent),
    /// Something failed in the deployment itself.
    Failure(FailureEvent),
}

/// A request that was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestEvent {
    /// The name of the route, which has no parameters. `none`: no route takes the request.
    pub route: String,
    /// The HTTP method.
    pub method: String,
    /// The HTTP status of the response.
    pub status: u16,
    /// Why it was refused. `None`: it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemCode>,
    /// How long the response took, in milliseconds.
    pub duration_ms: u64,
}

/// A run of the cron trigger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CronEvent {
    /// How many sites were asked to wake their signups.
    pub sites: usize,
    /// How many of them did not reply.
    pub unanswered: usize,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// Messages of a queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueueEvent {
    /// The name of the queue.
    pub queue: String,
    /// How many messages there were.
    pub messages: usize,
    /// How many of them the queue is to bring again.
    pub retried: usize,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// Who was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallApi {
    /// Meta's Graph API.
    Meta,
    /// Another messaging provider.
    Provider,
    /// The endpoint of a site's events.
    Receiver,
}

impl CallApi {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Meta => "meta",
            Self::Provider => "provider",
            Self::Receiver => "receiver",
        }
    }
}

/// What came of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// The response is a success.
    Ok,
    /// The response is an error.
    Refused,
    /// There is no complete response.
    NoResponse,
}

impl CallOutcome {
    /// The name on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Refused => "refused",
            Self::NoResponse => "no_response",
        }
    }
}

/// A call that has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallEvent {
    /// Who was called.
    pub api: CallApi,
    /// What the call is named, as in the calls of a signup: `exchange`, `register`.
    pub name: &'static str,
    /// What came of it.
    pub outcome: CallOutcome,
    /// The HTTP status. `None`: there is no response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Meta's error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_code: Option<i64>,
    /// Meta's error subcode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta_subcode: Option<i64>,
    /// Meta's trace id, for its support.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fbtrace_id: Option<String>,
    /// Why there is no response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

impl CallEvent {
    /// A call with a body. Of an error response, Meta's codes and trace id are kept, and nothing else of the body.
    pub fn of(api: CallApi, name: &'static str, result: &ApiResult, took: Duration) -> Self {
        let status = result.as_ref().map(|response| response.status);
        let mut event = Self::of_status(api, name, status.map_err(|error| *error), took);
        if event.outcome == CallOutcome::Refused
            && api == CallApi::Meta
            && let Ok(response) = result
            && let Err(error) = decode::<IgnoredAny>(Ok(response.clone()))
        {
            event.meta_code = error.code;
            event.meta_subcode = error.subcode;
            event.fbtrace_id = error.fbtrace_id;
        }
        event
    }

    /// A call of whose response the status alone is read.
    pub fn of_status(
        api: CallApi,
        name: &'static str,
        status: Result<u16, TransportError>,
        took: Duration,
    ) -> Self {
        let outcome = match status {
            Ok(200..400) => CallOutcome::Ok,
            Ok(_) => CallOutcome::Refused,
            Err(_) => CallOutcome::NoResponse,
        };
        Self {
            api,
            name,
            outcome,
            status: status.ok(),
            meta_code: None,
            meta_subcode: None,
            fbtrace_id: None,
            reason: status.err().map(|error| error.to_string()),
            duration_ms: millis(took),
        }
    }
}

/// A signup that has ended. One that goes on afterwards, as after `abandoned`, has another end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignupEndedEvent {
    /// Its status.
    #[serde(rename = "signup_status")]
    pub status: SignupStatus,
    /// Why it failed. `None`: it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemCode>,
    /// The time since it was launched, in milliseconds.
    pub duration_ms: u64,
}

/// Something that failed in the deployment itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureEvent {
    /// How much it matters: it is the level of the line.
    #[serde(skip)]
    pub level: LogLevel,
    /// What was tried, a word for each place: `kv_read`, `commit`.
    pub what: &'static str,
    /// What went wrong.
    pub detail: String,
}

impl FailureEvent {
    /// What was tried and failed.
    pub fn error(what: &'static str, detail: &dyn fmt::Display) -> Self {
        Self {
            level: LogLevel::Error,
            what,
            detail: detail.to_string(),
        }
    }

    /// What somebody should look at, though nothing failed.
    pub fn warning(what: &'static str, detail: &dyn fmt::Display) -> Self {
        Self {
            level: LogLevel::Warn,
            ..Self::error(what, detail)
        }
    }
}

impl LogEvent {
    /// How much it matters.
    pub fn level(&self) -> LogLevel {
        match self {
            Self::Request(request) if request.status >= 500 => LogLevel::Error,
            Self::Call(call) if call.outcome != CallOutcome::Ok => LogLevel::Warn,
            Self::Cron(cron) if cron.unanswered > 0 => LogLevel::Warn,
            Self::Queue(queue) if queue.retried > 0 => LogLevel::Warn,
            Self::Failure(failure) => failure.level,
            _ => LogLevel::Info,
        }
    }
}
