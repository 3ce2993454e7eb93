//! Registration of a number: the read before the call, the PIN, the budget, and what Meta's response means
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration>,
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/two-step-verification>).
//!
//! A number that is live, wherever it is, is never registered: that could take it from where it is used.

use super::messages::{PhoneReply, RegisterRequest};
use super::record::PhoneRecord;
use super::replies::{PAUSE, failed, misconfigured, open_token, reply_by_class, wait};
use crate::meta::response::{PhoneNumber, Success, decode};
use crate::meta::{ApiError, ErrorClass, GraphRequest, request};
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
    /// Stores the record, deregisters the number, and passes the result to
    /// [`PhoneRecord::on_deregister_response`].
    Deregister(GraphRequest),
}

impl PhoneRecord {
    /// Begins a registration. Where the signup may have read the number long ago, or a call may have taken effect
    /// since, the number is read first.
    pub fn register(
        &mut self,
        id: &PhoneNumberId,
        request: &RegisterRequest,
        cx: &AppContext<'_>,
    ) -> Next {
        if self.owned_by_other_site(&request.owner.site) {
            return Next::Reply(PhoneReply::OwnedElsewhere);
        }
        let may_have_changed = self.register_in_flight_since.is_some()
            || self.registered_by.is_some()
            || !self.register_attempts.is_empty()
            || request.typed_pin.is_some();
        if may_have_changed {
            return match open_token(request, cx) {
                Some(token) => Next::ReadNumber(request::phone(id).sign(cx.credentials, &token)),
                None => Next::Reply(misconfigured()),
            };
        }
        self.try_register(id, request, &request.seen, cx)
    }

    /// The number as it is now. Registered means that an earlier call took effect.
    pub fn on_number_read(
        &mut self,
        id: &PhoneNumberId,
        request: &RegisterRequest,
        result: ApiResult,
        cx: &AppContext<'_>,
    ) -> Next {
        let phone = match decode::<PhoneNumber>(result) {
            Ok(phone) => phone,
            Err(error) => return Next::Reply(reply_by_class(&error, cx)),
        };
        if phone.is_live() {
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
        id: &PhoneNumberId,
        request: &RegisterRequest,
        result: ApiResult,
        cx: &AppContext<'_>,
    ) -> Next {
        let error = match decode::<Success>(result) {
            Ok(_) => {
                self.accept(request);
                return Next::Reply(PhoneReply::Registered);
            }
            Err(error) => error,
        };
        // What Meta did not decide stays in flight: the next request reads the number first, which costs none
        // of the few attempts, and the candidate PIN is kept.
        if let Some(reply) = self.reply_if_undecided(&error, cx) {
            return Next::Reply(reply);
        }
        self.register_in_flight_since = None;
        self.undecided_attempts = 0;
        Next::Reply(match error.code {
            // An earlier deregistration is not complete.
            Some(133_000) => return self.begin_deregistration(id, request, Some(&error), cx),
            // Wrong PIN.
            Some(133_005) => {
                self.candidate_pin = None;
                self.accepted_pin = None;
                PhoneReply::NeedsPin { wrong: true }
            }
            // The number must be verified.
            Some(133_006) => PhoneReply::NeedsVerification,
            // Too many wrong PINs; PIN entered too fast.
            Some(133_008) => self.lock(ProblemCode::PinLocked, &error, cx),
            Some(133_009) => self.lock(ProblemCode::PinTooSoon, &error, cx),
            // The number was deleted recently.
            Some(133_015) => self.lock(ProblemCode::MetaUnavailable, &error, cx),
            // Meta's own limit of registrations.
            Some(133_016) => self.lock(ProblemCode::RegisterBudget, &error, cx),
            // The account is locked.
            Some(131_031 | 368) => failed(ProblemCode::AccountLocked, &error),
            _ => reply_by_class(&error, cx),
        })
    }

    pub(super) fn try_register(
        &mut self,
        id: &PhoneNumberId,
        request: &RegisterRequest,
        phone: &PhoneNumber,
        cx: &AppContext<'_>,
    ) -> Next {
        if phone.is_live() || phone.is_coexistence() {
            return Next::Reply(PhoneReply::Registered);
        }
        if phone.is_on_premise() {
            return Next::Reply(PhoneReply::Failed {
                code: ProblemCode::NumberOnPremise,
                meta_code: None,
                fbtrace_id: None,
            });
        }
        if phone.is_unverified() {
            return Next::Reply(PhoneReply::NeedsVerification);
        }
        if let Some(reply) = self.not_yet(cx) {
            return Next::Reply(reply);
        }
        let Some(pin) = self.pin_to_send(id, request, phone, cx) else {
            return Next::Reply(PhoneReply::NeedsPin { wrong: false });
        };
        let Some(token) = open_token(request, cx) else {
            return Next::Reply(misconfigured());
        };
        self.begin_register_call(cx.now);
        Next::Register(request::register(id, &pin).sign(cx.credentials, &token))
    }

    /// Until when no register call may be made, by the budget or because Meta said so. `None`: one may be made now.
    pub(super) fn not_yet(&mut self, cx: &AppContext<'_>) -> Option<PhoneReply> {
        self.forget_old_attempts(cx.now);
        if self.register_attempts.len() >= BUDGET {
            let oldest = self.register_attempts.iter().min().copied();
            let oldest = oldest.unwrap_or(cx.now);
            let until = oldest + BUDGET_WINDOW;
            return Some(wait(until, ProblemCode::RegisterBudget, None));
        }
        let due = self.next_attempt_at();
        let reason = self.wait_reason.unwrap_or(ProblemCode::MetaUnavailable);
        (cx.now < due).then(|| wait(due, reason, None))
    }

    /// Counts a register call, which is made next.
    pub(super) fn begin_register_call(&mut self, now: UnixMillis) {
        self.wait_reason = None;
        self.register_attempts.push(now);
        self.undecided_attempts = self.undecided_attempts.saturating_add(1);
        self.register_in_flight_since = Some(now);
    }

    /// Meta allows no call for a while, whoever asks.
    pub(super) fn lock(
        &mut self,
        code: ProblemCode,
        error: &ApiError,
        cx: &AppContext<'_>,
    ) -> PhoneReply {
        let until = cx.now + error.retry_after.unwrap_or(PAUSE);
        self.postpone_until(until, Some(code));
        wait(until, code, Some(error))
    }

    /// The reply while Meta has not decided about a register call, which may still take effect. `None`: it has.
    pub(super) fn reply_if_undecided(
        &mut self,
        error: &ApiError,
        cx: &AppContext<'_>,
    ) -> Option<PhoneReply> {
        match error.class {
            _ if is_decided(error.code) => None,
            ErrorClass::Indeterminate => Some(PhoneReply::Retry),
            ErrorClass::Transient | ErrorClass::Rate => {
                let until = cx.now + error.retry_after.unwrap_or_default().max(PAUSE);
                self.postpone_until(until, None);
                let code = ProblemCode::MetaUnavailable;
                Some(wait(self.next_attempt_at(), code, Some(error)))
            }
            _ => None,
        }
    }

    /// No call is made before `until`.
    pub(super) fn postpone_until(&mut self, until: UnixMillis, reason: Option<ProblemCode>) {
        self.not_before = until;
        self.wait_reason = reason;
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
    pub(super) fn in_flight_until(&mut self, cx: &AppContext<'_>) -> Option<UnixMillis> {
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
        self.wait_reason = None;
        self.deregistration = None;
        self.registered_by = Some(request.owner.signup.clone());
        if let Some(candidate) = self.candidate_pin.take() {
            self.accepted_pin = Some(candidate);
        }
    }
}

/// Whether Meta decided about a register call by this error: it did not take effect.
fn is_decided(code: Option<i64>) -> bool {
    matches!(code, Some(133_000 | 133_005..=133_016))
}

/// Our own limit within Meta's of ten calls in 72 h: repeated calls lock the number.
const BUDGET: usize = 3;
const BUDGET_WINDOW: Duration = Duration::from_hours(72);
/// A call takes effect within its deadline, or not at all.
const IN_FLIGHT: Duration = Duration::from_secs(22);
/// The pause before the last attempt of the budget.
const BEFORE_LAST_ATTEMPT: Duration = Duration::from_mins(30);
