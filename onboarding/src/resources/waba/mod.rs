//! One WhatsApp Business Account: which sites own it, the business token of each app, sealed, and the notices before a
//! token expires. Business tokens are valid for 60 days, and there is no refresh token
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/access-tokens>).

mod handle;
mod messages;
mod record;

pub use messages::{WabaReply, WabaRequest};
pub use record::{RESEND_AFTER, TokenOfRecord, WabaRecord, token_name};
