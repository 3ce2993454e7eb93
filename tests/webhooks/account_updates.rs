//! What Meta's webhooks say moves the record, the readiness report and the page of a signup.

use crate::events;
use crate::meta::{connect_webhook, now};
use anyhow::{Context, Result, ensure};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Has the sandbox play what happens to a number.
async fn play(deployment: &Deployment, request: Value) -> Result<()> {
    let response = deployment.sandbox_control("POST", "play").json(&request);
    let response = response.send().await?;
    let status = response.status();
    ensure!(status.is_success(), "{status} {}", response.text().await?);
    Ok(())
}

/// Polls a page until its snapshot is as it must be.
async fn wait(
    widget: &embark_tests::WidgetClient<'_>,
    is: impl Fn(&Value) -> bool,
) -> Result<Value> {
    let started = Instant::now();
    loop {
        let snapshot = widget.snapshot().await?;
        if is(&snapshot) {
            return Ok(snapshot);
        }
        ensure!(started.elapsed() < Duration::from_secs(20), "{snapshot}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn has_warning(snapshot: &Value, word: &str) -> bool {
    let warnings = snapshot["warnings"].as_array();
    warnings.is_some_and(|all| all.iter().any(|one| one == word))
}

fn lists(snapshot: &Value, item: &str) -> bool {
    let lines = snapshot["report"]["lines"].as_array();
    lines.is_some_and(|all| all.iter().any(|line| line["item"] == item))
}

#[tokio::test]
async fn approved_name_registers_the_number_again_once_with_its_pin() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    connect_webhook(&deployment).await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    widget.post_outcome(&minted).await?;
    widget.poll_until_end().await?;
    let phone = minted["phone_number_id"].as_str().context("no number")?;
    deployment.assert_effects("*/register", 1).await?;
    let approved = json!({"happens": "name_approved", "phone_number_id": phone, "name": "Lucky Shrub 2", "copies": 3});
    play(&deployment, approved).await?;
    events::wait_for(&deployment, "number.name_reviewed", 1).await?;
    let started = Instant::now();
    loop {
        let world = deployment.sandbox_world().await?;
        if world["phones"][phone]["verified_name"] == "Lucky Shrub 2" {
            break;
        }
        ensure!(
            started.elapsed() < Duration::from_secs(20),
            "{}",
            world["phones"][phone]
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    deployment.advance_clock(Duration::from_secs(600)).await?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    deployment.assert_effects("*/register", 2).await?;
    deployment.assert_calls("*/register", 2).await?;
    events::wait_for(&deployment, "number.name_not_applied", 0).await?;
    Ok(())
}

#[tokio::test]
async fn payment_that_arrives_ends_the_line_of_a_page_that_polls() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    widget.post_outcome(&minted).await?;
    let left = wait(&widget, |snapshot| lists(snapshot, "payment")).await?;
    assert_eq!(left["poll_after_ms"], 10_000, "{left}");
    let added = json!({"happens": "payment_added", "phone_number_id": minted["phone_number_id"]});
    play(&deployment, added).await?;
    deployment.advance_clock(Duration::from_secs(61)).await?;
    let done = wait(&widget, |snapshot| !lists(snapshot, "payment")).await?;
    assert_eq!(done["status"], "connected");
    assert_eq!(done["poll_after_ms"], 60_000, "{done}");
    Ok(())
}

#[tokio::test]
async fn access_that_was_taken_away_is_told_by_a_link_and_by_the_page() -> Result<()> {
    let deployment = Deployment::start().await?;
    connect_webhook(&deployment).await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    widget.post_outcome(&minted).await?;
    widget.poll_until_end().await?;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let removed =
        json!({"happens": "partner_removed", "phone_number_id": minted["phone_number_id"]});
    play(&deployment, removed).await?;
    let revoked = events::wait_for(&deployment, "token.revoked", 1).await?;
    wait(&widget, |snapshot| has_warning(snapshot, "token_refused")).await?;
    let link = revoked[0]["data"]["link"].as_str().context("no link")?;
    let renewal = deployment.widget_from_link(link)?;
    let again = json!({"waba_id": minted["waba_id"]});
    renewal
        .post_outcome(&deployment.mint_code(again).await?)
        .await?;
    let end = renewal.poll_until_end().await?;
    assert_eq!(end["status"], "connected", "{end}");
    assert_eq!(end["connected"]["renewed"], true, "{end}");
    wait(&widget, |snapshot| !has_warning(snapshot, "token_refused")).await?;
    Ok(())
}

#[tokio::test]
async fn number_of_the_app_shows_its_history_and_leaves_and_returns() -> Result<()> {
    let deployment = Deployment::start().await?;
    connect_webhook(&deployment).await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    let id = minted["phone_number_id"].as_str().context("no number")?;
    let in_app = json!({"is_on_biz_app": true, "platform_type": "CLOUD_API",
        "last_onboarded_ms": now() * 1_000});
    deployment
        .patch_sandbox(&format!("phones/{id}"), in_app)
        .await?;
    widget.post_outcome(&minted).await?;
    widget.poll_until_end().await?;
    let history = |progress: Value| json!({"happens": "history", "phone_number_id": id, "progress": progress});
    play(&deployment, history(json!([55, 20]))).await?;
    wait(&widget, |snapshot| snapshot["history_percent"] == 55).await?;
    play(&deployment, history(json!([100]))).await?;
    wait(&widget, |snapshot| {
        snapshot.get("history_percent").is_none()
    })
    .await?;
    play(
        &deployment,
        json!({"happens": "offboarded", "phone_number_id": id}),
    )
    .await?;
    let left = wait(&widget, |snapshot| {
        has_warning(snapshot, "number_offboarded")
    })
    .await?;
    assert_eq!(left["connected"]["offboarded"], true);
    let report = deployment
        .admin_get(&format!("signups/{}/report", widget.signup_id()))
        .await?;
    let report: Value = report.json().await?;
    let mut number = report["lines"].as_array().into_iter().flatten();
    let number = number.find(|line| line["item"] == "number").cloned();
    assert_eq!(number.context("no number")?["state"], "problem");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    play(
        &deployment,
        json!({"happens": "reconnected", "phone_number_id": id}),
    )
    .await?;
    wait(&widget, |snapshot| {
        !has_warning(snapshot, "number_offboarded")
    })
    .await?;
    deployment.assert_calls("*/register", 0).await?;
    Ok(())
}
