//! Replies of the Phone object to a registration that did not succeed.

use super::messages::{PhoneReply, RegisterRequest};
use crate::crypto::Secret;
use crate::meta::{ApiError, ErrorClass};
use crate::resources::waba::token_name;
use crate::time::UnixMillis;
use crate::workflow::AppContext;
use core::time::Duration;
use embark_protocol::ProblemCode;

/// The reply to an error that has no rule of its own.
pub(super) fn reply_by_class(error: &ApiError, cx: &AppContext<'_>) -> PhoneReply {
    match error.class {
        ErrorClass::Indeterminate | ErrorClass::Transient => PhoneReply::Retry,
        ErrorClass::Rate => {
            let until = cx.now + error.retry_after.unwrap_or_default().max(PAUSE);
            wait(until, ProblemCode::MetaUnavailable, Some(error))
        }
        ErrorClass::Token => failed(ProblemCode::TokenInvalid, error),
        ErrorClass::Config => failed(ProblemCode::AppMisconfigured, error),
        ErrorClass::Unreachable => failed(ProblemCode::PhoneNotInWaba, error),
        ErrorClass::Refused => failed(ProblemCode::MetaRefused, error),
    }
}

pub(super) fn failed(code: ProblemCode, error: &ApiError) -> PhoneReply {
    PhoneReply::Failed {
        code,
        meta_code: error.meta_code(),
        fbtrace_id: error.fbtrace_id.clone(),
    }
}

pub(super) fn misconfigured() -> PhoneReply {
    PhoneReply::Failed {
        code: ProblemCode::AppMisconfigured,
        meta_code: None,
        fbtrace_id: None,
    }
}

pub(super) fn wait(until: UnixMillis, code: ProblemCode, error: Option<&ApiError>) -> PhoneReply {
    PhoneReply::Wait {
        until,
        code,
        meta_code: error.and_then(ApiError::meta_code),
        fbtrace_id: error.and_then(|error| error.fbtrace_id.clone()),
    }
}

pub(super) fn open_token(request: &RegisterRequest, cx: &AppContext<'_>) -> Option<Secret> {
    let name = token_name(&request.app, &request.owner.waba);
    cx.keyring.open(&name, &request.token).ok()
}

/// The shortest pause after Meta could not answer.
pub(super) const PAUSE: Duration = Duration::from_mins(1);
