//! Answering what the signup asks a person for: the WhatsApp Business account, the number, the PIN, the
//! verification code.

use super::{
    effect::{Effects, PostKind},
    state::{Following, Form, Phase, State},
};
use crate::{error::ApiError, json_object::object};
use alloc::{borrow::ToOwned, string::String};

/// For how long an answer is retried before the form is opened again.
const INPUT_RETRY_MS: u64 = 12_000;

impl State {
    /// Validates the value of the form and posts it, or shows what is wrong with it.
    pub(super) fn submit(&mut self, effects: &mut Effects, value: &str) {
        let Some(following) = self.open_form() else {
            return;
        };
        let kind = following.snapshot.input_kind();
        let digits = parse_digits(value);
        // Kind and field of `protocol::requests::InputRequest`, the value, whether it is valid, and the problem
        // code if it is not.
        let (kind, field, answer, is_valid, problem) = match kind.as_str() {
            "waba" => (
                "waba",
                "waba_id",
                value,
                following.has_choice(value),
                "choose_one",
            ),
            "number" => (
                "number",
                "phone_number_id",
                value,
                following.has_choice(value),
                "choose_one",
            ),
            "pin" => (
                "pin",
                "pin",
                digits.as_str(),
                digits.len() == 6,
                "pin_shape",
            ),
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
                digits.as_str(),
                (4..=8).contains(&digits.len()),
                "code_shape",
            ),
        };
        if is_valid {
            self.post_input(effects, kind, field, answer);
        } else {
            following.form = Form::Rejected(problem.to_owned());
        }
    }

    /// Requests another verification code, by `SMS` or `VOICE`.
    pub(super) fn request_code(&mut self, effects: &mut Effects, method: &'static str) {
        if self.open_form().is_some() {
            self.post_input(effects, "request_code", "method", method);
        }
    }

    /// The answer was refused, or could not be delivered.
    pub(super) fn on_input_failed(&mut self, effects: &mut Effects, error: ApiError) {
        let Phase::Following(following) = &mut self.phase else {
            return;
        };
        if let ApiError::Refused { problem, .. } = &error
            && (problem.code == "conflict" || problem.code == "input_not_asked")
        {
            // The signup no longer asks for this: read its state.
            following.form = Form::Open;
            return self.poll(effects);
        }
        following.form = Form::Rejected(error.into_problem().code);
    }

    /// The signup whose form can be submitted now, if there is one.
    fn open_form(&mut self) -> Option<&mut Following> {
        match &mut self.phase {
            Phase::Following(following)
                if following.form != Form::Sending && following.snapshot.input.is_some() =>
            {
                Some(following)
            }
            _ => None,
        }
    }

    /// Posts a `protocol::requests::InputRequest` with one field.
    fn post_input(&mut self, effects: &mut Effects, kind: &str, field: &str, value: &str) {
        if let Phase::Following(following) = &mut self.phase {
            following.form = Form::Sending;
        }
        let mut body = object("kind", kind);
        body.string(field, value);
        self.enqueue_post(effects, PostKind::Input, body, INPUT_RETRY_MS);
    }
}

/// The digits of a typed or pasted code without spaces, no-break spaces and hyphens. Empty if there is
/// any other character.
fn parse_digits(value: &str) -> String {
    let mut digits = String::new();
    for character in value.chars() {
        match character {
            '0'..='9' => digits.push(character),
            ' ' | '\u{a0}' | '-' => {}
            _ => return String::new(),
        }
    }
    digits
}
