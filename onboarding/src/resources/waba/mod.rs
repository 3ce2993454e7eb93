//! One WhatsApp Business Account: which sites own it, the business token of each app, sealed, the notices before a
//! token expires, and what Meta's webhooks say about the account. Business tokens are valid for 60 days, and there is no refresh token
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/access-tokens>).

mod handle;
mod hosted;
mod messages;
mod names;
mod news;
mod record;
mod signups;
mod webhook_events;
mod webhooks;
mod withdrawal;

pub use messages::{Listing, WabaReply, WabaRequest};
pub use news::digits;
pub use record::{RESEND_AFTER, TokenOfRecord, WabaRecord, token_name};
pub use signups::{
    AccountNews, ClaimedNumber, ConnectedSignup, HostedCustomer, NameApproval, NewsKind,
    PendingNews,
};
pub use webhook_events::event_type;
pub use webhooks::{PendingEvent, pending_event_name};
