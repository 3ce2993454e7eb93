//! What can go wrong between the widget and the edge, and who must act. The words a person reads for it
//! come from the locale files (`problem.<code>`); an unknown code keeps its raw text and its trace id.

use crate::doc::Doc;
use embark_protocol::Remedy;

/// Why a request brought no answer we can use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No answer, or none in time: offline, blocked, aborted.
    Unreachable,
    /// The edge said no (RFC 9457), or said something that is not our wire.
    Refused { status: u16, problem: Problem },
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
            Self::Unreachable => Problem::ours("unreachable", Remedy::Retry),
            Self::Refused { problem, .. } => problem,
        }
    }
}

/// A problem as the edge words it, reduced to what is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub code: String,
    pub remedy: Remedy,
    pub fbtrace_id: Option<String>,
}

impl Problem {
    /// A problem the widget found by itself; `code` is a key of the locale files like any other.
    pub fn ours(code: &str, remedy: Remedy) -> Self {
        Self { code: code.to_owned(), remedy, fbtrace_id: None }
    }

    /// Reads a problem document. Anything without a code is no problem document.
    pub fn read<D: Doc>(doc: &D) -> Option<Self> {
        Some(Self {
            code: doc.get("code")?.text()?,
            remedy: remedy(doc.get("remedy").and_then(|word| word.text()).as_deref()),
            fbtrace_id: doc.get("fbtrace_id").and_then(|id| id.text()),
        })
    }
}

pub fn remedy_word(remedy: Remedy) -> &'static str {
    match remedy {
        Remedy::Retry => "retry",
        Remedy::Relaunch => "relaunch",
        Remedy::Customer => "customer",
        Remedy::Operator => "operator",
        Remedy::Contact => "contact",
    }
}

fn remedy(word: Option<&str>) -> Remedy {
    match word {
        Some("retry") => Remedy::Retry,
        Some("relaunch") => Remedy::Relaunch,
        Some("customer") => Remedy::Customer,
        Some("operator") => Remedy::Operator,
        _ => Remedy::Contact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_problem_of_a_newer_edge_keeps_its_code_and_trace() {
        let doc = json!({"code": "moon_phase", "remedy": "astrologer", "fbtrace_id": "Atrace"});
        let read = Problem::read(&doc);
        let expect = Problem {
            code: "moon_phase".into(),
            remedy: Remedy::Contact,
            fbtrace_id: Some("Atrace".into()),
        };
        assert_eq!(read, Some(expect));
        assert_eq!(Problem::read(&json!({"remedy": "retry"})), None);
    }

    #[test]
    fn only_silence_and_server_trouble_pass() {
        let refused =
            |status| Fault::Refused { status, problem: Problem::ours("internal", Remedy::Retry) };
        assert!(Fault::Unreachable.is_passing());
        for (status, passing) in [(500, true), (503, true), (429, true), (400, false), (409, false)] {
            assert_eq!(refused(status).is_passing(), passing, "{status}");
        }
    }

    #[test]
    fn remedies_round_trip() {
        for r in [Remedy::Retry, Remedy::Relaunch, Remedy::Customer, Remedy::Operator, Remedy::Contact] {
            assert_eq!(remedy(Some(remedy_word(r))), r);
            assert_eq!(serde_json::to_value(r).ok(), Some(remedy_word(r).into()));
        }
    }
}
