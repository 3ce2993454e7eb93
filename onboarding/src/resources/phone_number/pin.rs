//! The PIN of a register call. One is generated and stored as a candidate before the call that carries it, and kept once
//! Meta accepts it. After an unknown outcome it is reused unchanged, because it may be the number's PIN by now.

use super::messages::{PhoneReply, RegisterRequest};
use super::record::{PhoneRecord, pin_record_name, typed_pin_name};
use crate::crypto::{Sealed, Secret};
use crate::meta::response::PhoneNumber;
use crate::workflow::AppContext;
use embark_protocol::{PhoneNumberId, SignupId};

impl PhoneRecord {
    /// Erases the PINs, if this signup was the last to claim the number. Repeated, it changes nothing.
    pub fn erase_pin(&mut self, signup: &SignupId) -> PhoneReply {
        let owner = self.owner.as_ref();
        if owner.is_none_or(|owner| owner.signup == *signup) {
            self.candidate_pin = None;
            self.accepted_pin = None;
        }
        PhoneReply::Erased
    }

    /// The PIN to send: the accepted one, else the one the customer entered, else the candidate, else a
    /// generated one if two-step verification is off. `None`: the customer must enter it.
    pub(super) fn pin_to_send(
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
