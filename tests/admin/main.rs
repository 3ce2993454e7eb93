//! What operators do with a deployment, by the API and in the console, in workerd against the sandbox.

mod access;
mod cancellation;
mod console;
mod doctor;
mod funnel;
mod health;
mod lists;
mod operations;
mod operators;
mod retries;
mod secrets;
mod settings;
mod signups;
