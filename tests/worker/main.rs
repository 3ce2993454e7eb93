//! The built Worker in workerd against the sandbox: real wasm, Durable Objects, KV, and kills of the process.

mod signup_flow;

mod crash_recovery;
mod kv_copies;
mod kv_failures;
mod lifecycle;
mod storage_failures;

mod handover;
mod invitations;
mod redirect_callback;

mod bad_input;
mod budgets;
mod cors;
mod link_grants;
mod logs;
mod pages;
mod secrets;
mod solution_state;
