//! Infobip: a business account is shared with it, it registers the account's numbers itself, and it reports its
//! progress by webhook (<https://www.infobip.com/docs/whatsapp/tech-provider-program>). Infobip associates the
//! account with an entity whose id is the customer's business portfolio.

mod requests;
mod webhook;

pub use requests::{
    SECRET, add_sender, check, delivery_report, message_body, parse_order_response, send_message,
    sender_body, share_waba,
};
pub use webhook::{RegistrationStatus, RegistrationWebhook, parse_registration_webhook};
