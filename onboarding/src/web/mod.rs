//! Web standards that several parts rely on: origins, request URLs, languages and the files of their messages.

pub mod locale;
pub mod messages;
pub mod origin;
pub mod request_url;
