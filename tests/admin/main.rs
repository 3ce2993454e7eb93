//! What operators do with a deployment, by the API and in the console, in workerd against the sandbox.

mod cancellation;
mod console;
mod doctor;
mod funnel;
mod health;
mod operations;
mod operators;
mod retries;
mod settings;
mod signups;
