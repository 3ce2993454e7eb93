//! Registers a number again after Meta approved its display name, which Meta shows only then
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/business-phone-numbers/registration>). It is the
//! one registration of a number that is live: with the PIN that Meta accepted, once per approval, within the budget, and
//! never of a number that stays in the WhatsApp Business app.

use super::messages::{ApplyNameRequest, PhoneReply};
use super::record::{NameApplication, PhoneRecord, pin_record_name};
use super::register::Next;
use super::replies::{misconfigured, open_token, reply_by_class};
use crate::meta::response::{PhoneNumber, Success, decode};
use crate::meta::{ErrorClass, request};
use crate::transport::ApiResult;
use crate::workflow::AppContext;
use embark_protocol::{PhoneNumberId, ProblemCode};

impl PhoneRecord {
    /// Begins it, with a read of the number.
    pub fn apply_name(
        &self,
        id: &PhoneNumberId,
        asked: &ApplyNameRequest,
        cx: &AppContext<'_>,
    ) -> Next {
        let by = &asked.register.owner;
        let is_owner = |owner: &super::PhoneOwner| owner.site == by.site && owner.waba == by.waba;
        if !self.owner.as_ref().is_some_and(is_owner) {
            return Next::Reply(PhoneReply::OwnedElsewhere);
        }
        if let Some(application) = self.application_of(asked).filter(|it| it.done) {
            let refusal = application.refusal.clone();
            return Next::Reply(refusal.unwrap_or(PhoneReply::Registered));
        }
        if self.accepted_pin.is_none() {
            return Next::Reply(PhoneReply::NeedsPin { wrong: false });
        }
        match open_token(&asked.register, cx) {
            Some(token) => Next::ReadNumber(request::phone(id).sign(cx.credentials, &token)),
            None => Next::Reply(misconfigured()),
        }
    }

    /// The number as it is now.
    pub fn on_named_number_read(
        &mut self,
        id: &PhoneNumberId,
        asked: &ApplyNameRequest,
        result: ApiResult,
        cx: &AppContext<'_>,
    ) -> Next {
        let phone = match decode::<PhoneNumber>(result) {
            Ok(phone) => phone,
            Err(error) => return Next::Reply(reply_by_class(&error, cx)),
        };
        let mut application = self.application_of(asked).cloned().unwrap_or_default();
        application.key.clone_from(&asked.key);
        // An attempt whose outcome is not known took effect, or there is nothing to register again: a signup that
        // registers the number applies the name with it.
        let took_effect = application.attempts > 0 && phone.verified_name == asked.name;
        if took_effect || phone.is_coexistence() || !phone.is_registered() {
            return self.end_application(application, PhoneReply::Registered);
        }
        if let Some(until) = self.in_flight_until(cx) {
            return Next::Reply(PhoneReply::Busy { until });
        }
        self.register_in_flight_since = None;
        if application.attempts >= MAX_ATTEMPTS {
            let reply = PhoneReply::Failed {
                code: ProblemCode::MetaUnavailable,
                meta_code: None,
                fbtrace_id: None,
            };
            return self.end_application(application, reply);
        }
        if let Some(reply) = self.not_yet(cx) {
            return Next::Reply(reply);
        }
        let pin = self.accepted_pin.as_ref();
        let pin = pin.and_then(|pin| cx.keyring.open(&pin_record_name(id), pin).ok());
        let (Some(pin), Some(token)) = (pin, open_token(&asked.register, cx)) else {
            return Next::Reply(misconfigured());
        };
        application.attempts = application.attempts.saturating_add(1);
        self.name_application = Some(application);
        self.begin_register_call(cx.now);
        Next::Register(request::register(id, &pin).sign(cx.credentials, &token))
    }

    /// Meta's response to the register call.
    pub fn on_name_response(
        &mut self,
        asked: &ApplyNameRequest,
        result: ApiResult,
        cx: &AppContext<'_>,
    ) -> PhoneReply {
        let error = match decode::<Success>(result) {
            Ok(_) => {
                self.register_in_flight_since = None;
                self.undecided_attempts = 0;
                self.wait_reason = None;
                return self.end_application_of(asked, PhoneReply::Registered);
            }
            Err(error) => error,
        };
        if let Some(reply) = self.reply_if_undecided(&error, cx) {
            return reply;
        }
        self.register_in_flight_since = None;
        self.undecided_attempts = 0;
        match error.code {
            Some(133_005) => {
                // The customer has set another PIN: the next signup asks for it.
                self.accepted_pin = None;
                self.end_application_of(asked, PhoneReply::NeedsPin { wrong: true })
            }
            Some(133_008) => self.lock(ProblemCode::PinLocked, &error, cx),
            Some(133_009) => self.lock(ProblemCode::PinTooSoon, &error, cx),
            Some(133_015) => self.lock(ProblemCode::MetaUnavailable, &error, cx),
            Some(133_016) => self.lock(ProblemCode::RegisterBudget, &error, cx),
            // The name is applied once the token is renewed.
            _ if error.class == ErrorClass::Token => reply_by_class(&error, cx),
            _ => self.end_application_of(asked, reply_by_class(&error, cx)),
        }
    }

    fn application_of(&self, asked: &ApplyNameRequest) -> Option<&NameApplication> {
        let application = self.name_application.as_ref();
        application.filter(|application| application.key == asked.key)
    }

    /// Whatever came of it, this approval is not applied again. Returns the reply.
    fn end_application_of(&mut self, asked: &ApplyNameRequest, reply: PhoneReply) -> PhoneReply {
        let mut application = self.application_of(asked).cloned().unwrap_or_default();
        application.key.clone_from(&asked.key);
        self.end(application, &reply);
        reply
    }

    fn end_application(&mut self, application: NameApplication, reply: PhoneReply) -> Next {
        self.end(application, &reply);
        Next::Reply(reply)
    }

    fn end(&mut self, application: NameApplication, reply: &PhoneReply) {
        self.name_application = Some(NameApplication {
            done: true,
            refusal: (*reply != PhoneReply::Registered).then(|| reply.clone()),
            ..application
        });
    }
}

/// How many register calls one approval may take, where Meta does not say what came of them.
const MAX_ATTEMPTS: u8 = 2;
