//! The calls of a signup, from the lines of its object's journal.

use super::record::{Signup, Stage};
use crate::time::UnixMillis;
use embark_protocol::PhoneNumberId;
use embark_protocol::signup_calls::{SignupCall, SignupCalls};

/// A line of the journal: something was sent, or came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalLine {
    /// When.
    pub at: UnixMillis,
    /// The name of the call.
    pub call: String,
    /// [`BEGUN`], or what came of it.
    pub event: String,
}

/// What the journal says when a request is sent.
pub const BEGUN: &str = "begun";

/// The calls that these lines are about, in the order in which they were sent. An end belongs to the last
/// call of its name that has none: a signup sends no two of one name at once.
pub fn of_journal(lines: &[JournalLine]) -> SignupCalls {
    let mut calls: Vec<SignupCall> = vec![];
    for line in lines {
        if line.event == BEGUN {
            calls.push(SignupCall {
                name: line.call.clone(),
                sent_at: line.at.0,
                took_ms: None,
                outcome: None,
                succeeded: false,
            });
            continue;
        }
        let is_open = |call: &&mut SignupCall| call.name == line.call && call.outcome.is_none();
        // The newest: an older one of the name that is still open was lost with its process.
        if let Some(call) = calls.iter_mut().rev().find(is_open) {
            call.took_ms = Some(line.at.0.saturating_sub(call.sent_at));
            call.succeeded = line.event.starts_with('2');
            call.outcome = Some(line.event.clone());
        }
    }
    SignupCalls { calls }
}

/// Those of the calls that were sent in this time.
#[must_use]
pub fn sent_within(calls: SignupCalls, from: UnixMillis, until: UnixMillis) -> SignupCalls {
    let is_within = |call: &SignupCall| (from.0..=until.0).contains(&call.sent_at);
    SignupCalls {
        calls: calls.calls.into_iter().filter(is_within).collect(),
    }
}

/// The calls of a signup and those that its number's object made for it, in the order in which they were sent.
#[must_use]
pub fn merged(own: SignupCalls, of_number: SignupCalls) -> SignupCalls {
    let mut calls = own.calls;
    calls.extend(of_number.calls);
    calls.sort_by_key(|call| call.sent_at);
    SignupCalls { calls }
}

impl Signup {
    /// The number whose object makes calls for the signup, and from when until when. `until` is now, unless it has ended.
    /// `None`: it has claimed none.
    pub fn calls_of_number(
        &self,
        now: UnixMillis,
    ) -> Option<(PhoneNumberId, UnixMillis, UnixMillis)> {
        if !self.steps.claim.phone_claimed {
            return None;
        }
        let number = self.steps.inspect.verified.as_ref()?.phone.as_ref()?;
        let until = match &self.stage {
            Stage::Ended { at, .. } => *at,
            Stage::Launched | Stage::Running => now,
        };
        Some((number.id.clone(), self.started_at, until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(lines: &[(u64, &str, &str)]) -> Vec<JournalLine> {
        let line = |(at, call, event): &(u64, &str, &str)| JournalLine {
            at: UnixMillis(*at),
            call: (*call).to_owned(),
            event: (*event).to_owned(),
        };
        lines.iter().map(line).collect()
    }

    #[test]
    fn calls_of_the_number_are_between_those_of_the_signup() {
        let own = of_journal(&lines(&[
            (100, "exchange", "begun"),
            (900, "report", "begun"),
        ]));
        let of_number = of_journal(&lines(&[
            (50, "register", "begun"),
            (500, "register", "begun"),
            (901, "register", "begun"),
        ]));
        let of_number = sent_within(of_number, UnixMillis(100), UnixMillis(900));
        let names: Vec<_> = merged(own, of_number)
            .calls
            .iter()
            .map(|call| (call.name.clone(), call.sent_at))
            .collect();
        let want = [("exchange", 100), ("register", 500), ("report", 900)];
        assert_eq!(names, want.map(|(name, at)| (name.to_owned(), at)));
    }

    #[test]
    fn call_has_its_own_end() {
        let calls = of_journal(&lines(&[
            (100, "exchange", "begun"),
            (110, "admit", "begun"),
            (180, "exchange", "200"),
            (190, "register", "begun"),
            // The process ended, and the next one repeated it.
            (900, "register", "begun"),
            (
                950,
                "register",
                "refused, HTTP status 400, Meta's code 133005, trace A1",
            ),
            // Its beginning is not in the journal any more.
            (960, "inspect", "200"),
        ]))
        .calls;
        let took: Vec<_> = calls
            .iter()
            .map(|call| (call.name.as_str(), call.took_ms, call.succeeded))
            .collect();
        assert_eq!(
            took,
            [
                ("exchange", Some(80), true),
                ("admit", None, false),
                ("register", None, false),
                ("register", Some(50), false),
            ]
        );
    }
}
