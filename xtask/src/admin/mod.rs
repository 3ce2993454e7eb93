//! What an operator configures: apps, websites, invitations and secrets. By default in the Worker of the running
//! `cargo xtask dev`.

mod app;
mod invite;
mod secret;
mod site;
mod worker;

pub use app::{AppTask, run as app};
pub use secret::{SecretTask, run as secret};
pub use site::{SiteTask, run as site};
