//! A business token that Meta refuses, or that a customer took away, is an event for its site.

use crate::events;
use crate::meta::{change, connect, connect_webhook, send};
use anyhow::{Context, Result};
use embark_tests::Deployment;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn error_190_in_a_report_is_a_refused_token() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let (waba, signup) = connect(&deployment, json!({"new": true})).await?;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let world = deployment.sandbox_world().await?;
    let token = world["tokens"]
        .as_object()
        .and_then(|tokens| tokens.keys().next());
    let row = format!("tokens/{}", token.context("no token")?);
    deployment
        .patch_sandbox(&row, json!({"is_valid": false}))
        .await?;
    deployment.advance_clock(Duration::from_secs(60)).await?;
    let response = deployment
        .admin_post(&format!("signups/{signup}/report"), &json!({}))
        .await?;
    assert_eq!(response.status().as_u16(), 202);
    let refused = events::wait_for(&deployment, "token.refused", 1).await?;
    assert_eq!(refused[0]["data"]["waba_id"], waba);
    Ok(())
}

#[tokio::test]
async fn removed_partner_is_an_event_and_a_revoked_token() -> Result<()> {
    let deployment = Deployment::start().await?;
    connect_webhook(&deployment).await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    let mut removed: Value = change(&waba, "account_update", json!({"event": "PARTNER_REMOVED"}));
    removed["time"] = (removed["time"].as_u64().unwrap_or_default() + 1).into();
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    send(&deployment, json!({"changes": [removed], "copies": 3})).await?;
    events::wait_for(&deployment, "account.removed", 1).await?;
    let revoked = events::wait_for(&deployment, "token.revoked", 1).await?;
    assert_eq!(revoked[0]["data"]["waba_id"], waba);
    Ok(())
}
