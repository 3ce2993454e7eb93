//! The secrets that a signup has sealed.

use super::record::Signup;
use super::sealed_names::{code_record_name, token_record_name, verification_record_name};
use super::state::{ExchangeState, RegisterPhase, Verification};
use crate::crypto::Sealed;
use crate::resources::key_rotation::{ObjectId, SealedContents};
use crate::resources::message_route::verify_token_name;
use crate::resources::phone_number::typed_pin_name;
use crate::resources::waba::token_name;

impl SealedContents for Signup {
    fn visit_sealed(&mut self, _: &str, visit: &mut dyn FnMut(&str, &mut Sealed)) {
        let code = self.authorization_code.as_mut();
        if let Some(code) = code.and_then(|code| code.code.as_mut()) {
            visit(&code_record_name(&self.id), code);
        }
        if let ExchangeState::Done { token, .. } = &mut self.steps.exchange {
            visit(&token_record_name(&self.id), token);
        }
        let inspect = &self.steps.inspect;
        let verified = inspect.verified.as_ref();
        let waba = verified.map(|verified| &verified.waba.id);
        let waba = waba.or(inspect.waba_id.as_ref());
        if let (Some(token), Some(waba)) = (&mut self.steps.claim.token, waba) {
            visit(&token_name(&self.app, waba), token);
        }
        let number = verified.and_then(|verified| verified.phone.as_ref());
        if let (Some(pin), Some(number)) = (&mut self.steps.register.entered_pin, number) {
            visit(&typed_pin_name(&number.id), pin);
        }
        if let RegisterPhase::Verifying(Verification::SubmittingCode { code, .. }) =
            &mut self.steps.register.phase
        {
            visit(&verification_record_name(&self.id), code);
        }
        let messages = self.admission.messages.as_mut();
        let callback = messages.and_then(|route| route.callback.as_mut());
        if let Some(token) = callback.and_then(|callback| callback.verify_token.as_mut()) {
            visit(&verify_token_name(&self.site), token);
        }
    }
}

impl Signup {
    /// The account and the number that it has come to: their objects get secrets of it.
    pub fn reached_objects(&self) -> Vec<ObjectId> {
        let verified = self.steps.inspect.verified.as_ref();
        let waba = verified.map(|verified| ObjectId::Waba(verified.waba.id.clone()));
        let number = verified.and_then(|verified| verified.phone.as_ref());
        let number = number.map(|number| ObjectId::Phone(number.id.clone()));
        waba.into_iter().chain(number).collect()
    }
}
