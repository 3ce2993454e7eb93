//! workerd is killed by SIGKILL during a signup and restarted: the signup continues by itself.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::json;
use std::time::{Duration, Instant};

/// Waits for a call of `path` to Meta, then kills workerd while the call is in flight.
async fn kill_during(deployment: &Deployment, path: &str) -> Result<()> {
    let started = Instant::now();
    while deployment.count_calls(path, None).await? == 0 {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{path} was never called"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    deployment.workerd.kill().await
}

#[tokio::test]
async fn kill_between_exchange_and_register_registers_once() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget.post("/launched", &json!({})).await?;
    deployment
        .add_fault(json!({"path": "*/phone_numbers", "kind": "latency", "ms": 3000}))
        .await?;
    widget
        .post_outcome(&deployment.mint_code(json!({})).await?)
        .await?;
    kill_during(&deployment, "*/debug_token").await?;
    deployment.workerd.restart().await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(end["status"], "connected", "{end}");
    assert_eq!(
        deployment.count_calls("*/oauth/access_token", None).await?,
        1,
        "the token was kept"
    );
    deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn kill_during_register_checks_before_retry() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    // Meta registers the number at once and replies late.
    deployment
        .add_fault(json!({"path": "*/register", "kind": "hang", "ms": 4000}))
        .await?;
    widget
        .post_outcome(&deployment.mint_code(json!({"new": true})).await?)
        .await?;
    kill_during(&deployment, "*/register").await?;
    deployment.workerd.restart().await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(end["status"], "connected", "{end}");
    assert_eq!(
        deployment.count_calls("*/register", Some(true)).await?,
        1,
        "accepted once"
    );
    Ok(())
}

#[tokio::test]
async fn kill_without_later_requests_is_resumed_by_alarm() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    deployment
        .add_fault(json!({"path": "*/phone_numbers", "kind": "status", "http": 503, "times": 2}))
        .await?;
    widget
        .post_outcome(&deployment.mint_code(json!({"new": true})).await?)
        .await?;
    kill_during(&deployment, "*/phone_numbers").await?;
    deployment.workerd.restart().await?;
    // Without any request. The alarm that guards a run fires at most 20 s after the run was last driven.
    let started = Instant::now();
    while deployment.count_calls("*/register", Some(true)).await? == 0 {
        assert!(
            started.elapsed() < Duration::from_secs(35),
            "nothing resumed the run"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(
        widget.poll_until(&["connected"]).await?["status"],
        "connected"
    );
    Ok(())
}
