//! A line of the log: one JSON object.

use super::event::{LogEvent, LogLevel};
use crate::time::UnixMillis;
use embark_protocol::{AppKey, SignupId, SiteId};
use serde::Serialize;
use serde_json::error::Category;

/// Whom an event is about, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// The site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
    /// The signup.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signup: Option<SignupId>,
    /// The app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app: Option<AppKey>,
}

impl Subject {
    /// A site.
    pub fn site(site: &SiteId) -> Self {
        Self {
            site: Some(site.clone()),
            ..Self::default()
        }
    }

    /// An app.
    pub fn app(app: &AppKey) -> Self {
        Self {
            app: Some(app.clone()),
            ..Self::default()
        }
    }

    /// A signup.
    pub fn signup(signup: &SignupId) -> Self {
        Self {
            signup: Some(signup.clone()),
            ..Self::default()
        }
    }

    /// What `other` knows is added to it.
    pub fn add(&mut self, other: &Self) {
        self.site = self.site.take().or_else(|| other.site.clone());
        self.signup = self.signup.take().or_else(|| other.signup.clone());
        self.app = self.app.take().or_else(|| other.app.clone());
    }
}

/// A line. Serialised, it is the whole contract: `docs/operating.md` lists the fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// When it was written, by RFC 3339 with milliseconds.
    pub time: String,
    /// How much it matters.
    pub level: LogLevel,
    /// What happened.
    #[serde(flatten)]
    pub event: LogEvent,
    /// The request in which it happened. `None`: in none, as in an alarm.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Whom it is about.
    #[serde(flatten)]
    pub subject: Subject,
}

impl LogLine {
    /// The line of an event.
    pub fn new(
        event: LogEvent,
        subject: Subject,
        request_id: Option<String>,
        now: UnixMillis,
    ) -> Self {
        Self {
            time: now.to_rfc3339_millis(),
            level: event.level(),
            event,
            request_id,
            subject,
        }
    }

    /// The JSON, without a line break. `None`: it cannot be serialised, which no line is.
    pub fn to_json(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// Which lines are written: the variable `EMBARK_LOG`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogSetting {
    /// None.
    Off,
    /// Those of the levels `warn` and `error`.
    Errors,
    /// All.
    #[default]
    Requests,
}

impl LogSetting {
    /// The setting of a variable. Absent, or of another text, it is the default: a mistake in it costs lines, no signup.
    pub fn parse(text: Option<&str>) -> Self {
        match text {
            Some("off") => Self::Off,
            Some("errors") => Self::Errors,
            _ => Self::Requests,
        }
    }

    /// Whether lines of this level are written.
    pub fn writes(self, level: LogLevel) -> bool {
        match self {
            Self::Off => false,
            Self::Errors => level > LogLevel::Info,
            Self::Requests => true,
        }
    }
}

/// Why a text is not the JSON of its type. The parser's own text may quote the JSON, which may hold a secret.
pub fn json_error(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Io => "cannot be read",
        Category::Syntax => "is no JSON",
        Category::Data => "is JSON of another type",
        Category::Eof => "ends early",
    };
    format!("{what}: line {}, column {}", error.line(), error.column())
}
