//! A run that was killed, without a page that polls it and before its alarm: the cron trigger resumes it.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn cron_after_ten_idle_minutes_wakes_run() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let slow = json!({"path": "*/phone_numbers", "kind": "latency", "ms": 3000});
    deployment.add_fault(slow).await?;
    widget
        .post_outcome(&deployment.mint_code(json!({"new": true})).await?)
        .await?;
    let started = Instant::now();
    while deployment.count_calls("*/debug_token", None).await? == 0 {
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "Meta was never called"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    deployment.workerd.kill().await?;
    deployment.workerd.restart().await?;
    // Before ten idle minutes the cron trigger leaves the run alone.
    deployment.workerd.fire_cron().await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    deployment.assert_calls("*/register", 0).await?;
    deployment
        .advance_clock(Duration::from_secs(11 * 60))
        .await?;
    deployment.workerd.fire_cron().await?;
    // Earlier than the alarm that guards the run, which fires 20 s after the run was last driven.
    while deployment.count_calls("*/register", Some(true)).await? == 0 {
        assert!(
            started.elapsed() < Duration::from_secs(18),
            "the cron trigger did not resume the run"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    deployment.assert_calls("*/oauth/access_token", 1).await?;
    assert_eq!(widget.poll_until_end().await?["status"], "connected");
    Ok(())
}
