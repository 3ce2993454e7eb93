//! Coexistence: the number stays in the WhatsApp Business app. It is not registered; the synchronization of contacts and
//! chats is requested once each, and only when the app is subscribed to their webhooks.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::{APP_ID, SHOP_ORIGIN};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A code with a new number that stays in the WhatsApp Business app.
pub async fn mint_coexistence_code(deployment: &Deployment) -> Result<Value> {
    let minted = deployment.mint_code(json!({"new": true})).await?;
    let world = deployment.sandbox_world().await?;
    let phone = format!(
        "phones/{}",
        minted["phone_number_id"].as_str().unwrap_or_default()
    );
    let in_app = json!({"is_on_biz_app": true, "platform_type": "CLOUD_API",
        "last_onboarded_ms": world["now_ms"]});
    deployment.patch_sandbox(&phone, in_app).await?;
    Ok(minted)
}

#[tokio::test]
async fn coexistence_number_syncs_contacts_and_chats_without_register() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget
        .post_outcome(&mint_coexistence_code(&deployment).await?)
        .await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(end["status"], "connected", "{end}");
    assert_eq!(end["connected"]["coexistence"], true);
    let last = end["steps"].as_array().and_then(|steps| steps.last());
    assert_eq!(last, Some(&json!({"step": "sync", "state": "done"})));
    deployment.assert_effects("*/smb_app_data", 2).await?;
    deployment.assert_calls("*/register", 0).await?;
    Ok(())
}

#[tokio::test]
async fn coexistence_without_webhook_fields_waits_with_countdown() -> Result<()> {
    let deployment = Deployment::start().await?;
    let app = format!("apps/{APP_ID}");
    deployment
        .patch_sandbox(&app, json!({"webhook_fields": ["messages"]}))
        .await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget
        .post_outcome(&mint_coexistence_code(&deployment).await?)
        .await?;
    let started = Instant::now();
    let snapshot = loop {
        let snapshot = widget.snapshot().await?;
        if snapshot["status"] == "waiting" {
            break snapshot;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{snapshot}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(snapshot["problem"]["remedy"], "operator");
    assert_eq!(snapshot["problem"]["step"], "sync");
    let hours = snapshot["wait_ms"].as_u64().unwrap_or_default() / 3_600_000;
    assert_eq!(hours, 23, "{snapshot}");
    deployment.assert_calls("*/smb_app_data", 0).await?;
    Ok(())
}
