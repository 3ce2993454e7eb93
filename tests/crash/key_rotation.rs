//! A rotation of the sealing keys, with the process killed at each operation of its first pass.

use crate::cell::fired_operation;
use anyhow::{Context, Result, ensure};
use embark_tests::Deployment;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A pass begins six minutes after the one before.
const PASS: Duration = Duration::from_mins(7);
/// A deployment has at most so many keys.
const MOST_KEYS: u32 = 16;

/// A key, by its number and the byte that it consists of: that of number 1 is every deployment's.
fn key(number: u32) -> (u32, u8) {
    (number, number.to_le_bytes()[0] + 6)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rotation_killed_at_every_operation_leaves_nothing_to_the_old_key() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let connected = deployment.connect("acme", json!({"new": true})).await?;
    let waba = connected["connected"]["waba_id"].as_str().context("waba")?;
    let backend = deployment.backend("acme", &["token"]).await?;
    let path = format!("/wabas/{waba}/token");
    let token = backend.get(&path).await?["token"].clone();

    let mut newest = 2;
    deployment.restart_with_keys(&[key(1), key(2)]).await?;
    let of = json!(["main"]);
    deployment.arm_fault(json!({"at": null, "of": of})).await?;
    begin(&deployment).await?;
    let waiting = |rotation: &Value| rotation["state"] == "waiting";
    until(&deployment, waiting).await?;
    let operations = deployment.arm_fault(json!({"at": null})).await?;
    finish(&deployment).await?;
    let visits = operations.iter().filter(|name| *name == "rotate_keys");
    let visits = visits.count();
    ensure!(visits >= 5, "{operations:?}");
    // Each rotation needs a key of its own.
    ensure!(operations.len() < MOST_KEYS as usize - 1, "{operations:?}");
    for (at, operation) in operations.iter().enumerate() {
        let keys = [key(newest), key(newest + 1)];
        newest += 1;
        deployment.restart_with_keys(&keys).await?;
        killed_at(&deployment, at, &keys)
            .await
            .with_context(|| format!("at {operation}"))?;
        // The old key is gone.
        deployment.restart_with_keys(&[key(newest)]).await?;
        ensure!(
            backend.get(&path).await?["token"] == token,
            "at {operation}"
        );
    }
    let other = deployment.connect("acme", json!({"new": true})).await?;
    ensure!(other["status"] == "connected", "{other}");
    println!("crash: rotation, {} kills", operations.len());
    Ok(())
}

/// Kills the process at this operation of a rotation to the newest of the keys, and waits for the end of the rotation.
async fn killed_at(deployment: &Deployment, at: usize, keys: &[(u32, u8)]) -> Result<()> {
    let log_start = deployment.workerd.log().len();
    let fault = json!({"at": at, "how": "halt", "of": ["main"]});
    deployment.arm_fault(fault).await?;
    let begun = tokio::time::timeout(Duration::from_secs(5), begin(deployment)).await;
    let started = Instant::now();
    while fired_operation(deployment, log_start).is_none() {
        ensure!(started.elapsed() < Duration::from_secs(20), "not fired");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    deployment.restart_with_keys(keys).await?;
    if !matches!(begun, Ok(Ok(()))) {
        // The operator has no answer, and asks for it again.
        begin(deployment).await?;
    }
    deployment.workerd.fire_cron().await?;
    finish(deployment).await
}

async fn begin(deployment: &Deployment) -> Result<()> {
    let begun = deployment.admin_post("keys/rotation", &json!({})).await?;
    begun.error_for_status()?;
    Ok(())
}

/// Lets the time between the passes go by until the rotation has ended, with nothing left.
async fn finish(deployment: &Deployment) -> Result<()> {
    for pass in 1..=4 {
        let rotation = until(deployment, |rotation| rotation["state"] != "running").await?;
        if rotation["state"] != "waiting" {
            ensure!(rotation["state"] == "done", "{rotation}");
            let shown: Value = deployment.admin_get("keys").await?.json().await?;
            ensure!(shown["keys"][0]["removable"] == true, "{shown}");
            return Ok(());
        }
        deployment.advance_clock(PASS * pass).await?;
        deployment.workerd.fire_cron().await?;
    }
    anyhow::bail!("it does not end")
}

async fn until(deployment: &Deployment, is_met: impl Fn(&Value) -> bool) -> Result<Value> {
    let started = Instant::now();
    loop {
        let shown: Value = deployment.admin_get("keys").await?.json().await?;
        if is_met(&shown["rotation"]) {
            return Ok(shown["rotation"].clone());
        }
        ensure!(started.elapsed() < Duration::from_mins(1), "{shown}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
