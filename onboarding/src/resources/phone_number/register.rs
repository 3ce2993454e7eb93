//! Registration of a number: the read before the call, the PIN, the budget, and what Meta's response means
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration>,
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/two-step-verification>).
//!
//! A PIN is generated and stored as a candidate before the call that carries it. Once Meta accepts it, it is
//! kept. Error 133005 discards it. After an unknown outcome it is reused unchanged, because it may be the
//! number's PIN by now.

use super::messages::{PhoneReply, RegisterRequest};
use super::record::{PhoneRecord, pin_record_name, typed_pin_name};
use crate::crypto::{Sealed, Secret};
use crate::meta::response::{PhoneNumber, Success, decode};
use crate::meta::{ApiError, ErrorClass, GraphRequest, check, request};
use crate::resources::waba::token_name;
use crate::time::UnixMillis;
use crate::transport::ApiResult;
use crate::workflow::AppContext;
use core::time::Duration;
use embark_protocol::{PhoneNumberId, ProblemCode};

/// What the object does next about a registration.
pub enum Next {
    /// Replies.
    Reply(PhoneReply),
    /// Stores the record, reads the number, and passes the result to
    /// [`PhoneRecord::on_number_read`].
    ReadNumber(GraphRequest),
    /// Stores the record, registers the number, and passes the result to
    /// [`PhoneRecord::on_register_response`].
    Register(GraphRequest),
}

impl PhoneRecord {
    /// Begins a registration. If a call may have taken effect before, the number is read first.
    pub fn register(
        &mut self,
        id: &PhoneNumberId,
        request: &RegisterRequest,
        cx: &AppContext<'_>,
    ) -> Next {
        if self.owned_by_other_site(&request.owner.site) {
            return Next::Reply(PhoneReply::OwnedElsewhere);
        }
        // A call whose outcome is unknown, or one that was accepted for any signup: what the signup saw is old.
        if self.register_in_flight_since.is_some() || self.registered_by.is_some() {
            return match open_token(request, cx) {
                Some(token) => Next::ReadNumber(request::phone(id).sign(cx.credentials, &token)),
                None => Next::Reply(misconfigured()),
            };
        }
        self.try_register(id, request, &request.seen, cx)
    }

    /// The number as it is now. Connected means that an earlier call took effect.
    pub fn on_number_read(
        &mut self,
        id: &PhoneNumberId,
        request: &RegisterRequest,
        result: ApiResult,
        cx: &AppContext<'_>,
    ) -> Next {
        let body = match check(result) {
            Ok(body) => body,
            Err(error) => return Next::Reply(reply_by_class(&error, cx)),
        };
        let Ok(phone) = serde_json::from_slice::<PhoneNumber>(&body) else {
            return Next::Reply(PhoneReply::Retry);
        };
        if phone.is_connected() {
            self.accept(request);
            return Next::Reply(PhoneReply::Registered);
        }
        // An earlier call may still take effect: another one would land beside it.
        if let Some(until) = self.in_flight_until(cx) {
            return Next::Reply(PhoneReply::Busy { until });
        }
        self.register_in_flight_since = None;
        self.try_register(id, request, &phone, cx)
    }

    /// Meta's response to the register call.
    pub fn on_register_response(
        &mut self,
        request: &RegisterRequest,
        result: ApiResult,
        cx: &AppContext<'_>,
    ) -> PhoneReply {
        let error = match decode::<Success>(result) {
            Ok(_) => {
                self.accept(request);
                return PhoneReply::Registered;
            }
            Err(error) => error,
        };
        // What Meta did not decide stays in flight: the next request reads the number first, which costs none
        // of the few attempts, and the candidate PIN is kept.
        match (error.class, error.code) {
            (ErrorClass::Indeterminate, _) => return PhoneReply::Retry,
            (_, Some(133_015 | 133_016)) => {}
            (ErrorClass::Transient | ErrorClass::Rate, _) => {
                self.not_before = cx.now + error.retry_after.unwrap_or_default().max(PAUSE);
                return wait(
                    self.next_attempt_at(),
                    ProblemCode::MetaUnavailable,
                    Some(&error),
                );
            }
            _ => {}
        }
        self.register_in_flight_since = None;
        self.undecided_attempts = 0;
        let wait_for = |otherwise: Duration, code| {
            let until = cx.now + error.retry_after.unwrap_or(otherwise);
            wait(until, code, Some(&error))
        };
        match error.code {
            // Wrong PIN.
            Some(133_005) => {
                self.candidate_pin = None;
                self.accepted_pin = None;
                PhoneReply::NeedsPin { wrong: true }
            }
            // The number must be verified.
            Some(133_006) => PhoneReply::NeedsVerification,
            // Too many wrong PINs; PIN entered too fast.
            Some(133_008) => wait_for(Duration::from_hours(1), ProblemCode::PinLocked),
            Some(133_009) => wait_for(Duration::from_hours(1), ProblemCode::PinTooSoon),
            // The number was deleted recently.
            Some(133_015) => wait(
                cx.now + Duration::from_mins(5),
                ProblemCode::MetaUnavailable,
                Some(&error),
            ),
            // Meta's own limit of registrations.
            Some(133_016) => wait_for(BUDGET_WINDOW, ProblemCode::RegisterBudget),
            // The account is locked.
            Some(131_031 | 368) => failed(ProblemCode::AccountLocked, &error),
            _ => reply_by_class(&error, cx),
        }
    }

    fn try_register(
        &mut self,
        id: &PhoneNumberId,
        request: &RegisterRequest,
        phone: &PhoneNumber,
        cx: &AppContext<'_>,
    ) -> Next {
        if phone.is_connected() || phone.is_coexistence() {
            return Next::Reply(PhoneReply::Registered);
        }
        if phone.is_unverified() {
            return Next::Reply(PhoneReply::NeedsVerification);
        }
        self.forget_old_attempts(cx.now);
        if self.register_attempts.len() >= BUDGET {
            let oldest = self.register_attempts.iter().min().copied();
            let oldest = oldest.unwrap_or(cx.now);
            let until = oldest + BUDGET_WINDOW;
            return Next::Reply(wait(until, ProblemCode::RegisterBudget, None));
        }
        let due = self.next_attempt_at();
        if cx.now < due {
            return Next::Reply(wait(due, ProblemCode::MetaUnavailable, None));
        }
        let Some(pin) = self.pin_to_send(id, request, phone, cx) else {
            return Next::Reply(PhoneReply::NeedsPin { wrong: false });
        };
        let Some(token) = open_token(request, cx) else {
            return Next::Reply(misconfigured());
        };
        self.register_attempts.push(cx.now);
        self.undecided_attempts = self.undecided_attempts.saturating_add(1);
        self.register_in_flight_since = Some(cx.now);
        Next::Register(request::register(id, &pin).sign(cx.credentials, &token))
    }

    /// The PIN to send: the accepted one, else the one the customer entered, else the candidate, else a
    /// generated one if two-step verification is off. `None`: the customer must enter it.
    fn pin_to_send(
        &mut self,
        id: &PhoneNumberId,
        request: &RegisterRequest,
        phone: &PhoneNumber,
        cx: &AppContext<'_>,
    ) -> Option<Secret> {
        if let (None, Some(entered)) = (&self.accepted_pin, &request.typed_pin) {
            let pin = cx.keyring.open(&typed_pin_name(id), entered).ok()?;
            self.candidate_pin = self.seal_pin(id, &pin, cx);
            return Some(pin);
        }
        if let Some(sealed) = self.accepted_pin.as_ref().or(self.candidate_pin.as_ref()) {
            return cx.keyring.open(&pin_record_name(id), sealed).ok();
        }
        if phone.is_pin_enabled == Some(true) {
            return None;
        }
        let pin = generate_pin(cx);
        self.candidate_pin = Some(self.seal_pin(id, &pin, cx)?);
        Some(pin)
    }

    fn seal_pin(&self, id: &PhoneNumberId, pin: &Secret, cx: &AppContext<'_>) -> Option<Sealed> {
        cx.keyring.seal(&pin_record_name(id), pin, cx.nonce()).ok()
    }

    /// Forgets the attempts that are older than the window of the budget. Where the clock was put back since an
    /// attempt, its age is counted from now.
    fn forget_old_attempts(&mut self, now: UnixMillis) {
        for at in &mut self.register_attempts {
            *at = (*at).min(now);
        }
        self.register_attempts
            .retain(|at| now.since(*at) < BUDGET_WINDOW);
    }

    /// Until when a call in flight may take effect. `None`: no longer, or there is none. Where the clock was
    /// put back since the call, the time is counted from now.
    fn in_flight_until(&mut self, cx: &AppContext<'_>) -> Option<UnixMillis> {
        let began = self.register_in_flight_since?.min(cx.now);
        self.register_in_flight_since = Some(began);
        Some(began + IN_FLIGHT).filter(|until| cx.now < *until)
    }

    /// When the next attempt may be made. The last one of the budget is not spent on a short outage of Meta's.
    fn next_attempt_at(&self) -> UnixMillis {
        match self.register_attempts.last() {
            Some(last) if self.undecided_attempts >= 2 => {
                self.not_before.max(*last + BEFORE_LAST_ATTEMPT)
            }
            _ => self.not_before,
        }
    }

    /// Meta registered the number.
    fn accept(&mut self, request: &RegisterRequest) {
        self.register_in_flight_since = None;
        self.undecided_attempts = 0;
        self.registered_by = Some(request.owner.signup.clone());
        if let Some(candidate) = self.candidate_pin.take() {
            self.accepted_pin = Some(candidate);
        }
    }
}

/// The reply to an error that has no rule of its own.
fn reply_by_class(error: &ApiError, cx: &AppContext<'_>) -> PhoneReply {
    match error.class {
        ErrorClass::Indeterminate | ErrorClass::Transient => PhoneReply::Retry,
        ErrorClass::Rate => {
            let until = cx.now + error.retry_after.unwrap_or(PAUSE);
            wait(until, ProblemCode::MetaUnavailable, Some(error))
        }
        ErrorClass::Token => failed(ProblemCode::TokenInvalid, error),
        ErrorClass::Config => failed(ProblemCode::AppMisconfigured, error),
        ErrorClass::Unreachable => failed(ProblemCode::PhoneNotInWaba, error),
        ErrorClass::Refused => failed(ProblemCode::MetaRefused, error),
    }
}

fn failed(code: ProblemCode, error: &ApiError) -> PhoneReply {
    PhoneReply::Failed {
        code,
        meta_code: error.meta_code(),
        fbtrace_id: error.fbtrace_id.clone(),
    }
}

fn misconfigured() -> PhoneReply {
    PhoneReply::Failed {
        code: ProblemCode::AppMisconfigured,
        meta_code: None,
        fbtrace_id: None,
    }
}

fn wait(until: UnixMillis, code: ProblemCode, error: Option<&ApiError>) -> PhoneReply {
    PhoneReply::Wait {
        until,
        code,
        meta_code: error.and_then(ApiError::meta_code),
        fbtrace_id: error.and_then(|error| error.fbtrace_id.clone()),
    }
}

fn open_token(request: &RegisterRequest, cx: &AppContext<'_>) -> Option<Secret> {
    let name = token_name(&request.app, &request.owner.waba);
    cx.keyring.open(&name, &request.token).ok()
}

/// Six random digits. Bytes that would make some digits more likely are discarded.
fn generate_pin(cx: &AppContext<'_>) -> Secret {
    let mut pin = String::new();
    while pin.len() < 6 {
        for byte in (cx.random_bytes)() {
            if byte < 250 && pin.len() < 6 {
                pin.push(char::from(b'0' + byte % 10));
            }
        }
    }
    Secret::new(pin)
}

/// Our own limit within Meta's of ten calls in 72 h: repeated calls lock the number.
const BUDGET: usize = 3;
const BUDGET_WINDOW: Duration = Duration::from_hours(72);
/// A call takes effect within its deadline, or not at all.
const IN_FLIGHT: Duration = Duration::from_secs(22);
/// The shortest pause after Meta could not answer.
const PAUSE: Duration = Duration::from_mins(1);
/// The pause before the last attempt of the budget.
const BEFORE_LAST_ATTEMPT: Duration = Duration::from_mins(30);
