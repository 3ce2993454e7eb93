//! The simulation: seeded histories of signups that run the library's own rules in a model of everything around
//! them. The model has browsers, Meta, the other Durable Objects and KV; it crashes objects, loses and repeats
//! messages, runs two instances of one object side by side, loses alarms and moves clocks.
//!
//! Every second seed plays a history of events too (`deliveries`): from Meta's webhook to the endpoint of a site, a model of its own;
//! and every second a history of one account (`accounts`): hosted signups and approved display names, another.
//!
//! One seed is one history: a phase with faults, then a phase without ("quiescence"), in which every signup must
//! come to rest. The [`invariants`] are checked throughout. A violated one is printed with its seed, and the same
//! seed plays the same history again:
//!
//! | environment variable | meaning |
//! |---|---|
//! | `EMBARK_SIM_SEED=<seed>` | plays this one history and prints every event |
//! | `EMBARK_SIM_HISTORIES=<count>` | how many histories are played; 100,000 by default |
//! | `EMBARK_SIM_FIRST=<seed>` | the first seed; 1 by default |
//! | `EMBARK_SIM_UNSHARED_RECORDS=<objects>` | builds in a fault that the invariants must catch: each handler of `phone`, `waba` or `copies` reads its own record |
//! | `EMBARK_SIM_ONLY=<kind>` | plays histories of `signups`, of `events` or of `accounts` only |
//! | `EMBARK_SIM_BROKEN_ACCOUNT=<rule>` | breaks a rule of accounts on purpose: `signup_ids`, `applications` |
//! | `EMBARK_SIM_BROKEN_DELIVERY=<rule>` | breaks a rule of deliveries on purpose: `tickets`, `probes`, `rows`, `schedule`, `leases` |
//!
//! Reading order: `history` (the phases), `scenario` (who does what), `state` (what a history is at one moment); then
//! what happens to it: `run_object`, `run_drive`, `phone_object`, `peer_objects`, `storage`, `credentials`, `kv`,
//! `kv_copies`, `meta`, `browser`, `fault_model`, `in_flight`; and what must hold: `invariants`, `recovery`.
//!
//! The files form layers: `state` holds plain data and imports nothing of what acts on it; the rules of `invariants` read
//! it; everything else acts on it in methods of the world.

mod accounts;
mod browser;
mod credentials;
mod deliveries;
mod drive_lock;
mod executor;
mod fault_model;
mod history;
mod in_flight;
mod input_answers;
mod invariants;
mod kv;
mod kv_copies;
mod meta;
mod operator;
mod page_post;
mod peer_objects;
mod phone_object;
mod provider;
mod provider_events;
mod random;
mod recovery;
mod run_drive;
mod run_object;
mod scenario;
mod state;
mod storage;
mod violation;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    if std::env::args().any(|arg| arg == "--list") {
        return println!("histories: test");
    }
    if let Some(seed) = number("EMBARK_SIM_SEED") {
        return match play(seed, true) {
            Ok(()) => println!("seed {seed}: no violation"),
            Err(violation) => println!("seed {seed}: {violation}"),
        };
    }
    let first = number("EMBARK_SIM_FIRST").unwrap_or(1);
    let histories = number("EMBARK_SIM_HISTORIES").unwrap_or(DEFAULT_HISTORIES);
    let started = Instant::now();
    let violations = play_all(first, histories);
    let seconds = started.elapsed().as_secs_f64();
    let speed = histories as f64 / seconds;
    println!("sim: {seconds:.1} s, {speed:.0} histories/s");
    println!("sim: {histories} histories, {violations} violations");
    if violations > 0 {
        std::process::exit(1);
    }
}

/// Plays consecutive seeds on all cores and prints those that violate an invariant. Returns how many did.
fn play_all(first: u64, histories: u64) -> u64 {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let (next, violations) = (AtomicU64::new(first), AtomicU64::new(0));
    // A panic is reported below, with its seed.
    std::panic::set_hook(Box::new(|_| {}));
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + histories {
                        return;
                    }
                    let Some(violation) = violation_of(seed) else {
                        continue;
                    };
                    if violations.fetch_add(1, Ordering::Relaxed) < PRINTED_VIOLATIONS {
                        let violation: String = violation.chars().take(300).collect();
                        println!("EMBARK_SIM_SEED={seed}: {violation}");
                    }
                }
            });
        }
    });
    violations.into_inner()
}

/// What goes wrong in the history of this seed: a violated invariant or a panic. `None`: nothing.
fn violation_of(seed: u64) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| play(seed, false))) {
        Ok(Ok(())) => None,
        Ok(Err(violation)) => Some(violation.to_string()),
        Err(panic) => Some(["panic: ", &panic_message(&*panic)].concat()),
    }
}

/// Plays the histories of a seed.
fn play(seed: u64, verbose: bool) -> violation::Check {
    let only = ONLY.get_or_init(|| std::env::var("EMBARK_SIM_ONLY").unwrap_or_default());
    if only == "signups" || only.is_empty() {
        history::play(seed, verbose)?;
    }
    // One in two seeds: a history of events takes a fifth of the time of one of signups.
    if only == "events" || only.is_empty() && seed.is_multiple_of(2) {
        deliveries::play(seed, verbose)?;
    }
    if only == "accounts" || only.is_empty() && !seed.is_multiple_of(2) {
        accounts::play(seed, verbose)?;
    }
    Ok(())
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default()
}

/// `EMBARK_SIM_ONLY`.
static ONLY: OnceLock<String> = OnceLock::new();
const DEFAULT_HISTORIES: u64 = 100_000;
const PRINTED_VIOLATIONS: u64 = 1_000;
