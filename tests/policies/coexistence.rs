//! A number that stays in the WhatsApp Business app: nothing is registered, its contacts and chats are asked
//! for once each, and not before the app can hear them.

use anyhow::Result;
use embark_tests::Stage;
use embark_tests::stage::{APP_ID, HOST};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A code for a number that stays in the app.
pub async fn coexisting(stage: &Stage) -> Result<Value> {
    let minted = stage.mint(json!({"new": true})).await?;
    let world: Value = stage.control("GET", "world").send().await?.json().await?;
    let phone = format!(
        "phones/{}",
        minted["phone_number_id"].as_str().unwrap_or_default()
    );
    let stays = json!({"is_on_biz_app": true, "platform_type": "CLOUD_API",
        "last_onboarded_ms": world["now_ms"]});
    stage.patch(&phone, stays).await?;
    Ok(minted)
}

#[tokio::test]
async fn contacts_and_chats_come_along_and_nothing_is_registered() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    page.submit(&coexisting(&stage).await?).await?;
    let end = page.follow(&["connected", "failed", "relaunch"]).await?;
    assert_eq!(end["status"], "connected", "{end}");
    assert_eq!(end["connected"]["coexistence"], true);
    let last = end["steps"].as_array().and_then(|steps| steps.last());
    assert_eq!(last, Some(&json!({"step": "sync", "state": "done"})));
    assert_eq!(stage.count("*/smb_app_data", Some(true)).await?, 2);
    assert_eq!(stage.count("*/register", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_app_that_does_not_listen_is_waited_for_with_the_clock_shown() -> Result<()> {
    let stage = Stage::new().await?;
    let app = format!("apps/{APP_ID}");
    stage
        .patch(&app, json!({"webhook_fields": ["messages"]}))
        .await?;
    let page = stage.page("acme", HOST).await?;
    page.submit(&coexisting(&stage).await?).await?;
    let started = Instant::now();
    let shown = loop {
        let shown = page.snapshot().await?;
        if shown["status"] == "waiting" {
            break shown;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{shown}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(shown["problem"]["remedy"], "operator");
    assert_eq!(shown["problem"]["step"], "sync");
    let hours = shown["wait_ms"].as_u64().unwrap_or_default() / 3_600_000;
    assert_eq!(hours, 23, "{shown}");
    assert_eq!(stage.count("*/smb_app_data", None).await?, 0);
    Ok(())
}
