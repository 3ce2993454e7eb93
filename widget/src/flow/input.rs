//! Answering what a run asks a person for: which account, which number, the PIN, the verification code.

use super::{Effects, Kind, Phase, State, follow::Following};
use crate::{error::Fault, json::Object};
use embark_protocol::snapshot::NeedKind;

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
        let Some(following) = self.answerable() else { return };
        let Some(need) = &following.snapshot.input else { return };
        let chosen = || need.choices.iter().any(|(id, _)| id == value).then(|| value.to_owned());
        let body = match need.kind {
            NeedKind::Waba => chosen().map(|id| answer("waba", "waba_id", &id)).ok_or("choose_one"),
            NeedKind::Number => {
                chosen().map(|id| answer("number", "phone_number_id", &id)).ok_or("choose_one")
            }
            NeedKind::Pin => digits(value, 6, 6).map(|pin| answer("pin", "pin", &pin)).ok_or("pin_shape"),
            NeedKind::Verification => method(value).map(request).ok_or("choose_one"),
            NeedKind::VerificationCode => {
                digits(value, 4, 8).map(|code| answer("verify_code", "code", &code)).ok_or("code_shape")
            }
        };
        match body {
            Ok(body) => self.answer(out, body),
            Err(why) => following.form = Form::Wrong(why.to_owned()),
        }
    }

    pub(super) fn request_code(&mut self, out: &mut Effects, method: &'static str) {
        if self.answerable().is_some() {
            self.answer(out, request(method));
        }
    }

    /// The answer was refused, or could not be delivered.
    pub(super) fn not_answered(&mut self, out: &mut Effects, fault: Fault) {
        let Phase::Following(following) = &mut self.phase else { return };
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
                if following.form != Form::Sending && following.snapshot.input.is_some() =>
            {
                Some(following)
            }
            _ => None,
        }
    }

    fn answer(&mut self, out: &mut Effects, body: String) {
        if let Phase::Following(following) = &mut self.phase {
            following.form = Form::Sending;
        }
        self.post(out, Kind::Input, body, ANSWER_MS);
    }
}

/// Forgives the blanks and dashes of a pasted code.
fn digits(value: &str, least: usize, most: usize) -> Option<String> {
    let digits: String = value.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '-')).collect();
    let fits = (least..=most).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    fits.then_some(digits)
}

fn method(value: &str) -> Option<&'static str> {
    match value {
        "SMS" => Some("SMS"),
        "VOICE" => Some("VOICE"),
        _ => None,
    }
}

fn request(method: &str) -> String {
    answer("request_code", "method", method)
}

fn answer(kind: &str, key: &str, value: &str) -> String {
    Object::new().text("kind", kind).text(key, value).end()
}
