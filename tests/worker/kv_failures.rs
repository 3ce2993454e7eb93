//! KV or the Partner object cannot be reached for a moment: a signup uses what the other one has, else waits for them and
//! continues. A secret that nobody has is another matter.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::{APP_ID, APP_SECRET, SHOP_ORIGIN};
use serde_json::json;
use std::time::{Duration, Instant};

/// Fails the next `count` reads of KV.
async fn fail_kv_reads(deployment: &Deployment, count: u32) -> Result<()> {
    deployment.inject("kv", &json!({"fail": count})).await
}

/// Fails the next `count` requests to the Partner object.
async fn fail_partner(deployment: &Deployment, count: u32) -> Result<()> {
    deployment.inject("partner", &json!({"fail": count})).await
}

#[tokio::test]
async fn partner_object_unreachable_signup_uses_the_copies_in_kv() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    fail_partner(&deployment, 100).await?;
    widget.connect().await?;
    deployment.assert_calls("*/oauth/access_token", 1).await
}

#[tokio::test]
async fn partner_object_and_kv_unreachable_are_retried_until_connected() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    // A drive asks the Partner object once, then reads two entries at least: the first two drives read nothing.
    fail_partner(&deployment, 2).await?;
    fail_kv_reads(&deployment, 4).await?;
    widget.connect().await?;
    deployment.assert_calls("*/oauth/access_token", 1).await
}

#[tokio::test]
async fn kv_unreachable_at_outcome_does_not_hold_the_signup_up() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    fail_kv_reads(&deployment, 8).await?;
    widget.connect().await?;
    deployment.assert_calls("*/oauth/access_token", 1).await
}

#[tokio::test]
async fn app_without_system_token_does_not_wait_for_kv() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let app = json!({"key": "bare", "app_id": APP_ID});
    deployment.admin_put("apps/bare", &app).await?;
    let secret = json!({"value": APP_SECRET});
    deployment
        .admin_put("secrets/app/bare/app_secret", &secret)
        .await?;
    let settings = json!({"app": "bare"});
    deployment.put_site("bare-shop", &settings, &[]).await?;
    let widget = deployment.open_widget("bare-shop", SHOP_ORIGIN).await?;
    // For longer than the test waits.
    fail_kv_reads(&deployment, 10_000).await?;
    widget.connect().await?;
    deployment.assert_calls("*/oauth/access_token", 1).await
}

#[tokio::test]
async fn kv_unreachable_at_register_does_not_hold_the_signup_up() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    deployment
        .add_fault(json!({"path": "*/phone_numbers", "kind": "latency", "ms": 1500}))
        .await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    widget.post_outcome(&minted).await?;
    let started = Instant::now();
    while deployment.count_calls("*/phone_numbers", None).await? == 0 {
        assert!(started.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The next reads are those of the Phone object.
    fail_kv_reads(&deployment, 4).await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(end["status"], "connected", "{end}");
    deployment.assert_effects("*/register", 1).await
}

#[tokio::test]
async fn app_without_secret_ends_signup_as_misconfigured() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let app = json!({"key": "bare", "app_id": APP_ID});
    deployment.admin_put("apps/bare", &app).await?;
    let settings = json!({"app": "bare"});
    deployment.put_site("bare-shop", &settings, &[]).await?;
    // A page is refused where the secret is known to be missing. Of the three reads of a launch document none is
    // answered: whether the app has it is not known.
    fail_kv_reads(&deployment, 3).await?;
    let widget = deployment.open_widget("bare-shop", SHOP_ORIGIN).await?;
    widget
        .post_outcome(&deployment.mint_code(json!({})).await?)
        .await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(end["problem"]["code"], "app_misconfigured", "{end}");
    Ok(())
}
