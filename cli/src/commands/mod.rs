//! The commands: each sends requests and returns what there is to print.

pub mod app;
pub mod backend;
pub mod backup;
pub mod doctor;
pub mod events;
pub mod export;
pub mod health;
pub mod invite;
pub mod keys;
pub mod operators;
pub mod secret;
mod signup_pages;
pub mod signups;
pub mod site;
