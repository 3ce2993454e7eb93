//! Answering what a run asks a person for: which account, which number, the PIN, the verification code.

use super::{Effects, Kind, Phase, State, follow::Following};
use crate::{doc::Doc, error::Fault, json::object};
use alloc::{borrow::ToOwned, string::String};

/// An answer that did not land by now is given back to the person.
const ANSWER_MS: u64 = 12_000;

/// How the form on the screen stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    Open,
    Sending,
    /// The answer was not taken; a problem code.
    Wrong(String),
}

impl State {
    pub(super) fn submit(&mut self, out: &mut Effects, value: &str) {
        let Some(following) = self.answerable() else {
            return;
        };
        let kind = following.snapshot.asks_for();
        let code = digits(value);
        let (word, key, answer, fits, wrong) = match kind.as_str() {
            "waba" => (
                "waba",
                "waba_id",
                value,
                following.offers(value),
                "choose_one",
            ),
            "number" => (
                "number",
                "phone_number_id",
                value,
                following.offers(value),
                "choose_one",
            ),
            "pin" => ("pin", "pin", code.as_str(), code.len() == 6, "pin_shape"),
            "verification" => (
                "request_code",
                "method",
                value,
                !value.is_empty(),
                "choose_one",
            ),
            _ => (
                "verify_code",
                "code",
                code.as_str(),
                (4..=8).contains(&code.len()),
                "code_shape",
            ),
        };
        if fits {
            self.answer(out, word, key, answer);
        } else {
            following.form = Form::Wrong(wrong.to_owned());
        }
    }

    pub(super) fn request_code(&mut self, out: &mut Effects, method: &'static str) {
        if self.answerable().is_some() {
            self.answer(out, "request_code", "method", method);
        }
    }

    /// The answer was refused, or could not be delivered.
    pub(super) fn not_answered(&mut self, out: &mut Effects, fault: Fault) {
        let Phase::Following(following) = &mut self.phase else {
            return;
        };
        if let Fault::Refused { problem, .. } = &fault
            && (problem.code == "conflict" || problem.code == "input_not_asked")
        {
            // The run is somewhere else by now: look.
            following.form = Form::Open;
            return self.ask(out);
        }
        following.form = Form::Wrong(fault.into_problem().code);
    }

    fn answerable(&mut self) -> Option<&mut Following> {
        match &mut self.phase {
            Phase::Following(following)
                if following.form != Form::Sending && following.snapshot.need.is_some() =>
            {
                Some(following)
            }
            _ => None,
        }
    }

    /// Posts one of `protocol::post::Input`.
    fn answer(&mut self, out: &mut Effects, kind: &str, key: &str, value: &str) {
        if let Phase::Following(following) = &mut self.phase {
            following.form = Form::Sending;
        }
        let mut body = object("kind", kind);
        body.text(key, value);
        self.post(out, Kind::Input, body, ANSWER_MS);
    }
}

impl Following {
    /// Whether this is one of the choices.
    fn offers(&self, id: &str) -> bool {
        let is_it = |choice: Doc| choice.text_of("id").is_some_and(|offered| offered == id);
        self.snapshot
            .need
            .as_ref()
            .is_some_and(|need| need.items("choices").any(is_it))
    }
}

/// The digits of a typed or pasted code, blanks and dashes forgiven; nothing if there is anything else.
fn digits(value: &str) -> String {
    let mut digits = String::new();
    for (at, byte) in value.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => digits.push_str(value.get(at..at + 1).unwrap_or_default()),
            // The two bytes of a no-break space among them.
            b' ' | b'-' | 0xc2 | 0xa0 => {}
            _ => return String::new(),
        }
    }
    digits
}
