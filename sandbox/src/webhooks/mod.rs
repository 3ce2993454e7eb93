//! Meta's webhooks: bodies of changes, signed and posted to the app's callback URL, and repeated until it answers 200.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview>

mod body;
mod delivery;
mod partner_added;

pub use body::{Change, batches};
pub use delivery::deliver;
pub use partner_added::send_partner_added;
