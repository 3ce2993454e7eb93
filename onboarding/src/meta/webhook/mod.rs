//! Meta's webhooks: the handshake for a callback URL, the signature of a body, and its changes with their accounts
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview>). Nothing of a body is
//! parsed before its signature holds. What a change means for an account is decided in `resources/waba`.

mod change;
mod document;
mod envelope;
mod handshake;
mod read;
mod signature;
mod surrogates;

pub use change::{
    AccountEvent, ChangeContent, ForwardedMessages, HistoryPart, MetaChange, TrafficCounts,
};
pub use envelope::{NotJson, Webhook, parse_webhook};
pub use handshake::Handshake;
pub use signature::{Signature, SignatureError};
