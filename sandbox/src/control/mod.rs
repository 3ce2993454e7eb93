//! The control API under `/_sandbox/`: reset, world, seed, codes, rules, faults, scenarios, log, providers, receiver, the keys of Cloudflare Access. Every origin may call
//! it, because the sandbox is a test tool on loopback.

mod access;
mod codes;
mod error;
mod faults;
mod hosted;
mod log;
mod merge_patch;
mod play;
mod providers;
mod receiver;
mod router;
mod rules;
mod scenarios;
mod user_callbacks;
mod webhooks;
mod world;

pub use router::router;
