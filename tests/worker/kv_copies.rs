//! Copies in KV that KV refuses or returns too late: the object has what was put, and repeats the copy.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::{APP_ID, SHOP_ORIGIN};
use serde_json::json;
use std::time::{Duration, Instant};

/// Fails the next write to KV.
async fn fail_kv_write(deployment: &Deployment) -> Result<()> {
    let url = format!("{}/v1/local/kv", deployment.origin);
    let request = deployment.client.post(url).json(&json!({"fail_writes": 1}));
    request.send().await?.error_for_status()?;
    Ok(())
}

#[tokio::test]
async fn rotated_secret_is_used_while_kv_has_the_old_one() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    fail_kv_write(&deployment).await?;
    let rotated = "rotated-app-secret";
    let put = deployment
        .admin_put("secrets/app/main/app_secret", &json!({"value": rotated}))
        .await?;
    assert_eq!(put.status(), 202, "stored, and the copy follows");
    let app = format!("apps/{APP_ID}");
    deployment
        .patch_sandbox(&app, json!({"secret": rotated}))
        .await?;
    let minted = deployment.mint_code(json!({})).await?;
    widget.post_outcome(&minted).await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(end["status"], "connected", "{end}");
    deployment.assert_calls("*/oauth/access_token", 1).await
}

#[tokio::test]
async fn settings_that_kv_refused_are_copied_by_the_alarm() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    fail_kv_write(&deployment).await?;
    let disabled = json!({"enabled": false});
    deployment.put_site("acme", &disabled, &[]).await?;
    let opened = deployment.open_widget("acme", SHOP_ORIGIN).await;
    assert!(opened.is_ok(), "KV has the copy of before");
    let started = Instant::now();
    while deployment.open_widget("acme", SHOP_ORIGIN).await.is_ok() {
        assert!(started.elapsed() < Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}

#[tokio::test]
async fn app_secret_that_was_just_set_opens_the_page() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let app = json!({"key": "bare", "app_id": APP_ID});
    deployment.admin_put("apps/bare", &app).await?;
    let settings = json!({"app": "bare"});
    deployment.put_site("bare-shop", &settings, &[]).await?;
    let opened = deployment.open_widget("bare-shop", SHOP_ORIGIN).await;
    assert!(opened.is_err(), "no signup could succeed");
    // KV does not know of the secret yet; the Partner object does.
    fail_kv_write(&deployment).await?;
    let secret = json!({"value": "sandbox-app-secret"});
    deployment
        .admin_put("secrets/app/bare/app_secret", &secret)
        .await?;
    deployment.open_widget("bare-shop", SHOP_ORIGIN).await?;
    Ok(())
}
