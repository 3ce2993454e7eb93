//! Customers who come by Meta's hosted page are signed up without a browser: for the one site that takes them, or for the one
//! that an operator assigns them to.

use crate::events;
use crate::meta::connect_webhook;
use anyhow::{Context, Result, ensure};
use embark_tests::Deployment;
use serde_json::{Value, json};
use std::time::Duration;

/// A customer goes through Meta's page; the account and its number.
async fn sign_up(deployment: &Deployment) -> Result<Value> {
    let request = json!({"copies": 3});
    let response = deployment.sandbox_control("POST", "hosted").json(&request);
    let response = response.send().await?;
    let status = response.status();
    ensure!(status.is_success(), "{status} {}", response.text().await?);
    Ok(response.json().await?)
}

async fn start(hosted: bool) -> Result<Deployment> {
    let deployment = Deployment::start_local().await?;
    connect_webhook(&deployment).await?;
    let token =
        deployment.sandbox_world().await?["apps"][embark_tests::deployment::APP_ID]["system_token"]
            .take();
    let stored = deployment
        .admin_put("secrets/app/main/system_token", &json!({"value": token}))
        .await?;
    ensure!(stored.status().is_success(), "{}", stored.status());
    let patched = deployment
        .admin_patch("sites/acme", &json!({"hosted_signup": hosted}))
        .await?;
    ensure!(patched.status().is_success(), "{}", patched.status());
    Ok(deployment)
}

async fn connected(deployment: &Deployment, customer: &Value) -> Result<()> {
    let connected = events::wait_for(deployment, "signup.connected", 1).await?;
    let data = &connected[0]["data"];
    assert_eq!(data["connected"]["waba_id"], customer["waba_id"]);
    assert_eq!(
        data["connected"]["phone_number_id"],
        customer["phone_number_id"]
    );
    assert_eq!(data.get("reference"), None);
    deployment.assert_calls("*/oauth/access_token", 0).await?;
    deployment.assert_effects("*/subscribed_apps", 1).await?;
    deployment.assert_effects("*/register", 1).await?;
    events::wait_for(deployment, "account.added", 1).await?;
    Ok(())
}

#[tokio::test]
async fn hosted_signup_is_completed_by_its_webhook() -> Result<()> {
    let deployment = start(true).await?;
    let customer = sign_up(&deployment).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    events::wait_for(&deployment, "signup.", 0).await?;
    // A page has had its time, and an alarm that is an hour late is not waited for.
    deployment
        .advance_clock(Duration::from_secs(2 * 3_600))
        .await?;
    wake(&deployment, &customer).await?;
    connected(&deployment, &customer).await
}

#[tokio::test]
async fn hosted_signup_that_no_site_takes_is_assigned_by_an_operator() -> Result<()> {
    let deployment = start(false).await?;
    let customer = sign_up(&deployment).await?;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let waba = customer["waba_id"].as_str().context("no account")?;
    let listed = deployment.list_all("unclaimed", "accounts", 100).await?;
    assert_eq!(listed[0]["waba_id"], waba, "{listed:?}");
    let path = format!("unclaimed/{waba}/assign");
    let unknown = deployment
        .admin_post(&path, &json!({"site": "nowhere"}))
        .await?;
    assert_eq!(unknown.status().as_u16(), 404);
    for _ in 0..2 {
        let assigned = deployment
            .admin_post(&path, &json!({"site": "acme"}))
            .await?;
        ensure!(assigned.status().is_success(), "{}", assigned.text().await?);
    }
    connected(&deployment, &customer).await?;
    let again = deployment
        .admin_post(&path, &json!({"site": "acme"}))
        .await?;
    assert_eq!(again.status().as_u16(), 404, "it has an owner");
    Ok(())
}

/// Sends something else about the account, so that its object looks at the clock.
async fn wake(deployment: &Deployment, customer: &Value) -> Result<()> {
    let waba = customer["waba_id"].as_str().context("no account")?;
    let alert = crate::meta::change(
        waba,
        "account_alerts",
        json!({"alert_info": {"alert_type": "x"}}),
    );
    crate::meta::send(deployment, json!({"changes": [alert]})).await?;
    Ok(())
}
