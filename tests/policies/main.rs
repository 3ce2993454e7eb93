//! Each kind of partner in workerd against the sandbox: the way it should go, and each of its documented
//! errors; and docs/policies.md held against what was really called.

mod coexistence;
mod handoff;
mod infobip;
mod partner;
mod report;
mod table;

use anyhow::{Result, ensure};
use embark_tests::Stage;
use embark_tests::stage::HOST;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A signup of this site, from a fresh code to its end.
async fn signed_up(stage: &Stage, site: &str, order: Value) -> Result<(Value, Value)> {
    let minted = stage.mint(order).await?;
    let page = stage.page(site, HOST).await?;
    page.submit(&minted).await?;
    let end = page.follow(&["connected", "failed", "relaunch"]).await?;
    Ok((minted, end))
}

/// All of the report, once it was read.
async fn report(stage: &Stage, signup: &str) -> Result<Value> {
    let path = format!("signups/{signup}/report");
    let started = Instant::now();
    loop {
        let report: Value = stage.get(&path).await?.json().await?;
        if report["at"].as_u64().is_some_and(|at| at > 0) {
            return Ok(report);
        }
        ensure!(started.elapsed() < Duration::from_secs(20), "{report}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn line<'r>(report: &'r Value, item: &str) -> &'r Value {
    let lines = report["lines"].as_array();
    let found = lines.and_then(|lines| lines.iter().find(|line| line["item"] == item));
    found.unwrap_or(&Value::Null)
}

fn credit(method: &str) -> Value {
    json!({"policy": "solution-partner", "credit": {"line": "8100000000000001", "currency": "USD",
        "method": method, "system_user": "8000000000000001"}})
}
