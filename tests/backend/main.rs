//! What a partner's back end lives on, in workerd against the sandbox: its tokens, the lists, the business tokens of
//! connected accounts, and events as they are delivered.

mod access;
mod accounts;
mod business_tokens;
mod dead_letters;
mod deliveries;
mod endpoint_changes;
mod errors;
mod growth;
mod idempotency;
mod links;
mod lists;
mod retention;
mod sessions;
