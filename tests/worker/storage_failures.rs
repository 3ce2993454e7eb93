//! The storage of an object cannot be read for a moment: that is an error, and never an object that has no record. What
//! was stored is there at the next read, and what was under way goes on.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::widget_client::outcome_body;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

const PIN: &str = "731904";

/// Fails the next `count` reads of the record of this object.
async fn fail_reads(deployment: &Deployment, object: &str, count: u32) -> Result<()> {
    let order = json!({"fail": count, "of": [object]});
    deployment.inject("record", &order).await
}

/// Checks that a request to the signup is refused because its record cannot be read.
async fn assert_unreadable(request: RequestBuilder) -> Result<()> {
    let refused = request.send().await?;
    assert_eq!(refused.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let refused: Value = refused.json().await?;
    assert_eq!(refused["code"], "internal", "{refused}");
    Ok(())
}

/// Ends the Worker, so that its objects read their records again.
async fn restart(deployment: &Deployment) -> Result<()> {
    deployment.workerd.kill().await?;
    deployment.workerd.restart().await
}

#[tokio::test]
async fn signup_that_cannot_be_read_is_an_error_and_is_there_again() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget.connect().await?;
    restart(&deployment).await?;
    fail_reads(&deployment, widget.signup_id(), 1_000).await?;
    assert_unreadable(widget.request("GET", "")).await?;
    let ended = json!({"reason": "closed"});
    assert_unreadable(widget.request("POST", "/ended").json(&ended)).await?;
    fail_reads(&deployment, widget.signup_id(), 0).await?;
    let snapshot = widget.snapshot().await?;
    assert_eq!(snapshot["status"], "connected", "{snapshot}");
    deployment.assert_calls("*/oauth/access_token", 1).await
}

#[tokio::test]
async fn signup_under_way_is_not_begun_anew_when_its_record_cannot_be_read() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({})).await?;
    let phone = minted["phone_number_id"].as_str().unwrap_or_default();
    deployment
        .patch_sandbox(&format!("phones/{phone}"), json!({"pin": PIN}))
        .await?;
    widget.post_outcome(&minted).await?;
    widget.poll_until(&["needs_input"]).await?;
    restart(&deployment).await?;
    fail_reads(&deployment, widget.signup_id(), 1_000).await?;
    let answer = json!({"kind": "pin", "pin": PIN});
    assert_unreadable(widget.request("POST", "/input").json(&answer)).await?;
    // The same code once more, as a page posts it that got no response.
    let outcome = outcome_body(&minted, true);
    assert_unreadable(widget.request("POST", "/outcome").json(&outcome)).await?;
    fail_reads(&deployment, widget.signup_id(), 0).await?;
    let (status, taken) = widget.post("/input", &answer).await?;
    assert_eq!(status, StatusCode::ACCEPTED, "{taken}");
    let end = widget.poll_until(&["connected", "failed"]).await?;
    assert_eq!(end["status"], "connected", "{end}");
    deployment.assert_calls("*/oauth/access_token", 1).await?;
    deployment.assert_effects("*/register", 1).await
}

#[tokio::test]
async fn number_whose_record_cannot_be_read_is_registered_once() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({})).await?;
    let phone = minted["phone_number_id"].as_str().unwrap_or_default();
    fail_reads(&deployment, phone, 2).await?;
    widget.post_outcome(&minted).await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(end["status"], "connected", "{end}");
    deployment.assert_effects("*/register", 1).await
}
