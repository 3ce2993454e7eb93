//! The hosted page, and states that the widget is in only while a request is pending.

use crate::fixture::{BrowserFixture, FixtureOptions, hosted_page_url};
use crate::requirement::runs_in;
use anyhow::Result;
use embark_tests::browser::BrowserKind;
use serde_json::json;

#[tokio::test]
async fn hosted_page_reloaded_after_signup_shows_connected() -> Result<()> {
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

    fixture.click("embark-button").await?;
    let popup = fixture.popup().await?;
    popup.continue_to("PERMISSIONS").await?;
    fixture.pause_requests("*/outcome").await?;
    popup.finish().await?;
    fixture.until_state(&["sending"]).await?;
    fixture.screenshot("sending").await?;
    fixture.resume_requests().await?;
    fixture.until_state(&["connected"]).await?;

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
