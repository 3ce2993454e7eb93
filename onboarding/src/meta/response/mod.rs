//! Responses of the Graph API, read leniently: unknown members are ignored, enumerations keep Meta's text, and ids are
//! text even where Meta writes numbers.

mod assets;
pub(super) mod decode;
pub(super) mod id_text;
pub(super) mod lenient;
mod subscriptions;
mod token;

pub use assets::{OwnerBusiness, PhoneNumber, WabaDetails, decode_phone_numbers};
pub use decode::{Success, decode, decode_both};
pub(crate) use id_text::TextOrNumber;
pub use subscriptions::{NumberWebhooks, SubscribedApps, WebhookSubscriptions};
pub use token::{IssuedToken, MANAGEMENT, MESSAGING, TokenInfo, decode_token_info, is_user_id};
