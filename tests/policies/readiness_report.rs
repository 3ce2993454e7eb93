//! The readiness report over HTTP: read after the signup and on request, in part for the customer and in full for the
//! operator.

use crate::{check, report, run_signup};
use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::{APP_ID, SHOP_ORIGIN};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn report_open_checks_name_next_action() -> Result<()> {
    let deployment = Deployment::start().await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    let row = |kind: &str, id: &Value| format!("{kind}/{}", id.as_str().unwrap_or_default());
    let waba = row("wabas", &minted["waba_id"]);
    let health = json!({"can_send_message": "BLOCKED", "entities": [{"entity_type": "WABA", "id": minted["waba_id"],
        "can_send_message": "BLOCKED", "errors": [{"error_code": 141006,
        "error_description": "There is an error with the payment method.", "possible_solution": "Add one."}]}]});
    deployment
        .patch_sandbox(
            &waba,
            json!({"business_verification_status": "not_verified", "health_status": health}),
        )
        .await?;
    deployment
        .patch_sandbox(
            &row("phones", &minted["phone_number_id"]),
            json!({"name_status": "DECLINED", "health_status": health}),
        )
        .await?;
    deployment
        .patch_sandbox(
            &format!("apps/{APP_ID}"),
            json!({"webhook_fields": ["account_update"]}),
        )
        .await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget.post_outcome(&minted).await?;
    widget.poll_until(&["connected"]).await?;
    let all = report(&deployment, widget.signup_id()).await?;
    for (item, state, next) in [
        ("business_verification", "attention", "verify_business"),
        ("display_name", "problem", "change_name"),
        ("number", "ok", ""),
        ("payment", "attention", "add_payment"),
        ("health", "problem", "see_reasons"),
        ("app_webhook", "problem", "set_webhook"),
        ("subscription", "ok", ""),
        ("token", "ok", ""),
    ] {
        let line = check(&all, item);
        assert_eq!(line["state"], state, "{item} {all}");
        assert_eq!(
            line["next"].as_str().unwrap_or_default(),
            next,
            "{item} {all}"
        );
        assert_eq!(line["advice"].is_string(), !next.is_empty(), "{item}");
    }
    assert_eq!(check(&all, "token")["value"], "SYSTEM_USER", "{all}");
    assert!(check(&all, "token")["until"].is_u64(), "{all}");
    assert_eq!(
        check(&all, "health")["reasons"][0]["code"],
        141_006,
        "{all}"
    );
    // The customer sees the checks of their own business and number, none of the partner's app.
    let snapshot = widget.snapshot().await?;
    let items: Vec<_> = snapshot["report"]["lines"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|line| line["item"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(
        items,
        ["business_verification", "display_name", "payment", "health"],
        "{snapshot}"
    );
    Ok(())
}

#[tokio::test]
async fn report_requested_again_is_refreshed() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let (minted, end) = run_signup(&deployment, "acme", json!({"new": true})).await?;
    let signup = end["id"].as_str().unwrap_or_default();
    let before = report(&deployment, signup).await?;
    assert_eq!(check(&before, "quality")["state"], "ok", "{before}");
    let phone = format!(
        "phones/{}",
        minted["phone_number_id"].as_str().unwrap_or_default()
    );
    deployment
        .patch_sandbox(&phone, json!({"quality_rating": "RED"}))
        .await?;
    // A report is read again only after some time.
    deployment.advance_clock(Duration::from_secs(60)).await?;
    let again = deployment
        .admin_post(&format!("signups/{signup}/report"), &json!({}))
        .await?;
    assert_eq!(again.status(), 202);
    let started = Instant::now();
    loop {
        let after = report(&deployment, signup).await?;
        if check(&after, "quality")["state"] == "problem" {
            return Ok(());
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{after}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn report_of_unknown_signup_is_not_found() -> Result<()> {
    let deployment = Deployment::start().await?;
    let path = format!("signups/{}/report", "a".repeat(32));
    assert_eq!(deployment.admin_get(&path).await?.status(), 404);
    // The request does not begin a signup.
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let (status, problem) = widget.post("/report", &json!({})).await?;
    assert_eq!(
        (status.as_u16(), &problem["code"]),
        (404, &json!("not_launched"))
    );
    assert_eq!(widget.request("GET", "").send().await?.status(), 404);
    Ok(())
}
