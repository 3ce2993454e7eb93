//! Each policy (kind of partner) in workerd against the sandbox: success and each documented error. Also compares
//! `docs/policies.md` with the calls that were made.

mod coexistence;
mod documented_calls;
mod handoff;
mod infobip;
mod readiness_report;
mod solution_partner;

use anyhow::{Result, ensure};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Runs a signup of this site with a new code; returns the code with its ids, and the last snapshot.
async fn run_signup(deployment: &Deployment, site: &str, order: Value) -> Result<(Value, Value)> {
    let minted = deployment.mint_code(order).await?;
    let widget = deployment.open_widget(site, SHOP_ORIGIN).await?;
    widget.post_outcome(&minted).await?;
    let end = widget.poll_until_end().await?;
    Ok((minted, end))
}

/// Waits until the readiness report was read from Meta; returns it in full, as the operator sees it.
async fn report(deployment: &Deployment, signup: &str) -> Result<Value> {
    let path = format!("signups/{signup}/report");
    let started = Instant::now();
    loop {
        let report: Value = deployment.admin_get(&path).await?.json().await?;
        if report["at"].as_u64().is_some_and(|at| at > 0) {
            return Ok(report);
        }
        ensure!(started.elapsed() < Duration::from_secs(20), "{report}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The check of this name; null if the report has none.
fn check<'r>(report: &'r Value, item: &str) -> &'r Value {
    let checks = report["lines"].as_array();
    let check = checks.and_then(|checks| checks.iter().find(|check| check["item"] == item));
    check.unwrap_or(&Value::Null)
}

/// Settings of a site whose credit line is shared by this method.
fn credit_settings(method: &str) -> Value {
    json!({"policy": "solution-partner", "credit": {"line": "8100000000000001", "currency": "USD",
        "method": method, "system_user": "8000000000000001"}})
}
