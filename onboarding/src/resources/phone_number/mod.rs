//! One phone number: who owns it, how often it may be registered, and its two-step verification PIN. The
//! number's object is the only caller of `register`, so budget and PIN are decided in one place.

mod deregister;
mod messages;
mod name;
mod ownership;
mod pin;
mod record;
mod register;
mod replies;
mod serve;

pub use messages::{ApplyNameRequest, PhoneReply, PhoneRequest, RegisterRequest};
pub use record::{Deregistration, NameApplication, PhoneOwner, PhoneRecord, typed_pin_name};
pub use register::Next;
pub use serve::serve;
