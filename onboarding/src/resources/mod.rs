//! The stored resources: what each record holds, which requests its Durable Object answers, and which changes they make.

pub mod backend;
pub mod budget;
pub mod copy_writer;
pub mod deadlines;
pub mod event_delivery;
mod hosted_sites;
pub mod invitation;
pub mod kv_copies;
pub mod partner;
pub mod phone_number;
pub mod policy_settings;
pub mod previous_secret;
pub mod quota;
pub mod referrer;
pub mod retention;
pub mod rpc;
pub mod run;
pub mod site;
pub mod site_event;
pub mod site_identity;
pub mod site_validation;
pub mod users;
pub mod waba;
