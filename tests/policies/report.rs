//! The readiness report over HTTP: after the signup, and on demand, for the customer and for the operator.

use crate::{line, report, signed_up};
use anyhow::Result;
use embark_tests::Stage;
use embark_tests::stage::{APP_ID, HOST};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn everything_is_read_and_says_what_to_do_next() -> Result<()> {
    let stage = Stage::new().await?;
    let minted = stage.mint(json!({"new": true})).await?;
    let row = |kind: &str, id: &Value| format!("{kind}/{}", id.as_str().unwrap_or_default());
    let waba = row("wabas", &minted["waba_id"]);
    let health = json!({"can_send_message": "BLOCKED", "entities": [{"entity_type": "WABA", "id": minted["waba_id"],
        "can_send_message": "BLOCKED", "errors": [{"error_code": 141006,
        "error_description": "There is an error with the payment method.", "possible_solution": "Add one."}]}]});
    stage
        .patch(
            &waba,
            json!({"business_verification_status": "not_verified", "health_status": health}),
        )
        .await?;
    stage
        .patch(
            &row("phones", &minted["phone_number_id"]),
            json!({"name_status": "DECLINED", "health_status": health}),
        )
        .await?;
    stage
        .patch(
            &format!("apps/{APP_ID}"),
            json!({"webhook_fields": ["account_update"]}),
        )
        .await?;
    let page = stage.page("acme", HOST).await?;
    page.submit(&minted).await?;
    page.follow(&["connected"]).await?;
    let all = report(&stage, page.signup()).await?;
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
        let seen = line(&all, item);
        assert_eq!(seen["state"], state, "{item} {all}");
        assert_eq!(
            seen["next"].as_str().unwrap_or_default(),
            next,
            "{item} {all}"
        );
        assert_eq!(seen["advice"].is_string(), !next.is_empty(), "{item}");
    }
    assert_eq!(line(&all, "token")["value"], "SYSTEM_USER", "{all}");
    assert!(line(&all, "token")["until"].is_u64(), "{all}");
    assert_eq!(line(&all, "health")["reasons"][0]["code"], 141_006, "{all}");
    // The customer sees what is theirs, and nothing of the partner's.
    let shown = page.snapshot().await?;
    let items: Vec<_> = shown["report"]["lines"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|line| line["item"].as_str().unwrap_or_default())
        .collect();
    assert_eq!(
        items,
        ["business_verification", "display_name", "payment", "health"],
        "{shown}"
    );
    Ok(())
}

#[tokio::test]
async fn it_is_read_again_on_demand() -> Result<()> {
    let stage = Stage::local().await?;
    let (minted, end) = signed_up(&stage, "acme", json!({"new": true})).await?;
    let signup = end["id"].as_str().unwrap_or_default();
    let before = report(&stage, signup).await?;
    assert_eq!(line(&before, "quality")["state"], "ok", "{before}");
    let phone = format!(
        "phones/{}",
        minted["phone_number_id"].as_str().unwrap_or_default()
    );
    stage
        .patch(&phone, json!({"quality_rating": "RED"}))
        .await?;
    // A moment ago is not asked again; later it is.
    stage.ahead(Duration::from_secs(60)).await?;
    let again = stage
        .post(&format!("signups/{signup}/report"), &json!({}))
        .await?;
    assert_eq!(again.status(), 202);
    let started = Instant::now();
    loop {
        let after = report(&stage, signup).await?;
        if line(&after, "quality")["state"] == "problem" {
            return Ok(());
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{after}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn nobody_reads_the_report_of_a_signup_that_is_none() -> Result<()> {
    let stage = Stage::new().await?;
    let path = format!("signups/{}/report", "a".repeat(32));
    assert_eq!(stage.get(&path).await?.status(), 404);
    // Nor does asking begin one.
    let page = stage.page("acme", HOST).await?;
    let (status, said) = page.post("/report", &json!({})).await?;
    assert_eq!(
        (status.as_u16(), &said["code"]),
        (404, &json!("not_launched"))
    );
    assert_eq!(page.request("GET", "").send().await?.status(), 404);
    Ok(())
}
