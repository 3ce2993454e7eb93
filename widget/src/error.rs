//! Errors of requests to the Worker, and problems to show. The text a person reads is in the locale files
//! (`problem.<code>`); an unknown code keeps its raw text and its trace id.

use crate::json_value::JsonValue;
use alloc::{borrow::ToOwned, string::String};

/// Why a request brought no usable reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// No response, or none in time (offline, blocked, aborted); or a successful response that is not the
    /// expected document.
    Unreachable,
    /// The Worker refused with a problem document (RFC 9457), or an error status came without one.
    Refused { status: u32, problem: Problem },
}

impl ApiError {
    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unreachable => true,
            Self::Refused { status, .. } => *status >= 500 || *status == 429,
        }
    }

    /// The grant does not open this signup (any more). A fresh launch document has a new one.
    pub fn is_grant_error(&self) -> bool {
        matches!(self, Self::Refused { problem, .. } if problem.code.starts_with("grant_"))
    }

    /// The Worker does not know this signup.
    pub fn is_not_launched(&self) -> bool {
        matches!(self, Self::Refused { problem, .. } if problem.code == "not_launched")
    }

    /// The problem to show for it.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Unreachable => Problem::local("unreachable", "retry"),
            Self::Refused { problem, .. } => problem,
        }
    }
}

/// A problem document of the Worker, reduced to what is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// `protocol::ProblemCode` as a string, or a code of the widget's own.
    pub code: String,
    /// Who must act: `protocol::Remedy` as a string.
    pub remedy: String,
    /// Meta's trace id, if a call to Meta failed.
    pub fbtrace_id: Option<String>,
}

impl Problem {
    /// A problem that the widget detected itself.
    pub fn local(code: &str, remedy: &str) -> Self {
        Self {
            code: code.to_owned(),
            remedy: remedy.to_owned(),
            fbtrace_id: None,
        }
    }

    /// Reads a problem document. `None` without a `code`.
    pub fn read(doc: &JsonValue) -> Option<Self> {
        Some(Self {
            code: doc.string("code")?,
            remedy: doc.string_or_empty("remedy"),
            fbtrace_id: doc.string("fbtrace_id"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn problem_of_unknown_code_keeps_code_and_trace() {
        let doc = JsonValue(
            json!({"code": "moon_phase", "remedy": "astrologer", "fbtrace_id": "Atrace"}),
        );
        let read = Problem::read(&doc);
        let expect = Problem {
            code: "moon_phase".into(),
            remedy: "astrologer".into(),
            fbtrace_id: Some("Atrace".into()),
        };
        assert_eq!(read, Some(expect));
        assert_eq!(Problem::read(&JsonValue(json!({"remedy": "retry"}))), None);
    }

    #[test]
    fn error_without_response_5xx_or_429_is_retryable() {
        let refused = |status| ApiError::Refused {
            status,
            problem: Problem::local("internal", "retry"),
        };
        assert!(ApiError::Unreachable.is_retryable());
        for (status, retryable) in [
            (500, true),
            (503, true),
            (429, true),
            (400, false),
            (409, false),
        ] {
            assert_eq!(refused(status).is_retryable(), retryable, "{status}");
        }
    }
}
