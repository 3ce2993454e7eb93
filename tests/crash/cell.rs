//! One cell: a signup whose instance dies at one point, and what became of it.

use anyhow::{Context, Result, bail};
use embark_tests::Stage;
use embark_tests::page::outcome;
use embark_tests::stage::HOST;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy)]
pub struct Cell {
    pub at: usize,
    pub place: Place,
    pub how: How,
    /// Odd rounds send the code alone: the run finds the account out.
    pub round: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Before,
    During,
    After,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Panic,
    Abort,
    Kill,
}

pub struct Run {
    pub cell: Cell,
    /// The operation the fuse blew at; `None`: the signup did not come by.
    pub blown: Option<String>,
    pub relaunched: bool,
    pub violation: Option<String>,
}

/// The person had to go again.
struct Relaunch {
    /// The lost launch's token had reached Meta: it was on disk, and must not have been lost.
    token_used: bool,
}

/// Operations of an undisturbed signup, by name.
pub async fn operations(stage: &Stage) -> Result<Vec<String>> {
    let page = stage.page("acme", HOST).await?;
    let minted = stage.mint(json!({"new": true})).await?;
    let of = [page.signup(), phone(&minted)?];
    stage.fuse(json!({"at": null, "of": of})).await?;
    page.submit(&minted).await?;
    page.follow(&["connected"]).await?;
    // The report and what is owed follow off the path.
    tokio::time::sleep(Duration::from_millis(700)).await;
    stage.fuse(json!({"at": null})).await
}

pub async fn run(stage: &Stage, cell: Cell) -> Result<Run> {
    let page = stage.page("acme", HOST).await?;
    let minted = stage.mint(json!({"new": true})).await?;
    let waba = minted["waba_id"].as_str().context("no account")?;
    page.post("/launched", &json!({})).await?;
    if cell.place == Place::During {
        // Does the work at once and answers later, so that there is a while to die in.
        stage
            .fault(json!({"path": "*", "kind": "latency", "ms": 400, "times": null}))
            .await?;
    }
    let logged = stage.workerd.log().len();
    let how = match cell.how {
        How::Panic => "panic",
        How::Abort => "abort",
        How::Kill => "halt",
    };
    let place = format!("{:?}", cell.place).to_lowercase();
    // What the signup before may still do off its path is not counted.
    let of = [page.signup(), phone(&minted)?];
    stage
        .fuse(json!({"at": cell.at, "place": place, "how": how, "of": of}))
        .await?;
    // The post itself may be what dies; the widget posts again, and so do we.
    let submitted = submit(stage, &page, &minted, cell, logged).await;
    let mut relaunched = None;
    let mut end = match submitted {
        Ok(()) => follow(stage, &page, cell, logged).await?,
        Err(error) => return Err(error),
    };
    stage.control("DELETE", "faults").send().await?;
    if end["status"] == "relaunch" {
        relaunched = Some(Relaunch {
            token_used: stage
                .count(&format!("*/{waba}/phone_numbers"), None)
                .await?
                > 0,
        });
        let again = stage.mint(json!({"waba_id": minted["waba_id"]})).await?;
        page.post("/launched", &json!({})).await?;
        page.submit(&again).await?;
        end = page.follow(&["connected", "failed", "relaunch"]).await?;
    }
    let blown = blown(stage, logged);
    let violation = judge(stage, &minted, &end, blown.as_deref(), relaunched.as_ref()).await?;
    let violation = violation.map(|what| format!("{cell:?} at {blown:?}: {what}"));
    Ok(Run {
        cell,
        blown,
        relaunched: relaunched.is_some(),
        violation,
    })
}

/// Posts the code until it is taken, as the widget does.
async fn submit(
    stage: &Stage,
    page: &embark_tests::Page<'_>,
    minted: &Value,
    cell: Cell,
    logged: usize,
) -> Result<()> {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(20) {
        let body = outcome(minted, cell.round.is_multiple_of(2));
        let posted =
            tokio::time::timeout(Duration::from_secs(3), page.post("/outcome", &body)).await;
        if matches!(&posted, Ok(Ok((status, _))) if status.is_success()) {
            return Ok(());
        }
        kill_if_halted(stage, cell, logged).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("the code was never taken\n{}", stage.workerd.log())
}

/// Follows to an end; kills a halted process as soon as it says so.
async fn follow(
    stage: &Stage,
    page: &embark_tests::Page<'_>,
    cell: Cell,
    logged: usize,
) -> Result<Value> {
    let mut killed = false;
    let started = Instant::now();
    let mut last = Value::Null;
    while started.elapsed() < Duration::from_secs(45) {
        if !killed {
            killed = kill_if_halted(stage, cell, logged).await?;
        }
        let asked = page
            .request("GET", "?after=1000000")
            .timeout(Duration::from_millis(700))
            .send();
        if let Ok(answer) = asked.await {
            last = answer.json().await.unwrap_or(Value::Null);
        } else {
            // A poll that was held: ask for what there is now.
            let now = page
                .request("GET", "")
                .timeout(Duration::from_millis(700))
                .send();
            if let Ok(answer) = now.await {
                last = answer.json().await.unwrap_or(Value::Null);
            }
        }
        let status = last["status"].as_str().unwrap_or_default();
        if ["connected", "failed", "relaunch"].contains(&status) {
            return settle(stage, page, cell, logged, killed, last.clone()).await;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    bail!("no end; last {last}\n{}", tail(&stage.workerd.log()))
}

/// A fuse may sit in what follows off the path: give it a moment to blow, and the run to recover.
async fn settle(
    stage: &Stage,
    page: &embark_tests::Page<'_>,
    cell: Cell,
    logged: usize,
    killed: bool,
    end: Value,
) -> Result<Value> {
    let started = Instant::now();
    while end["status"] == "connected"
        && blown(stage, logged).is_none()
        && started.elapsed() < Duration::from_millis(2_500)
    {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    if blown(stage, logged).is_none() {
        // One that nothing came by must not blow under the next cell. After a restart the first request
        // may meet a connection of the process before.
        for _ in 0..3 {
            if stage.fuse(json!({"at": null})).await.is_ok() {
                break;
            }
        }
    }
    if !killed && kill_if_halted(stage, cell, logged).await? {
        return page.follow(&["connected", "failed", "relaunch"]).await;
    }
    Ok(end)
}

async fn kill_if_halted(stage: &Stage, cell: Cell, logged: usize) -> Result<bool> {
    if cell.how != How::Kill || blown(stage, logged).is_none() {
        return Ok(false);
    }
    stage.workerd.kill().await?;
    stage.workerd.restart().await?;
    Ok(true)
}

/// The operation that the log says the fuse blew at.
fn blown(stage: &Stage, logged: usize) -> Option<String> {
    let log = stage.workerd.log();
    let news = log.get(logged..)?;
    let line = news
        .lines()
        .find_map(|line| line.split_once("EMBARK-FUSE "))?
        .1;
    line.split_whitespace().nth(2).map(str::to_owned)
}

/// What must hold of the cell, by the sandbox's log.
async fn judge(
    stage: &Stage,
    minted: &Value,
    end: &Value,
    blown: Option<&str>,
    relaunched: Option<&Relaunch>,
) -> Result<Option<String>> {
    if end["status"] != "connected" {
        return Ok(Some(format!("ended {end}")));
    }
    let phone = phone(minted)?;
    let accepted = stage
        .count(&format!("*/{phone}/register"), Some(true))
        .await?;
    if accepted != 1 {
        return Ok(Some(format!("{accepted} accepted registers")));
    }
    // Only a code that Meta took and whose token was not stored needs the person again.
    let code_out = matches!(blown, Some("exchange" | "save" | "admit" | "index"));
    if relaunched.is_some_and(|relaunch| relaunch.token_used || !code_out) {
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
