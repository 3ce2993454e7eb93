//! The crash matrix over real workerd: at every operation of a signup, before it, while its answer is out
//! and after it, the instance panics, is terminated, or the process is killed. The sandbox's log is the
//! oracle. `EMBARK_CRASH_ROUNDS` repeats the matrix; each round uses other accounts.

mod cell;
mod guard;
mod stranded;

use anyhow::{Context, Result};
use cell::{Cell, How, Place, Run};
use embark_tests::Stage;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cell_ends_connected_and_nothing_happens_twice() -> Result<()> {
    let rounds: u32 = match std::env::var("EMBARK_CRASH_ROUNDS") {
        Ok(rounds) => rounds.parse().context("EMBARK_CRASH_ROUNDS")?,
        Err(_) => 1,
    };
    let cells = Arc::new(Mutex::new(all_cells(rounds).await?));
    let asked = cells.lock().await.len();
    println!("crash: {asked} cells");
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let cells = cells.clone();
            tokio::spawn(async move {
                let stage = Stage::local().await?;
                let mut runs = Vec::new();
                loop {
                    let next = cells.lock().await.pop();
                    let Some(cell) = next else {
                        return anyhow::Ok(runs);
                    };
                    let run = cell::run(&stage, cell)
                        .await
                        .with_context(|| format!("{cell:?}"))?;
                    if let Some(violation) = &run.violation {
                        println!("crash: VIOLATION {violation}");
                    }
                    runs.push(run);
                    if runs.len() % 25 == 0 {
                        println!("crash: {} cells to go", cells.lock().await.len());
                    }
                }
            })
        })
        .collect();
    let mut runs = Vec::new();
    for worker in workers {
        runs.extend(worker.await??);
    }
    report(&runs);
    let violations: Vec<_> = runs
        .iter()
        .filter_map(|run| run.violation.as_ref())
        .collect();
    assert!(violations.is_empty(), "{violations:#?}");
    let blown = runs.iter().filter(|run| run.blown.is_some()).count();
    assert!(blown >= 200, "only {blown} fuses blew");
    Ok(())
}

/// Every operation × place × way to die. How many operations there are is counted, not assumed.
async fn all_cells(rounds: u32) -> Result<Vec<Cell>> {
    let stage = Stage::local().await?;
    let operations = cell::operations(&stage).await?;
    let mut cells = Vec::new();
    for round in 0..rounds {
        for (at, name) in operations.iter().enumerate() {
            for place in [Place::Before, Place::During, Place::After] {
                // Only a call to Meta is out for a while.
                if place == Place::During && NOT_CALLS.contains(&name.as_str()) {
                    continue;
                }
                for how in [How::Panic, How::Abort, How::Kill] {
                    cells.push(Cell {
                        at,
                        place,
                        how,
                        round,
                    });
                }
            }
        }
    }
    Ok(cells)
}

const NOT_CALLS: &[&str] = &[
    "save",
    "admit",
    "index",
    "claim_phone",
    "claim_waba",
    "ask_register",
    "count",
];

fn report(runs: &[Run]) {
    let mut by_name: BTreeMap<(String, Place), (u32, u32)> = BTreeMap::new();
    for run in runs {
        if let Some(name) = &run.blown {
            let row = by_name.entry((name.clone(), run.cell.place)).or_default();
            row.0 += 1;
            row.1 += u32::from(run.relaunched);
        }
    }
    println!(
        "{:<18} {:<8} {:>5} {:>11}",
        "operation", "place", "runs", "relaunched"
    );
    for ((name, place), (count, relaunched)) in by_name {
        println!(
            "{name:<18} {:<8} {count:>5} {relaunched:>11}",
            format!("{place:?}")
        );
    }
    let blown = runs.iter().filter(|run| run.blown.is_some()).count();
    let violations = runs.iter().filter(|run| run.violation.is_some()).count();
    println!("crash: {blown} runs, {violations} violations");
}
