//! Seeded histories over the real run loop and the real objects' rules, with a Meta, browsers, crashes,
//! lost messages, stale twins and clocks that jump. A seed that breaks an invariant is printed, and
//! `EMBARK_SIM_SEED=<seed>` plays it again, with everything that happened.
//!
//! Reading order: `scenario`, `world`, `history`; then what is true to life: `run_object`, `phone_object`,
//! `peers`, `store`, `kv`, `meta`, `browser`, `weather`, `flight`; and `check` and `truth`, what must hold.

mod browser;
mod check;
mod dice;
mod exec;
mod flight;
mod history;
mod kv;
mod meta;
mod peers;
mod phone_object;
mod posted;
mod run_object;
mod scenario;
mod store;
mod truth;
mod weather;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

fn main() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    if std::env::args().any(|arg| arg == "--list") {
        return println!("histories: test");
    }
    if let Some(seed) = number("EMBARK_SIM_SEED") {
        let end = history::play(seed, true);
        return println!("seed {seed}: {end:?}");
    }
    let first = number("EMBARK_SIM_FIRST").unwrap_or(1);
    let full = std::env::args().any(|arg| arg == "--full");
    let default = if full { 1_000_000 } else { 100_000 };
    let histories = number("EMBARK_SIM_HISTORIES").unwrap_or(default);
    let begun = Instant::now();
    let violations = run(first, histories);
    let seconds = begun.elapsed().as_secs_f64();
    let speed = histories as f64 / seconds;
    println!("sim: {seconds:.1} s, {speed:.0} histories/s");
    println!("sim: {histories} histories, {violations} violations");
    if violations > 0 {
        std::process::exit(1);
    }
}

/// Plays the seeds on all cores; says which failed.
fn run(first: u64, histories: u64) -> u64 {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let (next, violations) = (AtomicU64::new(first), AtomicU64::new(0));
    std::panic::set_hook(Box::new(|_| {}));
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + histories {
                        return;
                    }
                    let played = catch_unwind(AssertUnwindSafe(|| history::play(seed, false)));
                    let wrong = match played {
                        Ok(Ok(())) => continue,
                        Ok(Err(wrong)) => wrong,
                        Err(panic) => format!("panicked: {}", message(&*panic)),
                    };
                    let nth = violations.fetch_add(1, Ordering::Relaxed);
                    if nth < SHOWN {
                        let wrong: String = wrong.chars().take(300).collect();
                        println!("EMBARK_SIM_SEED={seed}: {wrong}");
                    }
                }
            });
        }
    });
    violations.into_inner()
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default()
}

const SHOWN: u64 = 1_000;
