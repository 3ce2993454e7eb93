//! Stored data as plain values: what Meta and the providers would remember, and what a running dialog, job or
//! scripted provider keeps. Nothing here knows HTTP. Secrets are kept in the clear, because this is a test tool and
//! `GET /_sandbox/world` is meant to show them.

mod assets;
mod authorization;
mod defaults;
mod dialog;
mod dialog_extras;
mod ids;
mod infobip;
mod job;
mod partners;
mod provider_records;
mod scripted;
mod seed;
pub mod seed_ids;
mod sent_webhook;
mod tables;

pub use assets::{App, Phone, Subscription, Waba};
pub use authorization::{BusinessToken, Grant, RedirectBinding, XD_ARBITER, default_scopes};
pub use dialog::{Dialog, NumberChoice, ReturnPath, Screen, Selections};
pub use dialog_extras::Extras;
pub use ids::{IdKind, digest, digits, random_alphanumeric, verification_code};
pub use infobip::{Infobip, WebhookDelivery};
pub use job::{Job, PartnerAdded};
pub use partners::{Allocation, Solution, SystemUser};
pub use provider_records::{Message, Registration, Sender};
pub use scripted::{ScriptedProvider, ScriptedReply};
pub use seed::seed_world;
pub use sent_webhook::SentWebhook;
pub use tables::World;
