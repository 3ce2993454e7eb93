//! Having a signup tried again: what is called, what is kept, what is refused, and who did it.

use crate::console::Console;
use crate::operators::add_operator;
use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::{OPERATOR_TOKEN, SHOP_ORIGIN};
use embark_tests::widget_client::WidgetClient;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

async fn retry(deployment: &Deployment, site: &str, signup: &str) -> Result<(u16, Value)> {
    let path = format!("sites/{site}/signups/{signup}/retry");
    let response = deployment.admin_post(&path, &json!({})).await?;
    Ok((response.status().as_u16(), response.json().await?))
}

/// A signup that has met this fault, and what it has come to.
async fn signup_with_fault(
    deployment: &Deployment,
    fault: Value,
) -> Result<(WidgetClient<'_>, Value)> {
    deployment.add_fault(fault).await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    widget.post_outcome(&minted).await?;
    let statuses = ["waiting", "needs_input", "failed", "relaunch", "connected"];
    let snapshot = widget.poll_until(&statuses).await?;
    Ok((widget, snapshot))
}

fn rate_limit(headers: &Value) -> Value {
    json!({"path": "*/phone_numbers", "kind": "error", "http": 400, "code": 80_008, "times": 1, "headers": headers})
}

fn account_locked() -> Value {
    json!({"path": "*/register", "kind": "error", "http": 400, "code": 131_031, "times": 1})
}

#[tokio::test]
async fn signup_that_waits_for_a_rate_limit_makes_its_next_call_at_once() -> Result<()> {
    let deployment = Deployment::start().await?;
    let (widget, waits) = signup_with_fault(&deployment, rate_limit(&json!({}))).await?;
    assert_eq!(waits["status"], "waiting", "{waits}");
    deployment.assert_calls("*/phone_numbers", 1).await?;
    let (status, retried) = retry(&deployment, "acme", widget.signup_id()).await?;
    assert_eq!(status, 200, "{retried}");
    assert_eq!(retried["status"], "connected", "{retried}");
    assert_eq!(retried["signup"], widget.signup_id());
    deployment.assert_calls("*/phone_numbers", 2).await?;
    deployment.assert_effects("*/register", 1).await?;
    deployment.assert_effects("*/oauth/access_token", 1).await
}

#[tokio::test]
async fn wait_that_meta_named_is_not_cut_short() -> Result<()> {
    let deployment = Deployment::start().await?;
    let named = json!({"retry-after": "3600"});
    let (widget, waits) = signup_with_fault(&deployment, rate_limit(&named)).await?;
    assert_eq!(waits["status"], "waiting", "{waits}");
    let (status, retried) = retry(&deployment, "acme", widget.signup_id()).await?;
    assert_eq!((status, &retried["status"]), (200, &json!("waiting")));
    assert_eq!(retried["problem"]["code"], "meta_unavailable", "{retried}");
    let until = retried["waits_until"].as_u64().context("no time")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
    let left = Duration::from_millis(until).saturating_sub(now);
    let hour = Duration::from_mins(55)..=Duration::from_hours(1);
    assert!(hour.contains(&left), "{left:?}");
    deployment.assert_calls("*/phone_numbers", 1).await
}

#[tokio::test]
async fn failed_signup_goes_on_from_its_step() -> Result<()> {
    let deployment = Deployment::start().await?;
    let (widget, failed) = signup_with_fault(&deployment, account_locked()).await?;
    assert_eq!(failed["problem"]["code"], "account_locked", "{failed}");
    let (status, retried) = retry(&deployment, "acme", widget.signup_id()).await?;
    assert_eq!((status, &retried["status"]), (200, &json!("connected")));
    let snapshot = widget.snapshot().await?;
    assert_eq!(snapshot["status"], "connected", "{snapshot}");
    deployment.assert_calls("*/oauth/access_token", 1).await?;
    deployment.assert_effects("*/register", 1).await?;
    deployment.assert_effects("*/subscribed_apps", 1).await?;
    for event in ["signup.failed", "signup.connected"] {
        deployment.wait_for_listed_event("acme", event).await?;
    }
    let (status, problem) = retry(&deployment, "acme", widget.signup_id()).await?;
    assert_eq!((status, &problem["code"]), (409, &json!("conflict")));
    let audit: Value = deployment.admin_get("audit").await?.json().await?;
    let entries = audit["entries"].as_array().context("no entries")?;
    let what = format!("site acme: had signup {} tried again", widget.signup_id());
    let results: Vec<&Value> = entries
        .iter()
        .filter(|entry| entry["what"] == what)
        .map(|entry| &entry["result"])
        .collect();
    assert_eq!(results, ["conflict", "done"], "{audit}");
    Ok(())
}

#[tokio::test]
async fn question_is_dropped_once_meta_has_the_answer() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    let phone = minted["phone_number_id"].as_str().context("no number")?;
    let row = format!("phones/{phone}");
    let verified = |status: &str| json!({"code_verification_status": status});
    deployment
        .patch_sandbox(&row, verified("NOT_VERIFIED"))
        .await?;
    widget.post_outcome(&minted).await?;
    let asked = widget.poll_until(&["needs_input"]).await?;
    let (status, retried) = retry(&deployment, "acme", widget.signup_id()).await?;
    assert_eq!((status, &retried["status"]), (200, &json!("needs_input")));
    let again = widget.snapshot().await?;
    assert_eq!(again["input"], asked["input"], "{again}");
    deployment.assert_calls("*/register", 0).await?;
    deployment.patch_sandbox(&row, verified("VERIFIED")).await?;
    let (_, retried) = retry(&deployment, "acme", widget.signup_id()).await?;
    assert_eq!(retried["status"], "connected", "{retried}");
    Ok(())
}

#[tokio::test]
async fn retry_is_refused_for_other_sites_viewers_and_codes_without_a_token() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_app_and_site("rival", &[SHOP_ORIGIN]).await?;
    let spent = json!({"path": "*/oauth/access_token", "kind": "error", "http": 400, "code": 100, "subcode": 36_009});
    let (widget, relaunch) = signup_with_fault(&deployment, spent).await?;
    assert_eq!(relaunch["status"], "relaunch", "{relaunch}");
    let never = "0".repeat(32);
    for (site, signup, status, code) in [
        ("acme", widget.signup_id(), 410, "code_spent"),
        ("rival", widget.signup_id(), 404, "not_found"),
        ("acme", &never, 404, "not_found"),
    ] {
        let (found, problem) = retry(&deployment, site, signup).await?;
        assert_eq!(found, status, "{site} {signup}: {problem}");
        assert_eq!(problem["code"], code, "{problem}");
    }
    let (_, token) = add_operator(&deployment, "Vera", "viewer").await?;
    let path = format!("/v1/admin/sites/acme/signups/{}/retry", widget.signup_id());
    let request = deployment.client.post(deployment.operator_url(&path));
    let refused = request.bearer_auth(token).json(&json!({})).send().await?;
    assert_eq!(refused.status().as_u16(), 403);
    Ok(())
}

#[tokio::test]
async fn console_has_a_signup_tried_again() -> Result<()> {
    let deployment = Deployment::start().await?;
    let (widget, _) = signup_with_fault(&deployment, account_locked()).await?;
    deployment
        .wait_for_listed_event("acme", "signup.failed")
        .await?;
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let path = format!("/console/sites/acme/signups/{}", widget.signup_id());
    let page = console.get(&path).await?.text().await?;
    assert!(page.contains("Try again now"), "{page}");
    let done = console.post(&format!("{path}/retry"), &[]).await?;
    let page = done.text().await?;
    assert!(page.contains("It is connected."), "{page}");
    // The site gets the last row a moment after the event.
    for _ in 0..200 {
        let page = console.get(&path).await?.text().await?;
        if !page.contains("Try again now") {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("a connected signup cannot be tried again");
}
