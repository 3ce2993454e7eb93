//! Problems: one place from a code to the document a client gets, and the one table of HTTP statuses.

use crate::graph::{Failure, Unheard};
use embark_protocol::{Code, Problem, Step};

/// A problem of our own.
pub fn problem(code: Code) -> Problem {
    Problem {
        kind: ["about:blank#", code.word()].concat(),
        title: code.title().to_owned(),
        status: status(code),
        code,
        remedy: code.remedy(),
        step: None,
        detail: None,
        meta_code: None,
        fbtrace_id: None,
    }
}

/// A problem met in a step.
pub fn in_step(code: Code, step: Step) -> Problem {
    Problem {
        step: Some(step),
        ..problem(code)
    }
}

/// A problem that Meta's answer led to; carries its code and trace id.
pub fn from_meta(code: Code, step: Step, failure: &Failure) -> Problem {
    Problem {
        meta_code: failure.meta_code(),
        fbtrace_id: failure.fbtrace_id.clone(),
        ..in_step(code, step)
    }
}

/// A problem with a sentence that says what exactly.
pub fn because(code: Code, detail: &str) -> Problem {
    Problem {
        detail: Some(detail.to_owned()),
        ..problem(code)
    }
}

/// A body that is read before anything is decided, or why it could not be.
pub type Body = Result<Vec<u8>, Problem>;

/// Why a body could not be read.
pub fn unread(unheard: Unheard) -> Problem {
    problem(match unheard {
        Unheard::TooLarge => Code::BodyTooLarge,
        Unheard::Timeout | Unheard::Broken | Unheard::Unset => Code::BadRequest,
    })
}

/// The one table from code to HTTP status.
pub const fn status(code: Code) -> u16 {
    match code {
        Code::BadRequest | Code::BadJson | Code::BadId => 400,
        Code::Unauthorized | Code::GrantMissing | Code::GrantInvalid | Code::GrantExpired => 401,
        Code::OriginNotAllowed
        | Code::SiteDisabled
        | Code::GrantMismatch
        | Code::WabaUnreachable
        | Code::TokenForeign
        | Code::ScopeMissing => 403,
        Code::NotFound | Code::UnknownSite | Code::NotLaunched => 404,
        Code::MethodNotAllowed => 405,
        Code::CodeAlreadySent
        | Code::Conflict
        | Code::InputNotAsked
        | Code::OwnedElsewhere
        | Code::CreditElsewhere => 409,
        Code::GrantUsed | Code::InvitationUsed | Code::InvitationExpired => 410,
        Code::CodeExpired | Code::CodeSpent | Code::AnswerLost | Code::DeadlinePassed => 410,
        Code::BodyTooLarge => 413,
        Code::UnsupportedMediaType => 415,
        Code::InputInvalid
        | Code::RedirectUriRefused
        | Code::CodeRefused
        | Code::TokenInvalid
        | Code::AssetsMissing
        | Code::PhoneNotInWaba
        | Code::WabaMismatch
        | Code::PinMismatch
        | Code::PinLocked
        | Code::NumberUnverified
        | Code::NumberRefused
        | Code::AccountLocked
        | Code::TooManyTries => 422,
        Code::TooManyRequests | Code::PinTooSoon | Code::RegisterBudget | Code::QuotaFull => 429,
        Code::Internal | Code::AppMisconfigured => 500,
        Code::MetaRefused | Code::ProviderRefused => 502,
        Code::MetaUnavailable | Code::ProviderUnavailable | Code::ProviderPending => 503,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_an_error_status() {
        for code in Code::ALL {
            assert!((400..=503).contains(&status(*code)), "{}", code.word());
        }
    }
}
