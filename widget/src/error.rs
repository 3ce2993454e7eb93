//! What can go wrong between the widget and the edge, and who must act. The words a person reads for it
//! come from the locale files (`problem.<code>`); an unknown code keeps its raw text and its trace id.

use crate::doc::Doc;
use alloc::{borrow::ToOwned, string::String};

/// Why a request brought no answer we can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No answer, or none in time: offline, blocked, aborted.
    Unreachable,
    /// The edge said no (RFC 9457), or said something that is not our wire.
    Refused { status: u32, problem: Problem },
}

impl Fault {
    /// Worth the same request again: nothing reached the edge, or it could not answer just now.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable => true,
            Self::Refused { status, .. } => *status >= 500 || *status == 429,
        }
    }

    /// The grant no longer opens this signup; a fresh launch document does.
    pub fn is_about_the_grant(&self) -> bool {
        matches!(self, Self::Refused { problem, .. } if problem.code.starts_with("grant_"))
    }

    pub fn is_not_launched(&self) -> bool {
        matches!(self, Self::Refused { problem, .. } if problem.code == "not_launched")
    }

    /// As something to show.
    pub fn into_problem(self) -> Problem {
        match self {
            Self::Unreachable => Problem::ours("unreachable", "retry"),
            Self::Refused { problem, .. } => problem,
        }
    }
}

/// A problem as the edge words it, reduced to what is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: String,
    /// Who must act: one of `protocol::Remedy`, as a word.
    pub remedy: String,
    pub fbtrace_id: Option<String>,
}

impl Problem {
    /// A problem the widget found by itself; `code` is a key of the locale files like any other.
    pub fn ours(code: &str, remedy: &str) -> Self {
        Self {
            code: code.to_owned(),
            remedy: remedy.to_owned(),
            fbtrace_id: None,
        }
    }

    /// Reads a problem document. Anything without a code is no problem document.
    pub fn read(doc: &Doc) -> Option<Self> {
        Some(Self {
            code: doc.text_of("code")?,
            remedy: doc.text_or_empty("remedy"),
            fbtrace_id: doc.text_of("fbtrace_id"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_problem_of_a_newer_edge_keeps_its_code_and_trace() {
        let doc =
            Doc(json!({"code": "moon_phase", "remedy": "astrologer", "fbtrace_id": "Atrace"}));
        let read = Problem::read(&doc);
        let expect = Problem {
            code: "moon_phase".into(),
            remedy: "astrologer".into(),
            fbtrace_id: Some("Atrace".into()),
        };
        assert_eq!(read, Some(expect));
        assert_eq!(Problem::read(&Doc(json!({"remedy": "retry"}))), None);
    }

    #[test]
    fn only_silence_and_server_trouble_pass() {
        let refused = |status| Fault::Refused {
            status,
            problem: Problem::ours("internal", "retry"),
        };
        assert!(Fault::Unreachable.is_passing());
        for (status, passing) in [
            (500, true),
            (503, true),
            (429, true),
            (400, false),
            (409, false),
        ] {
            assert_eq!(refused(status).is_passing(), passing, "{status}");
        }
    }
}
