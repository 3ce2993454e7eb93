//! Web standards that several parts rely on: origins, request URLs, addresses of clients, languages and the files of their
//! messages.

pub mod address;
pub mod locale;
pub mod messages;
pub mod origin;
pub mod request_counter;
pub mod request_url;
