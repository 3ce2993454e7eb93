//! One WhatsApp Business Account: which sites own it, the business token of each app, sealed, the notices before a
//! token expires, and what Meta's webhooks say about the account. Business tokens are valid for 60 days, and there is no refresh token
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/access-tokens>).

mod account_updates;
mod handle;
mod hosted;
mod messages;
mod names;
mod number_owners;
mod record;
mod signups;
mod webhook_events;
mod webhooks;
mod withdrawal;

pub use account_updates::digits;
pub use messages::{Listing, WabaReply, WabaRequest};
pub use record::{RESEND_AFTER, TokenOfRecord, WabaRecord, token_name};
pub use signups::{
    AccountUpdate, AccountUpdateKind, ClaimedNumber, ConnectedSignup, HostedCustomer, NameApproval,
    PendingAccountUpdate,
};
pub use webhook_events::event_type;
pub use webhooks::{PendingEvent, pending_event_name};
