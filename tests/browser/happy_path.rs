//! The person finishes Meta's popup, and the signup connects.

use crate::fixture::BrowserFixture;
use anyhow::Result;
use serde_json::{Value, json};

#[tokio::test]
async fn signup_with_defaults_connects_number() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    // With a payment method, the report lists no open check.
    let paid = json!({"primary_funding_id": "1"});
    fixture
        .deployment
        .patch_sandbox("wabas/5000000000000001", paid)
        .await?;
    let dom = fixture.until_state(&["ready"]).await?;
    dom.assert_text("Connect WhatsApp");
    dom.assert_enabled("embark-button");
    fixture.screenshot("ready").await?;

    fixture.click("embark-button").await?;
    let dom = fixture.until_state(&["popup"]).await?;
    dom.assert_text("Go on in Meta’s window");
    fixture.screenshot("popup").await?;
    let slow = json!({"path": "*/register", "kind": "latency", "ms": SLOW_MS});
    fixture.deployment.add_fault(slow).await?;
    fixture.popup().await?.finish().await?;

    let dom = fixture
        .until_dom("an active register step", |dom| {
            dom.step_state("register") == "active"
        })
        .await?;
    assert_eq!(dom.state, "running");
    assert_eq!(
        (dom.step_state("exchange"), dom.step_state("inspect")),
        ("done", "done")
    );
    dom.assert_text("Registration with WhatsApp");
    fixture.screenshot("running").await?;

    let dom = fixture.until_state(&["connected"]).await?;
    dom.assert_text("Lucky Shrub");
    dom.assert_text("+1 631-555-0101");
    fixture.screenshot("connected").await?;
    fixture.assert_connected_once("6000000000000001").await
}

#[tokio::test]
async fn signup_without_ids_connects_number() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture
        .deployment
        .set_rules(json!({"ids": "never"}))
        .await?;
    fixture.open_popup().await?.finish().await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("+1 631-555-0101");
    fixture.assert_connected_once("6000000000000001").await
}

#[tokio::test]
async fn signup_ids_after_code_choose_account() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture
        .deployment
        .set_rules(json!({"ids": "after", "ids_delay_ms": 300}))
        .await?;
    fixture.until_state(&["ready"]).await?;
    fixture.click("embark-button").await?;
    // Two accounts are shared: without the ids the widget would ask for the account.
    let popup = fixture.popup().await?;
    popup
        .click_all(&[
            "business-4000000000000002",
            "continue",
            "waba-all",
            "continue",
        ])
        .await?;
    popup.click("number-6000000000000002").await?;
    popup.finish().await?;
    fixture.until_state(&["connected"]).await?;
    assert_eq!(fixture.events().await?.count("needsinput"), 0);
    fixture.assert_connected_once("6000000000000002").await
}

#[tokio::test]
async fn signup_without_number_connects_and_offers_to_add_one() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    let popup = fixture.open_popup().await?;
    popup
        .click_all(&[
            "business-new",
            "continue",
            "continue",
            "continue",
            "number-none",
        ])
        .await?;
    popup.finish().await?;
    fixture.until_state(&["connected_without_number"]).await?;
    let dom = fixture
        .until_dom("the report", |dom| dom.text.contains("Next steps"))
        .await?;
    dom.assert_text("Add a number");
    fixture.screenshot("connected_without_number").await?;
    assert_eq!(
        fixture.events().await?.only_detail("connected")["without_number"],
        true
    );
    fixture.deployment.assert_calls("*/register", 0).await?;
    // "Add a number" starts another signup.
    fixture.click("embark-restart").await?;
    fixture
        .until_state(&["ready"])
        .await?
        .assert_enabled("embark-button");
    Ok(())
}

#[tokio::test]
async fn host_page_with_strict_csp_needs_no_meta_origin() -> Result<()> {
    let fixture = BrowserFixture::open("/csp").await?;
    fixture.open_popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    fixture
        .until_script_returns("return window.__violations", json!([]))
        .await?;
    fixture.assert_connected_once("6000000000000001").await
}

#[tokio::test]
async fn inline_mode_without_frame_connects_number() -> Result<()> {
    let fixture = BrowserFixture::open("/?mode=inline").await?.without_frame();
    fixture
        .until_state(&["ready"])
        .await?
        .assert_enabled("embark-button");
    let frames = "return document.querySelector('embark-signup').shadowRoot.querySelectorAll('iframe').length";
    assert_eq!(fixture.run_on_page(frames).await?, 0);
    fixture.click("embark-button").await?;
    fixture.popup().await?.finish().await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    fixture.assert_connected_once("6000000000000001").await
}

/// A call to Meta that takes so long can be looked at, also on a busy machine; Meta's slowest are waited for longer.
pub const SLOW_MS: u64 = 15_000;

impl BrowserFixture {
    /// Asserts that the signup registered this number and no other, and that code exchange, registration and
    /// the events `launched` and `connected` happened exactly once.
    pub async fn assert_connected_once(&self, phone: &str) -> Result<()> {
        let events = self.events().await?;
        assert_eq!(events.names()[..2], ["ready", "launched"], "{events:#?}");
        assert_eq!(
            events.count("failed") + events.count("cancelled"),
            0,
            "{events:#?}"
        );
        let connected = events.only_detail("connected");
        assert_eq!(connected["phone_number_id"], phone);
        let launched = &events.only_detail("launched")["signup"];
        assert_eq!(connected["signup"], *launched);
        assert_ne!(*launched, Value::Null);
        let deployment = &self.deployment;
        deployment.assert_effects("*/oauth/access_token", 1).await?;
        let registered = format!("*/{phone}/register");
        deployment.assert_effects("*/register", 1).await?;
        assert_eq!(deployment.count_calls(&registered, Some(true)).await?, 1);
        Ok(())
    }
}
