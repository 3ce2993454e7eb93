//! One WhatsApp Business Account: which sites own it, the business token of each app, sealed, the notices before a
//! token expires, and what Meta's webhooks say about the account. Business tokens are valid for 60 days, and there is no refresh token
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/access-tokens>).

mod handle;
mod messages;
mod news;
mod record;
mod webhook_events;
mod webhooks;
mod withdrawal;

pub use messages::{WabaReply, WabaRequest};
pub use news::{
    AccountNews, ClaimedNumber, ConnectedSignup, NameApproval, NewsKind, PendingNews, digits,
};
pub use record::{RESEND_AFTER, TokenOfRecord, WabaRecord, token_name};
pub use webhook_events::event_type;
pub use webhooks::{PendingEvent, pending_event_name};
