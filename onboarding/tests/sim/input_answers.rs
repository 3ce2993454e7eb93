//! What customers answer when a signup asks them.

use crate::meta::state::{Meta, Number};
use crate::state::world::World;
use embark_protocol::requests::InputRequest;
use embark_protocol::snapshot::{InputKind, InputPrompt};
use embark_protocol::{PhoneNumberId, WabaId};

impl World {
    /// The answer of a tab's customer: sometimes wrong.
    pub fn customer_answer(&self, tab: usize, prompt: &InputPrompt) -> InputRequest {
        if self.random.chance(150) {
            return wrong_answer(prompt.kind);
        }
        let tabs = self.tabs.borrow();
        let (waba, number) = (tabs[tab].waba, tabs[tab].number);
        right_answer(&self.meta.borrow(), prompt, waba, number)
    }
}

fn wrong_answer(kind: InputKind) -> InputRequest {
    match kind {
        InputKind::VerificationCode => InputRequest::VerifyCode {
            code: "999999".into(),
        },
        _ => InputRequest::Pin {
            pin: "111111".into(),
        },
    }
}

/// The answer of a customer who knows everything that Meta knows and wants to connect this account and number.
/// `number` `None`: any number of the account.
pub fn right_answer(
    meta: &Meta,
    prompt: &InputPrompt,
    waba: usize,
    number: Option<usize>,
) -> InputRequest {
    let number = number
        .or_else(|| meta.numbers.iter().position(|number| number.waba == waba))
        .map_or(&meta.numbers[0], |number| &meta.numbers[number]);
    match prompt.kind {
        InputKind::Waba => InputRequest::Waba {
            waba_id: WabaId::parse(choice(prompt, &meta.wabas[waba].id)).unwrap(),
        },
        InputKind::Number => InputRequest::Number {
            phone_number_id: PhoneNumberId::parse(choice(prompt, &number.id)).unwrap(),
        },
        InputKind::Pin => InputRequest::Pin {
            pin: number.pin.clone().unwrap_or_else(|| "246810".into()),
        },
        InputKind::Verification => InputRequest::RequestCode {
            method: "sms".into(),
            language: None,
        },
        InputKind::VerificationCode => verification_answer(number),
    }
}

/// The wanted id, or the first choice if that is not among them.
fn choice<'a>(prompt: &'a InputPrompt, wanted: &'a str) -> &'a str {
    let offered = prompt.choices.iter().any(|choice| choice.id == wanted);
    if offered {
        wanted
    } else {
        &prompt.choices[0].id
    }
}

/// The code that was sent, or the request for another one if none was.
fn verification_answer(number: &Number) -> InputRequest {
    match &number.verification_code {
        Some(code) => InputRequest::VerifyCode { code: code.clone() },
        None => InputRequest::RequestCode {
            method: "voice".into(),
            language: None,
        },
    }
}
