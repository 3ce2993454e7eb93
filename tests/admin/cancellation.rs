//! Cancelling a signup: what is refused, when it takes effect, and what the customer, the back end and Meta see of it.

use crate::console::Console;
use crate::operators::add_operator;
use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::{OPERATOR_TOKEN, SHOP_ORIGIN};
use embark_tests::widget_client::WidgetClient;
use reqwest::Response;
use serde_json::{Value, json};

async fn cancel(deployment: &Deployment, site: &str, signup: &str) -> Result<(u16, Value)> {
    let path = format!("sites/{site}/signups/{signup}/cancel");
    let response: Response = deployment.admin_post(&path, &json!({})).await?;
    Ok((response.status().as_u16(), response.json().await?))
}

/// A signup whose customer is asked for the PIN of the number.
async fn asks_for_pin(deployment: &Deployment) -> Result<WidgetClient<'_>> {
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    let phone = minted["phone_number_id"].as_str().context("no number")?;
    let row = format!("phones/{phone}");
    deployment
        .patch_sandbox(&row, json!({"pin": "731904"}))
        .await?;
    widget.post_outcome(&minted).await?;
    let asked = widget
        .poll_until(&["needs_input", "connected", "failed"])
        .await?;
    assert_eq!(asked["input"]["kind"], "pin", "{asked}");
    Ok(widget)
}

#[tokio::test]
async fn signup_that_is_not_the_sites_or_has_ended_is_not_cancelled() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_app_and_site("rival", &[SHOP_ORIGIN]).await?;
    let end = deployment.connect("acme", json!({})).await?;
    let connected = end["id"].as_str().context("no id")?;
    let never = "0".repeat(32);
    for (site, signup, status, code) in [
        ("acme", connected, 409, "conflict"),
        ("rival", connected, 404, "not_found"),
        ("acme", &never, 404, "not_found"),
    ] {
        let (found, problem) = cancel(&deployment, site, signup).await?;
        assert_eq!(found, status, "{site} {signup}: {problem}");
        assert_eq!(problem["code"], code, "{problem}");
    }
    let (_, token) = add_operator(&deployment, "Vera", "viewer").await?;
    let path = format!("/v1/admin/sites/acme/signups/{connected}/cancel");
    let request = deployment.client.post(deployment.operator_url(&path));
    let refused = request.bearer_auth(token).json(&json!({})).send().await?;
    assert_eq!(refused.status().as_u16(), 403);
    Ok(())
}

#[tokio::test]
async fn cancelled_signup_ends_for_its_customer_and_calls_meta_no_more() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = asks_for_pin(&deployment).await?;
    let before = deployment.count_calls("*", None).await?;
    let (status, cancelled) = cancel(&deployment, "acme", widget.signup_id()).await?;
    assert_eq!((status, &cancelled["status"]), (200, &json!("failed")));
    assert_eq!(cancelled["problem"]["code"], "signup_cancelled");
    let (status, again) = cancel(&deployment, "acme", widget.signup_id()).await?;
    assert_eq!((status, again), (200, cancelled));

    let snapshot = widget.snapshot().await?;
    assert_eq!(snapshot["status"], "failed", "{snapshot}");
    assert_eq!(snapshot["problem"]["code"], "signup_cancelled");
    for (path, body) in [
        ("/input", json!({"kind": "pin", "pin": "731904"})),
        ("/outcome", json!({"code": "again", "code_source": "sdk"})),
    ] {
        let (status, problem) = widget.post(path, &body).await?;
        assert_eq!(status.as_u16(), 409, "{path} {problem}");
        assert_eq!(problem["code"], "signup_cancelled", "{path}");
    }
    let (_, snapshot) = widget.post("/launched", &json!({"attempt": 9})).await?;
    assert_eq!(snapshot["status"], "failed", "it is not reopened");
    assert_eq!(deployment.count_calls("*", None).await?, before);

    let event = deployment
        .wait_for_listed_event("acme", "signup.failed")
        .await?;
    assert_eq!(event["data"]["problem"]["code"], "signup_cancelled");
    let audit: Value = deployment.admin_get("audit").await?.json().await?;
    let entries = audit["entries"].as_array().context("no entries")?;
    let what = format!("site acme: cancelled signup {}", widget.signup_id());
    let entry = entries.iter().find(|entry| entry["what"] == what);
    assert_eq!(entry.context("no entry")?["result"], "done", "{audit}");
    Ok(())
}

#[tokio::test]
async fn call_under_way_is_not_broken_off() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment
        .add_fault(json!({"path": "*/phone_numbers", "kind": "latency", "ms": 3000}))
        .await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    widget.post_outcome(&minted).await?;
    while deployment.count_calls("*/phone_numbers", None).await? == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let (status, cancelled) = cancel(&deployment, "acme", widget.signup_id()).await?;
    assert_eq!(status, 200, "{cancelled}");
    let end = widget.poll_until_end().await?;
    assert_eq!(end["problem"]["code"], "signup_cancelled", "{end}");
    deployment.assert_calls("*/register", 0).await?;
    // The app's subscriptions were read before.
    deployment.assert_effects("*/subscribed_apps", 0).await?;
    Ok(())
}

#[tokio::test]
async fn console_asks_before_it_cancels() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget.post("/launched", &json!({})).await?;
    deployment
        .wait_for_listed_event("acme", "signup.launched")
        .await?;
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let path = format!("/console/sites/acme/signups/{}", widget.signup_id());
    let page = console.get(&path).await?.text().await?;
    assert!(
        page.contains("<summary>Cancel the signup</summary>"),
        "{page}"
    );
    let done = console.post(&format!("{path}/cancel"), &[]).await?;
    let page = done.text().await?;
    assert!(page.contains("Nothing more is called at Meta."), "{page}");
    assert_eq!(widget.snapshot().await?["status"], "failed");
    Ok(())
}
