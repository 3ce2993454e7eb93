//! Copies in KV that KV refuses or returns too late: the object has what was put, and repeats the copy.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::{APP_ID, SHOP_ORIGIN};
use serde_json::Value;
use serde_json::json;
use std::time::{Duration, Instant};

/// Fails the next write to KV.
async fn fail_kv_write(deployment: &Deployment) -> Result<()> {
    deployment.inject("kv", &json!({"fail_writes": 1})).await
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
    widget.connect().await?;
    deployment.assert_calls("*/oauth/access_token", 1).await
}

/// Creates a webhook address for a site. Returns the status of the response, and the address.
async fn create_webhook(deployment: &Deployment) -> Result<(u16, String)> {
    let path = "sites/acme/infobip/webhook";
    let response = deployment.admin_post(path, &json!({})).await?;
    let status = response.status().as_u16();
    let link: Value = response.json().await?;
    Ok((status, link["url"].as_str().unwrap_or_default().to_owned()))
}

/// The status that a registration webhook to this address is answered with.
async fn webhook_status(deployment: &Deployment, url: &str) -> Result<u16> {
    let body = json!({"businessAccountId": 5_000_000_000_000_001_u64, "status": "FINISHED", "senders": []});
    let response = deployment.client.post(url).json(&body).send().await?;
    Ok(response.status().as_u16())
}

#[tokio::test]
async fn webhook_address_that_was_replaced_is_gone_once_kv_answers_again() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let (status, first) = create_webhook(&deployment).await?;
    assert_eq!(status, 200, "KV has the address");
    assert_eq!(webhook_status(&deployment, &first).await?, 204);
    let first_key = deployment.workerd.kv_keys("hook/").await?;
    fail_kv_write(&deployment).await?;
    let (status, second) = create_webhook(&deployment).await?;
    assert_eq!(
        status, 202,
        "the response says that KV has not taken the address yet"
    );
    assert_eq!(webhook_status(&deployment, &first).await?, 404);
    let started = Instant::now();
    while webhook_status(&deployment, &second).await? != 204 {
        assert!(started.elapsed() < Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let mut keys = deployment.workerd.kv_keys("hook/").await?;
    while keys.len() != 1 {
        assert!(started.elapsed() < Duration::from_mins(1), "{keys:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
        keys = deployment.workerd.kv_keys("hook/").await?;
    }
    assert_ne!(
        keys, first_key,
        "the key of the replaced address is deleted"
    );
    assert_eq!(webhook_status(&deployment, &first).await?, 404);
    Ok(())
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
