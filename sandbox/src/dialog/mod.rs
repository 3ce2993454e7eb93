//! Meta's Embedded Signup dialog: the popup of `FB.login`, or a whole page that redirects back. The state of its screens
//! is on the server, so that only the last page needs a script.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/implementation>

mod admission;
mod extra_assets;
mod finish;
mod handler;
mod messages;
mod pages;
mod screens;

pub use handler::{open, show_screen, submit_screen};
