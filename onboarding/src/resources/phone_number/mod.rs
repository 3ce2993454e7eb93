//! One phone number: who owns it, how often it may be registered, and its two-step verification PIN. The
//! number's object is the only caller of `register`, so budget and PIN are decided in one place.

mod deregister;
mod messages;
mod name;
mod owner;
mod ownership;
mod pin;
mod record;
mod register;
mod replies;
mod serve;

pub use messages::{ApplyNameRequest, PhoneReply, PhoneRequest, RegisterRequest};
pub use owner::PhoneOwner;
pub use record::{Deregistration, NameApplication, PhoneRecord, typed_pin_name};
pub use register::Next;
pub use serve::serve;
