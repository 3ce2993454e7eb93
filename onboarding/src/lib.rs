//! The rules of onboarding a business to WhatsApp, as plain values: requests to Meta and to other providers, the
//! meaning of their responses, the stored records, and what follows from each. Nothing here depends on a runtime.
//!
//! Reading order: `signup` (one signup, step by step), `workflow` (the loop that runs it), `meta` and `providers`
//! (remote APIs as values), `doctor` (what is checked before customers come), `resources` (the records of sites, accounts, numbers and the partner), `health` (what is wrong with a deployment now),
//! `telemetry` (its log and metrics), `auth`, `web`, `crypto`.

#![warn(missing_docs, unreachable_pub, clippy::missing_errors_doc)]

pub mod auth;
pub mod crypto;
pub mod doctor;
pub mod health;
pub mod meta;
pub mod problem;
pub mod providers;
pub mod resources;
pub mod retention;
pub mod settings_error;
pub mod signup;
pub mod telemetry;
pub mod time;
pub mod transport;
pub mod web;
pub mod workflow;
