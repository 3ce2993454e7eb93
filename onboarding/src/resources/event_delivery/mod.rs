//! Delivery of a site's events to the endpoint of its partner's back end, as Standard Webhooks
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).
//!
//! An event is delivered at least once, and in no promised order. A failed delivery is repeated over three days
//! ([`schedule`]), then the event is a dead letter, which can be listed and replayed. An endpoint that fails again and
//! again gets one probe at a time ([`EventEndpoint`]); one that fails for five days is switched off.

mod delivery;
mod document;
mod endpoint;
pub mod queue;
mod request;
pub mod schedule;
mod signature;

pub use delivery::{Delivery, Finished};
pub use document::{LinkSigner, document, webhook_id};
pub use endpoint::{
    EndpointAddress, EventEndpoint, InvalidEndpoint, StoredSigningSecret, UNREACHABLE_FROM,
};
pub use request::{DeliveryOutcome, DeliveryRequest, DeliveryResponse};
pub use signature::{InvalidSigningSecret, SigningSecret, signature_header};
