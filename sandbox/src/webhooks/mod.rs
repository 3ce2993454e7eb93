//! Meta's webhooks: bodies of changes, signed and posted to the app's callback URL or to the address of an account or a
//! number, and repeated until it answers 200.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview>

mod body;
mod delivery;
mod destination;
mod partner_added;

pub use body::{Change, batches};
pub use delivery::{deliver, sign};
pub use destination::by_destination;
pub use partner_added::send_partner_added;
