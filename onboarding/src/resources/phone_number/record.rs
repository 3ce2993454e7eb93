//! The stored record of a phone number, and the names that its PINs are sealed under.

use super::messages::PhoneReply;
use super::owner::PhoneOwner;
use crate::crypto::Sealed;
use crate::resources::key_rotation::SealedContents;
use crate::time::UnixMillis;
use embark_protocol::{PhoneNumberId, ProblemCode, SignupId, SiteId};
use serde::{Deserialize, Serialize};

/// One phone number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PhoneRecord {
    /// The site that the number is connected through. `None`: never claimed.
    pub owner: Option<PhoneOwner>,
    /// When the calls to `register` of the last 72 h were begun.
    #[serde(rename = "registers")]
    pub register_attempts: Vec<UnixMillis>,
    /// The PIN of a register call that Meta has not accepted yet, sealed under a name of this
    /// record. `None`: there is none.
    #[serde(rename = "candidate")]
    pub candidate_pin: Option<Sealed>,
    /// The PIN that Meta accepted, sealed likewise. `None`: none yet.
    #[serde(rename = "accepted")]
    pub accepted_pin: Option<Sealed>,
    /// When the register or deregister call began whose outcome is not stored. `None`: none is in flight.
    #[serde(rename = "open")]
    pub register_in_flight_since: Option<UnixMillis>,
    /// The signup that the number was last registered by. `None`: never registered.
    #[serde(rename = "registered")]
    pub registered_by: Option<SignupId>,
    /// No register call is made earlier: Meta could not process the last one, or has locked the number.
    pub not_before: UnixMillis,
    /// Why no call is made before [`not_before`](Self::not_before). `None`: Meta could not process the last one.
    #[serde(rename = "not_before_for", skip_serializing_if = "Option::is_none")]
    pub wait_reason: Option<ProblemCode>,
    /// The last deregistration. `None`: none was begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deregistration: Option<Deregistration>,
    /// How many register calls were begun since Meta last accepted or refused one.
    #[serde(rename = "undecided")]
    pub undecided_attempts: u8,
    /// The approval of its display name that the number was last registered again for. `None`: none yet.
    #[serde(rename = "name", skip_serializing_if = "Option::is_none")]
    pub name_application: Option<NameApplication>,
}

/// A registration after Meta approved the display name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameApplication {
    /// The key of Meta's change.
    pub key: String,
    /// How many register calls were begun for it.
    #[serde(rename = "tries")]
    pub attempts: u8,
    /// It is over, whatever came of it.
    pub done: bool,
    /// Why the name was not applied, in the words of the reply: a repeated request gets the same one. `None`: it was applied, or
    /// there was nothing to apply, or it is not over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<PhoneReply>,
}

/// A deregistration, which completes one that Meta left half done. It is begun for that reason alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deregistration {
    /// When its first call was begun.
    #[serde(rename = "at")]
    pub began_at: UnixMillis,
    /// How many calls were begun.
    #[serde(rename = "tries")]
    pub attempts: u8,
    /// Meta confirmed it.
    #[serde(rename = "done")]
    pub confirmed: bool,
}

impl SealedContents for PhoneRecord {
    fn visit_sealed(&mut self, object: &str, visit: &mut dyn FnMut(&str, &mut Sealed)) {
        let name = pin_name(object);
        for pin in self.candidate_pin.iter_mut().chain(&mut self.accepted_pin) {
            visit(&name, pin);
        }
    }
}

impl PhoneRecord {
    /// Whether another site than this one owns the number.
    pub(super) fn owned_by_other_site(&self, site: &SiteId) -> bool {
        self.owner.as_ref().is_some_and(|owner| owner.site != *site)
    }
}

/// The name that an entered PIN is sealed under on its way from the signup.
pub fn typed_pin_name(phone: &PhoneNumberId) -> String {
    ["phone/", phone.as_str(), "/typed_pin"].concat()
}

/// The name that a PIN is sealed under in this record.
pub(super) fn pin_record_name(phone: &PhoneNumberId) -> String {
    pin_name(phone.as_str())
}

fn pin_name(phone: &str) -> String {
    ["phone/", phone, "/pin"].concat()
}
