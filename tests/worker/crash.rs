//! The process dies in the middle: `kill -9` of workerd, restart, and the signup goes on by itself.

use anyhow::Result;
use embark_tests::Stage;
use embark_tests::stage::HOST;
use serde_json::json;
use std::time::{Duration, Instant};

/// Waits until Meta was asked on `path`, then kills workerd while the answer is still out.
async fn kill_during(stage: &Stage, path: &str) -> Result<()> {
    let started = Instant::now();
    while stage.count(path, None).await? == 0 {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{path} was never called"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stage.workerd.kill().await
}

#[tokio::test]
async fn killed_between_exchange_and_register_it_completes_and_registers_once() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    page.post("/launched", &json!({})).await?;
    stage
        .fault(json!({"path": "*/phone_numbers", "kind": "latency", "ms": 3000}))
        .await?;
    page.submit(&stage.mint(json!({})).await?).await?;
    kill_during(&stage, "*/debug_token").await?;
    stage.workerd.restart().await?;
    let end = page.follow(&["connected", "failed", "relaunch"]).await?;
    assert_eq!(end["status"], "connected", "{end}");
    assert_eq!(
        stage.count("*/oauth/access_token", None).await?,
        1,
        "the token was kept"
    );
    assert_eq!(stage.count("*/register", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn killed_while_register_is_out_it_looks_before_it_calls_again() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    // Meta does it, and takes its time to say so.
    stage
        .fault(json!({"path": "*/register", "kind": "hang", "ms": 4000}))
        .await?;
    page.submit(&stage.mint(json!({"new": true})).await?)
        .await?;
    kill_during(&stage, "*/register").await?;
    stage.workerd.restart().await?;
    let end = page.follow(&["connected", "failed", "relaunch"]).await?;
    assert_eq!(end["status"], "connected", "{end}");
    assert_eq!(
        stage.count("*/register", Some(true)).await?,
        1,
        "accepted once"
    );
    Ok(())
}

#[tokio::test]
async fn killed_and_left_alone_the_alarm_brings_it_home() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    stage
        .fault(json!({"path": "*/phone_numbers", "kind": "status", "http": 503, "times": 2}))
        .await?;
    page.submit(&stage.mint(json!({"new": true})).await?)
        .await?;
    kill_during(&stage, "*/phone_numbers").await?;
    stage.workerd.restart().await?;
    // Nobody asks: no poll, no post. The dead-man alarm is due after 20 s at the latest.
    let started = Instant::now();
    while stage.count("*/register", Some(true)).await? == 0 {
        assert!(
            started.elapsed() < Duration::from_secs(35),
            "nothing woke the run"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(page.follow(&["connected"]).await?["status"], "connected");
    Ok(())
}
