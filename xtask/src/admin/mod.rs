//! What an operator configures: apps, websites, invitations, secrets and back ends. By default in the Worker of the running
//! `cargo xtask dev`.

mod app;
mod backend;
mod invite;
mod secret;
mod site;
mod worker;

pub use app::{AppTask, run as app};
pub use backend::{BackendTask, run as backend};
pub use secret::{SecretTask, run as secret};
pub use site::{SiteTask, run as site};
