//! Meta refuses or rate-limits a call, a code has expired, the Worker cannot be reached, files do not load.

use crate::fixture::{BrowserFixture, FixtureOptions, hosted_page_url};
use crate::happy_path::SLOW_MS;
use crate::requirement::runs_in;
use anyhow::Result;
use embark_tests::browser::BrowserKind;
use serde_json::json;

#[tokio::test]
async fn register_rate_limited_shows_countdown_and_connects() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    let pause = json!({"path": "*/register", "kind": "error", "http": 400, "code": 133009,
        "message": "Two step verification PIN guessed too fast", "details": "Please try again after 20 seconds."});
    fixture.deployment.add_fault(pause).await?;
    fixture.open_popup().await?.finish().await?;
    fixture
        .until_state(&["waiting"])
        .await?
        .assert_text("Next try in 0:");
    fixture.screenshot("waiting").await?;
    fixture.until_state(&["connected"]).await?;
    fixture.assert_connected_once("6000000000000001").await
}

#[tokio::test]
async fn register_refused_shows_remedy_and_reference() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    let refusal = json!({"path": "*/register", "kind": "error", "http": 403, "code": 131031, "times": null,
        "message": "Business Account locked"});
    fixture.deployment.add_fault(refusal).await?;
    fixture.open_popup().await?.finish().await?;
    let dom = fixture.until_state(&["failed"]).await?;
    dom.assert_text("This did not work");
    dom.assert_text("Reference for support:");
    dom.assert_enabled("embark-restart");
    fixture.screenshot("failed").await?;
    let events = fixture.events().await?;
    let failed = events.only_detail("failed");
    assert!(
        failed["code"].is_string() && failed["remedy"].is_string(),
        "{failed}"
    );
    let trace = failed["fbtrace_id"].as_str().unwrap_or("none");
    dom.assert_text(trace);
    Ok(())
}

#[tokio::test]
async fn code_expired_relaunches_same_signup() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture
        .deployment
        .set_rules(json!({"code_ttl_s": 0}))
        .await?;
    fixture.open_popup().await?.finish().await?;
    let dom = fixture.until_state(&["relaunch"]).await?;
    dom.assert_text("Back to Meta, once more");
    dom.assert_enabled("embark-restart");
    fixture.screenshot("relaunch").await?;

    fixture
        .deployment
        .set_rules(json!({"code_ttl_s": 30}))
        .await?;
    fixture.click("embark-restart").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    let events = fixture.events().await?;
    let signups: Vec<_> = events
        .details("launched")
        .map(|detail| detail["signup"].clone())
        .collect();
    assert_eq!(signups.len(), 2);
    assert_eq!(signups[0], signups[1]);
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn worker_down_at_finish_gets_code_after_restart() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture.until_state(&["ready"]).await?;
    fixture.click("embark-button").await?;
    fixture.finish_while_worker_is_down().await?;
    fixture.deployment.workerd.restart().await?;
    fixture.until_state(&["connected"]).await?;
    fixture.assert_connected_once("6000000000000001").await
}

#[tokio::test]
async fn hosted_page_loaded_partially_retries_by_itself() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs DevTools to block URLs") {
        return Ok(());
    }
    let fixture = BrowserFixture::with(FixtureOptions::default())
        .await?
        .without_frame();
    fixture.goto("about:blank").await?;
    fixture
        .browser
        .devtools("Network.enable", json!({}))
        .await?;
    let blocked = json!({"urls": ["*widget.wasm*", "*locales/*"]});
    fixture
        .browser
        .devtools("Network.setBlockedURLs", blocked)
        .await?;
    fixture.goto(&hosted_page_url()).await?;
    // The first attempt has failed.
    let attempts = "return performance.getEntriesByType('resource')
        .filter((one) => one.name.includes('widget.wasm') && one.responseEnd > 0).length";
    fixture
        .until_script(attempts, |count| count.as_u64() > Some(0))
        .await?;
    let dom = fixture.until_state(&["loading"]).await?;
    dom.assert_enabled("embark-button");
    fixture
        .browser
        .devtools("Network.setBlockedURLs", json!({"urls": []}))
        .await?;
    fixture.until_state(&["ready"]).await?;
    Ok(())
}

#[tokio::test]
async fn worker_down_during_run_shows_no_connection_and_recovers() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    let slow = json!({"path": "*/register", "kind": "latency", "ms": SLOW_MS});
    fixture.deployment.add_fault(slow).await?;
    fixture.open_popup().await?.finish().await?;
    fixture
        .until_dom("an active register step", |dom| {
            dom.step_state("register") == "active"
        })
        .await?;
    fixture.deployment.workerd.kill().await?;
    let dom = fixture
        .until_dom("a connection error", |dom| {
            dom.text.contains("No connection.")
        })
        .await?;
    dom.assert_enabled("embark-retry");
    fixture.screenshot("trouble").await?;
    fixture.deployment.workerd.restart().await?;
    fixture.click("embark-retry").await?;
    let dom = fixture.until_state(&["connected"]).await?;
    assert!(!dom.text.contains("No connection."), "{dom:#?}");
    fixture.assert_connected_once("6000000000000001").await
}

impl BrowserFixture {
    /// The person finishes at Meta while the Worker is down: the code stays in the page, which keeps sending it.
    pub async fn finish_while_worker_is_down(&self) -> Result<()> {
        let popup = self.popup().await?;
        popup.continue_to("PERMISSIONS").await?;
        self.deployment.workerd.kill().await?;
        popup.finish().await?;
        self.until_state(&["sending"]).await?;
        Ok(())
    }
}
