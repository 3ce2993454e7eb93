//! Every Graph call of a signup × every fault: where the signup goes, and which sentence the customer reads. The
//! expectations are in `table`, written from Meta's documentation. `EMBARK_FAULTS_LIST=1` prints every cell with
//! its sentence.

mod cell;
#[path = "../fake/mod.rs"]
mod fake;
mod fault;
mod messages;
mod optional_calls;
mod table;

use cell::{Cell, Observed};
use core::time::Duration;
use embark_protocol::{ProblemCode, SignupStatus};
use fault::Fault;
use messages::Messages;
use std::panic::{AssertUnwindSafe, catch_unwind};
use table::{ALWAYS_TIMES_OUT, COLUMNS, TABLE};

fn main() {
    if std::env::args().any(|arg| arg == "--list") {
        return println!("faults: test");
    }
    std::panic::set_hook(Box::new(|_| {}));
    let messages = Messages::load();
    let list = std::env::var("EMBARK_FAULTS_LIST").is_ok();
    let (mut cells, mut violations) = (0, 0);
    let rows = TABLE.iter().copied();
    for (row, line) in rows.chain([("always_times_out", ALWAYS_TIMES_OUT)]) {
        let expectations: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(expectations.len(), COLUMNS.len(), "the cells of row {row}");
        for (column, expected) in COLUMNS.into_iter().zip(expectations) {
            if expected == "." {
                continue;
            }
            cells += 1;
            match check_cell(row, column, expected, &messages) {
                Ok(sentence) if list => println!("{row} at {column}: {expected} — {sentence}"),
                Ok(_) => {}
                Err(actual) => {
                    violations += 1;
                    println!("{row} at {column}: expected {expected}, {actual}");
                }
            }
        }
    }
    let (more_cells, more_violations) = optional_calls::check_all();
    (cells, violations) = (cells + more_cells, violations + more_violations);
    println!("faults: {cells} cells, {violations} violations");
    if violations > 0 {
        std::process::exit(1);
    }
}

/// Checks one cell, and returns the sentence that the customer reads after the fault.
///
/// # Errors
/// What was observed instead, or the message of a panic.
fn check_cell(
    row: &str,
    column: &str,
    expected: &str,
    messages: &Messages,
) -> Result<String, String> {
    let checked = catch_unwind(AssertUnwindSafe(|| match row {
        "always_times_out" => {
            let end = Cell::with_endless_timeouts(column).run_to_end();
            compare(&end, expected, Duration::ZERO, messages)
        }
        _ => check_fault(row, column, expected, messages),
    }));
    checked.unwrap_or_else(|panic| Err(panic_message(&*panic)))
}

/// The signup is as expected right after the fault, and in the end.
fn check_fault(
    row: &str,
    column: &str,
    expected: &str,
    messages: &Messages,
) -> Result<String, String> {
    let fault = Fault::by_name(row);
    let min_wait = fault.min_wait;
    let cell = Cell::new(column, row, fault);
    let sentence = compare(&cell.run_until_fault(), expected, min_wait, messages)?;
    let in_the_end = match expected {
        "lost" => "R:answer_lost",
        "warn" => "warned",
        end if end.starts_with("F:") || end.starts_with("R:") => end,
        _ => "connected",
    };
    compare(&cell.run_to_end(), in_the_end, Duration::ZERO, messages)
        .map_err(|actual| format!("and {in_the_end} in the end: {actual}"))?;
    Ok(sentence)
}

/// Compares what was observed with the expectation, and returns the sentence that the customer reads.
///
/// # Errors
/// What was observed, if it is not as expected; or that a message is missing.
fn compare(
    observed: &Observed,
    expected: &str,
    min_wait: Duration,
    messages: &Messages,
) -> Result<String, String> {
    let snapshot = &observed.snapshot;
    let sentence = messages.sentence(snapshot)?.unwrap_or_default();
    let problem = snapshot.problem.as_ref();
    let code = problem.map_or("", |problem| problem.code.as_str());
    let connected = snapshot.status == SignupStatus::Connected;
    let warned = !snapshot.warnings.is_empty();
    let as_expected = match expected.split_once(':') {
        None => match expected {
            "wait" => {
                let unavailable = ProblemCode::MetaUnavailable.as_str();
                shows_wait(observed, min_wait) && code == unavailable
            }
            "go" | "lost" => goes_on(observed),
            "connected" => connected && !warned,
            "warned" => connected && warned,
            _ => connected,
        },
        Some(("W", wanted)) => shows_wait(observed, min_wait) && code == wanted,
        Some(("R", wanted)) => snapshot.status == SignupStatus::Relaunch && code == wanted,
        Some(("F", wanted)) => snapshot.status == SignupStatus::Failed && code == wanted,
        Some((_, wanted)) => asks_for(observed, wanted),
    };
    if as_expected {
        return Ok(sentence);
    }
    let input = snapshot.input.as_ref().map(|need| (need.kind, need.error));
    Err(format!(
        "is {:?} {code:?} {input:?}, goes on in {:?}, {:?}",
        snapshot.status, observed.next_wake_in, snapshot.warnings
    ))
}

/// Whether a countdown is shown that is no shorter than Meta asked for.
fn shows_wait(observed: &Observed, min_wait: Duration) -> bool {
    let wait_ms = observed.snapshot.wait_ms.map(u64::from);
    let is_long_enough = wait_ms.is_some_and(|ms| Duration::from_millis(ms) >= min_wait);
    observed.snapshot.status == SignupStatus::Waiting && is_long_enough
}

/// Whether the signup runs and goes on within half a minute, or has gone on already.
fn goes_on(observed: &Observed) -> bool {
    let snapshot = &observed.snapshot;
    let soon = Duration::from_secs(30);
    match snapshot.status {
        SignupStatus::Running => {
            snapshot.problem.is_none() && observed.next_wake_in.is_some_and(|wait| wait <= soon)
        }
        SignupStatus::Connected => true,
        // It asks for what comes next.
        SignupStatus::NeedsInput => {
            let need = snapshot.input.as_ref();
            need.is_some_and(|need| need.error.is_none())
        }
        _ => false,
    }
}

/// Whether the customer is asked for this kind of input, e.g. `pin/pin_mismatch`.
fn asks_for(observed: &Observed, wanted: &str) -> bool {
    let Some(need) = &observed.snapshot.input else {
        return false;
    };
    let kind = serde_json::to_value(need.kind).unwrap();
    let kind = kind.as_str().unwrap();
    match need.error {
        Some(code) => wanted == format!("{kind}/{}", code.as_str()),
        None => wanted == kind,
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default()
}
