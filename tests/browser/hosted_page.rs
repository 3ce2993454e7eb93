//! The hosted page, and states that the widget is in only while a request is pending.

use crate::fixture::{BrowserFixture, FixtureOptions, hosted_page_url};
use crate::happy_path::SLOW_MS;
use crate::requirement::runs_in;
use anyhow::Result;
use embark_tests::browser::BrowserKind;
use serde_json::{Value, json};

#[tokio::test]
async fn hosted_page_reloaded_during_signup_goes_on() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs DevTools to pause requests") {
        return Ok(());
    }
    let fixture = BrowserFixture::with(FixtureOptions::default())
        .await?
        .without_frame();
    fixture.goto(&hosted_page_url()).await?;
    let dom = fixture.until_state(&["ready"]).await?;
    dom.assert_text("Connect your WhatsApp number");
    fixture.screenshot("hosted").await?;

    let slow = json!({"path": "*/register", "kind": "latency", "ms": SLOW_MS});
    fixture.deployment.add_fault(slow).await?;
    fixture.click("embark-button").await?;
    let popup = fixture.popup().await?;
    popup.continue_to("PERMISSIONS").await?;
    fixture.pause_requests("*/outcome").await?;
    popup.finish().await?;
    fixture.until_state(&["sending"]).await?;
    fixture.screenshot("sending").await?;
    fixture.resume_requests().await?;
    fixture
        .until_dom("an active register step", |dom| {
            dom.step_state("register") == "active"
        })
        .await?;

    fixture.pause_requests("*/v1/signups/*").await?;
    fixture.reload().await?;
    fixture
        .until_state(&["resuming"])
        .await?
        .assert_text("Looking up where you left off");
    fixture.screenshot("resuming").await?;
    fixture.resume_requests().await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn tab_that_was_reloaded_for_a_new_build_may_be_reloaded_again() -> Result<()> {
    let fixture = BrowserFixture::with(FixtureOptions::default())
        .await?
        .without_frame();
    fixture.goto(&hosted_page_url()).await?;
    fixture.until_state(&["ready"]).await?;
    let mark = "sessionStorage['embark:reloaded'] = 1";
    fixture.run_on_page(mark).await?;
    fixture.reload().await?;
    fixture.until_state(&["ready"]).await?;
    let mark = "return sessionStorage['embark:reloaded'] ?? null";
    fixture.until_script_returns(mark, Value::Null).await
}

impl BrowserFixture {
    /// Pauses the page's requests to URLs that match this pattern.
    pub async fn pause_requests(&self, pattern: &str) -> Result<()> {
        self.enter_host_page().await?;
        let patterns = json!({"patterns": [{"urlPattern": pattern}]});
        self.browser.devtools("Fetch.enable", patterns).await?;
        Ok(())
    }

    pub async fn resume_requests(&self) -> Result<()> {
        self.enter_host_page().await?;
        self.browser.devtools("Fetch.disable", json!({})).await?;
        Ok(())
    }
}
