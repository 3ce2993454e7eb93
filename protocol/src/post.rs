//! What a page posts to `/v1/signups/{id}/…`. Ids here are hints from a browser: the edge proves them
//! with the customer's own token before anything is built on them.

use crate::id::{BusinessId, PhoneNumberId, WabaId};
use alloc::{borrow::ToOwned, string::String};
use serde::{Deserialize, Serialize};

/// `POST …/launched`: Meta's popup was opened. The body may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Launched {
    /// How often it was opened under this signup: one more than the last snapshot said, or 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<u32>,
}

/// `POST …/outcome`: the code, in the tick it arrived, with whatever ids are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    pub code: String,
    pub code_source: CodeSource,
    /// The `redirect_uri` of the SDK's own dialog, where the page could read it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub redirect_uri: Option<String>,
    /// Meta's event word, e.g. `FINISH`; absent while no message event arrived.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ids: Option<Ids>,
    /// The launch it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeSource {
    /// FB.login's callback: the dialog's redirect_uri was the SDK's own.
    Sdk,
    /// Our own callback page: redirect_uri was exactly ours.
    Redirect,
}

/// `POST …/assets`: the ids, when they came after the code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assets {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub event: Option<String>,
    pub ids: Ids,
    /// The launch they belong to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<u32>,
}

/// The ids of Meta's message event (Embedded Signup, "Session info").
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ids {
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub waba_id: Option<WabaId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub phone_number_id: Option<PhoneNumberId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub business_id: Option<BusinessId>,
}

/// `POST …/ended`: the person left the popup, or the launch failed before a code came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    pub reason: EndReason,
    /// Meta's screen, raw, e.g. `PHONE_NUMBER_SETUP`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub current_step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error_message: Option<String>,
    /// What Meta's support asks for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session_id: Option<String>,
    /// The launch it belongs to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempt: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Meta's CANCEL event with a step, or a callback without a code.
    Cancelled,
    /// Meta's CANCEL or ERROR event with an error.
    Error,
    /// The popup was closed from outside.
    Closed,
    /// No popup came up.
    Blocked,
}

/// `POST …/input`: what the signup asked a person for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "WireInput", try_from = "WireInput")]
pub enum Input {
    Waba {
        waba_id: WabaId,
    },
    Number {
        phone_number_id: PhoneNumberId,
    },
    /// The number's two-step verification PIN: six digits, as text.
    Pin {
        pin: String,
    },
    /// Send a verification code by `SMS` or `VOICE`.
    RequestCode {
        method: String,
    },
    /// The verification code the number received.
    VerifyCode {
        code: String,
    },
}

/// `Input` as it travels: `{"kind": …}` and the one field of that kind. Flat, because a tagged enum
/// would be buffered and parsed twice, which costs more code than all other posts together.
#[derive(Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct WireInput {
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    waba_id: Option<WabaId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    phone_number_id: Option<PhoneNumberId>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    code: Option<String>,
}

impl From<Input> for WireInput {
    fn from(input: Input) -> Self {
        let kind = |kind: &str| Self {
            kind: kind.to_owned(),
            ..Self::default()
        };
        match input {
            Input::Waba { waba_id } => Self {
                waba_id: Some(waba_id),
                ..kind("waba")
            },
            Input::Number { phone_number_id } => Self {
                phone_number_id: Some(phone_number_id),
                ..kind("number")
            },
            Input::Pin { pin } => Self {
                pin: Some(pin),
                ..kind("pin")
            },
            Input::RequestCode { method } => Self {
                method: Some(method),
                ..kind("request_code")
            },
            Input::VerifyCode { code } => Self {
                code: Some(code),
                ..kind("verify_code")
            },
        }
    }
}

impl TryFrom<WireInput> for Input {
    type Error = &'static str;

    fn try_from(wire: WireInput) -> Result<Self, Self::Error> {
        let WireInput {
            kind,
            waba_id,
            phone_number_id,
            pin,
            method,
            code,
        } = wire;
        match (kind.as_str(), waba_id, phone_number_id, pin, method, code) {
            ("waba", Some(waba_id), None, None, None, None) => Ok(Self::Waba { waba_id }),
            ("number", None, Some(phone_number_id), None, None, None) => {
                Ok(Self::Number { phone_number_id })
            }
            ("pin", None, None, Some(pin), None, None) => Ok(Self::Pin { pin }),
            ("request_code", None, None, None, Some(method), None) => {
                Ok(Self::RequestCode { method })
            }
            ("verify_code", None, None, None, None, Some(code)) => Ok(Self::VerifyCode { code }),
            _ => Err("a kind and its one field"),
        }
    }
}
