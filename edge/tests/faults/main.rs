//! Every Graph call of a signup × every fault: where the signup goes, and what the customer reads. The
//! expectations stand in `table`, written from the facts; `EMBARK_FAULTS_LIST=1` prints every cell with its
//! sentence.

mod aside;
mod cell;
#[path = "../fake/mod.rs"]
mod fake;
mod fault;
mod table;
mod words;

use cell::{Cell, Shown};
use embark_protocol::{Code, Status};
use std::panic::{AssertUnwindSafe, catch_unwind};
use table::{COLUMNS, FOR_EVER, TABLE};
use words::Words;

fn main() {
    if std::env::args().any(|arg| arg == "--list") {
        return println!("matrix: test");
    }
    std::panic::set_hook(Box::new(|_| {}));
    let words = Words::load();
    let list = std::env::var("EMBARK_FAULTS_LIST").is_ok();
    let (mut cells, mut wrong) = (0, 0);
    let rows = TABLE.iter().copied().chain([("for_ever", FOR_EVER)]);
    for (row, line) in rows {
        let wanted: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(wanted.len(), COLUMNS.len(), "the cells of row {row}");
        for (column, want) in COLUMNS.into_iter().zip(wanted) {
            if want == "." {
                continue;
            }
            cells += 1;
            let checked = catch_unwind(AssertUnwindSafe(|| check(row, column, want, &words)));
            match checked.unwrap_or_else(|panic| Err(message(&*panic))) {
                Ok(sentence) if list => println!("{row} at {column}: {want} — {sentence}"),
                Ok(_) => {}
                Err(why) => {
                    wrong += 1;
                    println!("{row} at {column}: expected {want}, {why}");
                }
            }
        }
    }
    let (more, more_wrong) = aside::play();
    (cells, wrong) = (cells + more, wrong + more_wrong);
    println!("faults: {cells} cells, {wrong} violations");
    if wrong > 0 {
        std::process::exit(1);
    }
}

/// Plays one cell; the sentence that is read in it.
fn check(row: &str, column: &str, want: &str, words: &Words) -> Result<String, String> {
    if row == "for_ever" {
        let cell = Cell::never(column);
        return expect(&cell.end(), want, 0, words);
    }
    let fault = fault::fault(row);
    let cell = Cell::new(column, row, &fault);
    let sentence = expect(&cell.meet(), want, fault.least, words)?;
    let end = cell.end();
    let last = match want {
        "lost" => "R:answer_lost",
        "warn" => "warned",
        want if want.starts_with("F:") || want.starts_with("R:") => want,
        _ => "connected",
    };
    expect(&end, last, 0, words).map_err(|why| format!("and {last} in the end: {why}"))?;
    Ok(sentence)
}

/// Holds what is shown against what is wanted.
fn expect(shown: &Shown, want: &str, least: u64, words: &Words) -> Result<String, String> {
    let snapshot = &shown.snapshot;
    let is = format!(
        "is {:?} {:?} {:?}, goes on in {:?} ms, {:?}",
        snapshot.status,
        snapshot.problem.as_ref().map(|problem| problem.code.word()),
        snapshot.input.as_ref().map(|need| (need.kind, need.error)),
        shown.wake,
        snapshot.warnings,
    );
    let sentence = words.of(snapshot)?.unwrap_or_default();
    let code = snapshot
        .problem
        .as_ref()
        .map_or("", |problem| problem.code.word());
    let meets = match want.split_once(':') {
        None => match want {
            "wait" => waits(shown, least) && code == Code::MetaUnavailable.word(),
            "go" | "lost" => goes_on(shown),
            "connected" => snapshot.status == Status::Connected && snapshot.warnings.is_empty(),
            "warned" => snapshot.status == Status::Connected && !snapshot.warnings.is_empty(),
            _ => snapshot.status == Status::Connected,
        },
        Some(("W", wanted)) => waits(shown, least) && code == wanted,
        Some(("R", wanted)) => snapshot.status == Status::Relaunch && code == wanted,
        Some(("F", wanted)) => snapshot.status == Status::Failed && code == wanted,
        Some((_, wanted)) => asks(shown, wanted),
    };
    if meets { Ok(sentence) } else { Err(is) }
}

/// Shows a countdown that is not shorter than Meta asked for.
fn waits(shown: &Shown, least: u64) -> bool {
    let left = shown.snapshot.wait_ms.map(u64::from);
    shown.snapshot.status == Status::Waiting && left.is_some_and(|left| left >= least)
}

/// Works, and will go on within half a minute; or has gone on already.
fn goes_on(shown: &Shown) -> bool {
    let soon = shown.wake.is_some_and(|ms| ms <= 30_000);
    let snapshot = &shown.snapshot;
    match snapshot.status {
        Status::Running => soon && snapshot.problem.is_none(),
        Status::Connected => true,
        // Already asking what comes next.
        Status::NeedsInput => snapshot
            .input
            .as_ref()
            .is_some_and(|need| need.error.is_none()),
        _ => false,
    }
}

fn asks(shown: &Shown, wanted: &str) -> bool {
    let Some(need) = &shown.snapshot.input else {
        return false;
    };
    let kind = serde_json::to_value(need.kind).unwrap();
    let error = need
        .error
        .map_or(String::new(), |code| format!("/{}", code.word()));
    wanted == format!("{}{error}", kind.as_str().unwrap())
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default()
}
