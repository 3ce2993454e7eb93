//! Infobip's side of a multi-partner solution: it takes over a WABA, registers its numbers itself, reports on that by
//! webhook, and sends messages.
//! <https://www.infobip.com/docs/api/channels/whatsapp>, <https://www.infobip.com/docs/api/platform/messages-api>

mod errors;
mod messages;
mod registration;
mod reports;
mod router;
mod senders;
mod share_waba;
mod webhook;

pub use registration::register_numbers;
pub use router::handle_request;
pub use webhook::{post_webhook, webhook_body};
