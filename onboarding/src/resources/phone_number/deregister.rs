//! Deregistration of a number whose earlier deregistration Meta left half done (error 133000): it is deregistered once,
//! then registered, as Meta's reference demands
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes>). Nothing else ever
//! deregisters a number.

use super::messages::{PhoneReply, RegisterRequest};
use super::record::{Deregistration, PhoneRecord};
use super::register::Next;
use super::replies::{PAUSE, failed, misconfigured, open_token, reply_by_class, wait};
use crate::meta::response::{Success, decode};
use crate::meta::{ApiError, ErrorClass, request};
use crate::transport::ApiResult;
use crate::workflow::AppContext;
use core::time::Duration;
use embark_protocol::{PhoneNumberId, ProblemCode};

impl PhoneRecord {
    /// Begins a deregistration, or repeats one whose outcome is unknown. One that Meta confirmed is not repeated: the
    /// number cannot be registered. `refused`: the response to the register call.
    pub(super) fn begin_deregistration(
        &mut self,
        id: &PhoneNumberId,
        request: &RegisterRequest,
        refused: Option<&ApiError>,
        cx: &AppContext<'_>,
    ) -> Next {
        let earlier = self
            .deregistration
            .filter(|earlier| cx.now.since(earlier.began_at) < WINDOW);
        let attempts = earlier.map_or(0, |earlier| earlier.attempts);
        let is_spent = earlier.is_some_and(|earlier| earlier.confirmed) || attempts >= MAX_ATTEMPTS;
        if is_spent {
            let code = ProblemCode::DeregistrationIncomplete;
            return Next::Reply(match refused {
                Some(error) => failed(code, error),
                None => PhoneReply::Failed {
                    code,
                    meta_code: None,
                    fbtrace_id: None,
                },
            });
        }
        let Some(token) = open_token(request, cx) else {
            return Next::Reply(misconfigured());
        };
        self.deregistration = Some(Deregistration {
            began_at: earlier.map_or(cx.now, |earlier| earlier.began_at),
            attempts: attempts + 1,
            confirmed: false,
        });
        // Until its outcome is stored, a further request reads the number first, and waits.
        self.register_in_flight_since = Some(cx.now);
        Next::Deregister(request::deregister(id).sign(cx.credentials, &token))
    }

    /// Meta's response to the deregister call. After a success the number is registered.
    pub fn on_deregister_response(
        &mut self,
        id: &PhoneNumberId,
        request: &RegisterRequest,
        result: ApiResult,
        cx: &AppContext<'_>,
    ) -> Next {
        let error = match decode::<Success>(result) {
            Ok(_) => return self.register_again(id, request, cx),
            Err(error) => error,
        };
        match (error.class, error.code) {
            // The number is not registered: it is complete.
            (_, Some(133_010)) => return self.register_again(id, request, cx),
            (ErrorClass::Indeterminate, _) => return Next::Reply(PhoneReply::Retry),
            _ => self.register_in_flight_since = None,
        }
        Next::Reply(match (error.class, error.code) {
            // Meta's own limit, which deregistrations have as well.
            (_, Some(133_016)) => self.lock(ProblemCode::RegisterBudget, &error, cx),
            (ErrorClass::Transient | ErrorClass::Rate, _) => {
                let until = cx.now + error.retry_after.unwrap_or_default().max(PAUSE);
                self.postpone_until(until, None);
                wait(until, ProblemCode::MetaUnavailable, Some(&error))
            }
            (ErrorClass::Refused, _) => failed(ProblemCode::DeregistrationIncomplete, &error),
            _ => reply_by_class(&error, cx),
        })
    }

    fn register_again(
        &mut self,
        id: &PhoneNumberId,
        request: &RegisterRequest,
        cx: &AppContext<'_>,
    ) -> Next {
        self.register_in_flight_since = None;
        if let Some(deregistration) = &mut self.deregistration {
            deregistration.confirmed = true;
        }
        self.try_register(id, request, &request.seen, cx)
    }
}

/// How many calls are begun while the outcome of each is unknown.
const MAX_ATTEMPTS: u8 = 3;
/// After this time a number may be deregistered once more.
const WINDOW: Duration = Duration::from_hours(72);
