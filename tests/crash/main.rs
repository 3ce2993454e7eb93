//! The crash matrix in workerd: before, during and after every operation of a signup, the wasm instance panics or is
//! terminated, or the process is killed. The sandbox's log shows what reached Meta. `EMBARK_CRASH_ROUNDS` repeats the
//! matrix with other accounts.

mod backend_writes;
mod cell;
mod cron_wakeup;
mod guard;
mod key_rotation;
mod user_callbacks;

use anyhow::{Context, Result};
use cell::{Cell, CellResult, FaultKind, FaultPoint};
use embark_tests::Deployment;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn crash_at_every_operation_ends_connected_and_registers_once() -> Result<()> {
    let rounds: u32 = match std::env::var("EMBARK_CRASH_ROUNDS") {
        Ok(rounds) => rounds.parse().context("EMBARK_CRASH_ROUNDS")?,
        Err(_) => 1,
    };
    let cells = Arc::new(Mutex::new(all_cells(rounds).await?));
    let cell_count = cells.lock().await.len();
    println!("crash: {cell_count} cells");
    let workers: Vec<_> = (0..2)
        .map(|_| {
            let cells = cells.clone();
            tokio::spawn(async move {
                let mut deployment = Deployment::start_local().await?;
                let mut results = Vec::new();
                loop {
                    let next = cells.lock().await.pop();
                    let Some(cell) = next else {
                        return anyhow::Ok(results);
                    };
                    if results.len() % CELLS_PER_DEPLOYMENT == CELLS_PER_DEPLOYMENT - 1 {
                        deployment = Deployment::start_local().await?;
                    }
                    let result = cell::run(&deployment, cell)
                        .await
                        .with_context(|| format!("{cell:?}"))?;
                    if let Some(violation) = &result.violation {
                        println!("crash: VIOLATION {violation}");
                    }
                    results.push(result);
                    if results.len() % 25 == 0 {
                        println!("crash: {} cells to go", cells.lock().await.len());
                    }
                }
            })
        })
        .collect();
    let mut results = Vec::new();
    for worker in workers {
        results.extend(worker.await??);
    }
    print_summary(&results);
    let violations: Vec<_> = results
        .iter()
        .filter_map(|result| result.violation.as_ref())
        .collect();
    assert!(violations.is_empty(), "{violations:#?}");
    let fired = results
        .iter()
        .filter(|result| result.fired_at.is_some())
        .count();
    assert!(fired >= 200, "only {fired} faults fired");
    Ok(())
}

/// Every operation × fault point × fault kind, with the operations that an undisturbed signup performs.
async fn all_cells(rounds: u32) -> Result<Vec<Cell>> {
    let deployment = Deployment::start_local().await?;
    let operations = cell::operations(&deployment).await?;
    let mut cells = Vec::new();
    for round in 0..rounds {
        for (operation, name) in operations.iter().enumerate() {
            for point in [FaultPoint::Before, FaultPoint::During, FaultPoint::After] {
                // Only calls to Meta take long enough to have a middle.
                if point == FaultPoint::During && NOT_CALLS.contains(&name.as_str()) {
                    continue;
                }
                for kind in [FaultKind::Panic, FaultKind::Abort, FaultKind::Kill] {
                    cells.push(Cell {
                        operation,
                        point,
                        kind,
                        round,
                    });
                }
            }
        }
    }
    Ok(cells)
}

/// Cells after which another deployment is started: a site takes 200 codes an hour, and a cell may need two.
const CELLS_PER_DEPLOYMENT: usize = 90;

/// Operations that are no calls to Meta.
const NOT_CALLS: &[&str] = &[
    "save",
    "admit",
    "index",
    "claim_phone",
    "claim_waba",
    "ask_register",
    "count",
    "grant",
];

/// Prints a table of the faults that fired, and the line that `cargo xtask test` repeats at its end.
fn print_summary(results: &[CellResult]) {
    let mut by_name: BTreeMap<(String, FaultPoint), (u32, u32)> = BTreeMap::new();
    for result in results {
        if let Some(name) = &result.fired_at {
            let row = by_name
                .entry((name.clone(), result.cell.point))
                .or_default();
            row.0 += 1;
            row.1 += u32::from(result.relaunched);
        }
    }
    println!(
        "{:<18} {:<8} {:>5} {:>11}",
        "operation", "point", "runs", "relaunched"
    );
    for ((name, point), (count, relaunched)) in by_name {
        println!(
            "{name:<18} {:<8} {count:>5} {relaunched:>11}",
            format!("{point:?}")
        );
    }
    let fired = results
        .iter()
        .filter(|result| result.fired_at.is_some())
        .count();
    let violations = results
        .iter()
        .filter(|result| result.violation.is_some())
        .count();
    println!("crash: {fired} runs, {violations} violations");
}
