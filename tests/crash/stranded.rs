//! A run that nothing touches any more: its alarm is far away, its page is closed. The sweep finds it.

use anyhow::Result;
use embark_tests::Stage;
use embark_tests::stage::HOST;
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn the_cron_pokes_what_has_been_idle_for_ten_minutes() -> Result<()> {
    let stage = Stage::local().await?;
    let page = stage.page("acme", HOST).await?;
    let slow = json!({"path": "*/phone_numbers", "kind": "latency", "ms": 3000});
    stage.fault(slow).await?;
    page.submit(&stage.mint(json!({"new": true})).await?)
        .await?;
    let asked = Instant::now();
    while stage.count("*/debug_token", None).await? == 0 {
        assert!(asked.elapsed() < Duration::from_secs(20), "never asked");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stage.workerd.kill().await?;
    stage.workerd.restart().await?;
    // Too early: the run may be about to go on by itself.
    stage.workerd.cron().await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stage.count("*/register", None).await?, 0);
    stage.ahead(Duration::from_secs(11 * 60)).await?;
    stage.workerd.cron().await?;
    // The dead-man alarm comes 20 s after the drive began; this is before it.
    while stage.count("*/register", Some(true)).await? == 0 {
        assert!(asked.elapsed() < Duration::from_secs(18), "nobody woke it");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(stage.count("*/oauth/access_token", None).await?, 1);
    assert_eq!(
        page.follow(&["connected", "failed", "relaunch"]).await?["status"],
        "connected"
    );
    Ok(())
}
