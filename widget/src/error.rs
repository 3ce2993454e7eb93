//! Errors of requests to the Worker, and problems to show. The text a person reads is in the locale files
//! (`problem.<code>`); an unknown code keeps its raw text and its trace id.

use embark_protocol::{ProblemCode, Remedy};
use embark_view::model::Problem;

/// Why a request brought no usable reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// No response, or none in time (offline, blocked, aborted); or a successful response that is not the
    /// expected document.
    Unreachable,
    /// The Worker refused with a problem document (RFC 9457), or an error status came without one.
    Refused { status: u16, problem: Box<Problem> },
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
        matches!(self, Self::Refused { problem, .. } if problem.code == ProblemCode::NotLaunched.as_str())
    }

    /// The problem to show for it.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Unreachable => local_problem("unreachable", Remedy::Retry),
            Self::Refused { problem, .. } => *problem,
        }
    }
}

/// A problem that the widget detected itself. Its text is in the locale files, so it has no title.
pub fn local_problem(code: &str, remedy: Remedy) -> Problem {
    Problem {
        kind: String::new(),
        title: String::new(),
        status: 0,
        code: code.to_owned(),
        remedy: remedy.as_str().to_owned(),
        step: None,
        detail: None,
        meta_code: None,
        fbtrace_id: None,
        waba_id: None,
        errors: vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problem_of_unknown_code_keeps_code_and_trace() {
        let text = r#"{"code": "moon_phase", "remedy": "astrologer", "fbtrace_id": "Atrace"}"#;
        let read: Problem = serde_json::from_str(text).unwrap();
        assert_eq!(
            (
                read.code.as_str(),
                read.remedy.as_str(),
                read.fbtrace_id.as_deref()
            ),
            ("moon_phase", "astrologer", Some("Atrace"))
        );
        assert!(serde_json::from_str::<Problem>(r#"{"remedy": "retry"}"#).is_err());
    }

    #[test]
    fn error_without_response_5xx_or_429_is_retryable() {
        let refused = |status| ApiError::Refused {
            status,
            problem: Box::new(local_problem("internal", Remedy::Retry)),
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
