//! Answering what the signup asks a person for: the WhatsApp Business account, the number, the PIN, the
//! verification code.

use super::{
    effect::Effects,
    post_request::PostRequest,
    state::{Phase, State},
};
use crate::{error::ApiError, snapshot::input_kind};
use embark_protocol::{
    PhoneNumberId, ProblemCode, WabaId, digits::fold_digits, requests::InputRequest,
};
use embark_view::model::{Following, Form};

/// For how long an answer is retried before the form is opened again.
const INPUT_RETRY_MS: u64 = 12_000;

impl State {
    /// Validates the value of the form and posts it, or shows what is wrong with it.
    pub(super) fn submit(&mut self, effects: &mut Effects, value: &str) {
        let lang = self.launch.lang.clone();
        let Some(following) = self.open_form() else {
            return;
        };
        match parse_answer(following, value, &lang) {
            Ok(answer) => self.post_input(effects, answer),
            Err(problem) => following.form = Form::Rejected(problem.to_owned()),
        }
    }

    /// Requests another verification code, by `SMS` or `VOICE`.
    pub(super) fn request_code(&mut self, effects: &mut Effects, method: &'static str) {
        if self.open_form().is_some() {
            let answer = code_request(method, &self.launch.lang);
            self.post_input(effects, answer);
        }
    }

    /// The answer was refused, or could not be delivered.
    pub(super) fn on_input_failed(&mut self, effects: &mut Effects, error: ApiError) {
        let Phase::Following(following) = &mut self.phase else {
            return;
        };
        if let ApiError::Refused { problem, .. } = &error
            && (problem.code == ProblemCode::Conflict.as_str()
                || problem.code == ProblemCode::InputNotAsked.as_str())
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

    fn post_input(&mut self, effects: &mut Effects, answer: InputRequest) {
        if let Phase::Following(following) = &mut self.phase {
            following.form = Form::Sending;
        }
        self.enqueue_post(effects, PostRequest::Input(answer), INPUT_RETRY_MS);
    }
}

/// Has Meta send a code by this method, in the language of the page.
fn code_request(method: &str, lang: &str) -> InputRequest {
    InputRequest::RequestCode {
        method: method.to_owned(),
        language: Some(lang.to_owned()),
    }
}

/// Reads the value of the form as the answer that the signup asks for. `lang`: the language of the page.
///
/// # Errors
/// The problem code of what is wrong with the value.
fn parse_answer(
    following: &Following,
    value: &str,
    lang: &str,
) -> Result<InputRequest, &'static str> {
    let digits = parse_digits(value);
    let choice = Some(value).filter(|id| following.has_choice(id));
    match input_kind(&following.snapshot) {
        "waba" => choice
            .and_then(|id| WabaId::parse(id).ok())
            .map(|waba_id| InputRequest::Waba { waba_id })
            .ok_or("choose_one"),
        "number" => choice
            .and_then(|id| PhoneNumberId::parse(id).ok())
            .map(|phone_number_id| InputRequest::Number { phone_number_id })
            .ok_or("choose_one"),
        "pin" if digits.len() == 6 => Ok(InputRequest::Pin { pin: digits }),
        "pin" => Err("pin_shape"),
        "verification" if value.is_empty() => Err("choose_one"),
        "verification" => Ok(code_request(value, lang)),
        _ if (4..=8).contains(&digits.len()) => Ok(InputRequest::VerifyCode { code: digits }),
        _ => Err("code_shape"),
    }
}

/// The digits of a typed or pasted code, of any script, without spaces, dashes and invisible marks. Empty if there is
/// any other character.
fn parse_digits(value: &str) -> String {
    let digits = fold_digits(value);
    let only_digits = digits.bytes().all(|byte| byte.is_ascii_digit());
    if only_digits { digits } else { String::new() }
}
