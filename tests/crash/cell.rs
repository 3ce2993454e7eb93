//! One cell of the crash matrix: a signup with one injected crash, and what must hold afterwards.

use anyhow::{Context, Result, bail};
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::widget_client::outcome_body;
use embark_tests::{Deployment, WidgetClient};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy)]
pub struct Cell {
    /// Index of the operation, counted from the first one of the signup.
    pub operation: usize,
    pub point: FaultPoint,
    pub kind: FaultKind,
    /// Odd rounds send the code without ids: the Worker reads them from Meta.
    pub round: u32,
}

/// When the fault fires, relative to its operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultPoint {
    Before,
    /// While a call to Meta is in flight.
    During,
    After,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The wasm instance panics.
    Panic,
    /// The wasm instance is terminated, as by a CPU or memory limit.
    Abort,
    /// The workerd process is killed by SIGKILL and restarted.
    Kill,
}

pub struct CellResult {
    pub cell: Cell,
    /// Name of the operation at which the fault fired; `None` if the signup did not perform that many.
    pub fired_at: Option<String>,
    /// Whether the person had to launch Meta's popup again.
    pub relaunched: bool,
    /// What did not hold.
    pub violation: Option<String>,
}

/// The signup asked the person to launch again.
struct Relaunch {
    /// A call with the first launch's token had reached Meta. That token was stored, so no relaunch was needed.
    token_used: bool,
}

/// Names of the operations of an undisturbed signup, in order.
pub async fn operations(deployment: &Deployment) -> Result<Vec<String>> {
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    let ids = [widget.signup_id(), phone(&minted)?];
    deployment.arm_fault(json!({"at": null, "of": ids})).await?;
    widget.post_outcome(&minted).await?;
    widget.poll_until(&["connected"]).await?;
    // The report and the outbox follow after the signup is connected.
    tokio::time::sleep(Duration::from_millis(700)).await;
    deployment.arm_fault(json!({"at": null})).await
}

/// Runs a signup with the fault of this cell.
pub async fn run(deployment: &Deployment, cell: Cell) -> Result<CellResult> {
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    let waba = minted["waba_id"].as_str().context("no account")?;
    widget.post("/launched", &json!({})).await?;
    if cell.point == FaultPoint::During {
        // Meta performs each call at once and replies late, so that the fault fires while the call is in flight.
        deployment
            .add_fault(json!({"path": "*", "kind": "latency", "ms": 400, "times": null}))
            .await?;
    }
    let log_start = deployment.workerd.log().len();
    let how = match cell.kind {
        FaultKind::Panic => "panic",
        FaultKind::Abort => "abort",
        FaultKind::Kill => "halt",
    };
    let place = format!("{:?}", cell.point).to_lowercase();
    // Only operations of this signup count: the one before may still send its outbox.
    let ids = [widget.signup_id(), phone(&minted)?];
    let fault = json!({"at": cell.operation, "place": place, "how": how, "of": ids});
    arm(deployment, cell, fault).await?;
    post_until_accepted(deployment, &widget, &minted, cell, log_start).await?;
    let mut relaunched = None;
    let mut end = poll_until_end(deployment, &widget, cell, log_start).await?;
    deployment
        .sandbox_control("DELETE", "faults")
        .send()
        .await?;
    if end["status"] == "relaunch" {
        relaunched = Some(Relaunch {
            token_used: deployment
                .count_calls(&format!("*/{waba}/phone_numbers"), None)
                .await?
                > 0,
        });
        let again = deployment
            .mint_code(json!({"waba_id": minted["waba_id"]}))
            .await?;
        widget.post("/launched", &json!({})).await?;
        widget.post_outcome(&again).await?;
        end = widget.poll_until_end().await?;
    }
    let fired_at = fired_operation(deployment, log_start);
    let violation = check_invariants(
        deployment,
        &minted,
        &end,
        fired_at.as_deref(),
        relaunched.as_ref(),
    )
    .await?;
    let violation = violation.map(|what| format!("{cell:?} at {fired_at:?}: {what}"));
    Ok(CellResult {
        cell,
        fired_at,
        relaunched: relaunched.is_some(),
        violation,
    })
}

/// Arms the fault. Where the process halts at faults, that of the cell before may have fired after its end: a process
/// that does not reply is killed, once.
async fn arm(deployment: &Deployment, cell: Cell, fault: Value) -> Result<()> {
    let armed = deployment.arm_fault(fault.clone());
    match tokio::time::timeout(Duration::from_secs(10), armed).await {
        Ok(Ok(_)) => return Ok(()),
        Ok(Err(error)) if cell.kind != FaultKind::Kill => return Err(error),
        Err(elapsed) if cell.kind != FaultKind::Kill => return Err(elapsed.into()),
        _ => println!("crash: killed before {cell:?}"),
    }
    deployment.workerd.kill().await?;
    deployment.workerd.restart().await?;
    deployment.arm_fault(fault).await.map(|_| ())
}

/// Posts the outcome until it is accepted, as the widget does: the fault may fire in the request itself.
async fn post_until_accepted(
    deployment: &Deployment,
    widget: &WidgetClient<'_>,
    minted: &Value,
    cell: Cell,
    log_start: usize,
) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        let body = outcome_body(minted, cell.round.is_multiple_of(2));
        let posted =
            tokio::time::timeout(Duration::from_secs(3), widget.post("/outcome", &body)).await;
        if matches!(&posted, Ok(Ok((status, _))) if status.is_success()) {
            return Ok(());
        }
        kill_if_halted(deployment, cell, log_start).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("the code was never accepted\n{}", deployment.workerd.log())
}

/// Polls until the signup has ended. For [`FaultKind::Kill`], the process halts at the fault: kills it then.
async fn poll_until_end(
    deployment: &Deployment,
    widget: &WidgetClient<'_>,
    cell: Cell,
    log_start: usize,
) -> Result<Value> {
    let mut killed = false;
    let started = Instant::now();
    let mut last = Value::Null;
    while started.elapsed() < Duration::from_secs(45) {
        if !killed {
            killed = kill_if_halted(deployment, cell, log_start).await?;
        }
        let long_poll = widget
            .request("GET", "?after=1000000")
            .timeout(Duration::from_millis(700))
            .send();
        if let Ok(response) = long_poll.await {
            last = response.json().await.unwrap_or(Value::Null);
        } else {
            // The Worker holds the long poll, or is down: reads the current snapshot instead.
            let snapshot = widget
                .request("GET", "")
                .timeout(Duration::from_millis(700))
                .send();
            if let Ok(response) = snapshot.await {
                last = response.json().await.unwrap_or(Value::Null);
            }
        }
        let status = last["status"].as_str().unwrap_or_default();
        if ["connected", "failed", "relaunch"].contains(&status) {
            return wait_for_late_fault(deployment, widget, cell, log_start, killed, last.clone())
                .await;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    bail!("no end; last {last}\n{}", tail(&deployment.workerd.log()))
}

/// The fault may be at an operation after the signup has connected (report, outbox): waits until it has fired, and
/// until the signup has recovered.
async fn wait_for_late_fault(
    deployment: &Deployment,
    widget: &WidgetClient<'_>,
    cell: Cell,
    log_start: usize,
    killed: bool,
    end: Value,
) -> Result<Value> {
    let started = Instant::now();
    while end["status"] == "connected"
        && fired_operation(deployment, log_start).is_none()
        && started.elapsed() < Duration::from_millis(2_500)
    {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    if fired_operation(deployment, log_start).is_none() {
        // Disarms the fault, which would fire in the next cell. After a restart, a request may fail on a
        // connection to the killed process.
        for _ in 0..3 {
            if deployment.arm_fault(json!({"at": null})).await.is_ok() {
                break;
            }
        }
    }
    if !killed && kill_if_halted(deployment, cell, log_start).await? {
        return widget.poll_until_end().await;
    }
    Ok(end)
}

async fn kill_if_halted(deployment: &Deployment, cell: Cell, log_start: usize) -> Result<bool> {
    if cell.kind != FaultKind::Kill || fired_operation(deployment, log_start).is_none() {
        return Ok(false);
    }
    deployment.workerd.kill().await?;
    deployment.workerd.restart().await?;
    Ok(true)
}

/// The operation at which the fault fired, from the line `EMBARK-FUSE {n} {point} {operation}` of the Worker's log.
pub fn fired_operation(deployment: &Deployment, log_start: usize) -> Option<String> {
    let log = deployment.workerd.log();
    let new_lines = log.get(log_start..)?;
    let line = new_lines
        .lines()
        .find_map(|line| line.split_once("EMBARK-FUSE "))?
        .1;
    line.split_whitespace().nth(2).map(str::to_owned)
}

/// Checks that the signup is connected, that the number was registered exactly once by the sandbox's log, and that
/// the person had to relaunch only if a code was spent whose token could not have been stored. Returns what does
/// not hold.
async fn check_invariants(
    deployment: &Deployment,
    minted: &Value,
    end: &Value,
    fired_at: Option<&str>,
    relaunched: Option<&Relaunch>,
) -> Result<Option<String>> {
    if end["status"] != "connected" {
        return Ok(Some(format!("ended {end}")));
    }
    let phone = phone(minted)?;
    let accepted = deployment
        .count_calls(&format!("*/{phone}/register"), Some(true))
        .await?;
    if accepted != 1 {
        return Ok(Some(format!("{accepted} accepted registers")));
    }
    let token_unsaved = matches!(fired_at, Some("exchange" | "save" | "admit" | "index"));
    if relaunched.is_some_and(|relaunch| relaunch.token_used || !token_unsaved) {
        return Ok(Some("relaunched".to_owned()));
    }
    Ok(None)
}

fn phone(minted: &Value) -> Result<&str> {
    minted["phone_number_id"].as_str().context("no phone")
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines
        .get(lines.len().saturating_sub(20)..)
        .unwrap_or_default()
        .join("\n")
}
