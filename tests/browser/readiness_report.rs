//! The readiness report after a signup: open checks, and how they are refreshed.

use crate::fixture::BrowserFixture;
use crate::widget_dom::WidgetDom;
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

#[tokio::test]
async fn open_checks_are_listed_and_can_be_refreshed() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture
        .connect_with_open_checks("Your number is connected. 4 things are left:")
        .await?;
    let lines = json!([
        ["embark-line-display_name", "problem"],
        ["embark-line-health", "problem"],
        ["embark-line-business_verification", "active"],
        ["embark-line-payment", "todo"],
    ]);
    fixture.until_report_lines(lines).await?;
    let dom = fixture.until_state(&["connected"]).await?;
    for words in [
        "Choose another display name in WhatsApp Manager",
        "Meta is still reviewing your business.",
        "Add a payment method in WhatsApp Manager",
        REASON,
    ] {
        dom.assert_text(words);
    }
    dom.assert_enabled("embark-check");
    let says_ready = dom.text.contains("ready for WhatsApp");
    assert!(!says_ready, "Meta blocks messages: {dom:#?}");
    fixture.screenshot("report").await?;

    // Text of Meta's is shown as text, even if it looks like markup.
    let markup = "<b>Nothing</b> of this is markup.";
    fixture
        .set_meta_status("VERIFIED", &health_blocked(markup))
        .await?;
    let paid = json!({"primary_funding_id": "1"});
    fixture.deployment.patch_sandbox(WABA, paid).await?;
    // A report is read from Meta again only when it is older than 30 s.
    sleep(Duration::from_secs(31)).await;
    fixture.click("embark-check").await?;
    let dom = fixture
        .until_dom("the refreshed report", |dom| dom.text.contains(markup))
        .await?;
    dom.assert_text("Check again");
    // That it was read is shown, also where nothing has changed.
    dom.assert_text("Last checked");
    assert!(!dom.text.contains("Add a payment method"), "{dom:#?}");
    let lines = json!([
        ["embark-line-display_name", "problem"],
        ["embark-line-health", "problem"],
    ]);
    fixture.until_report_lines(lines).await?;
    let events = fixture.events().await?;
    assert_eq!(events.names().last(), Some(&"connected"), "{events:#?}");
    fixture.assert_connected_once("6000000000000001").await
}

#[tokio::test]
async fn report_in_arabic_is_laid_out_right_to_left() -> Result<()> {
    let fixture = BrowserFixture::open("/?lang=ar").await?;
    fixture.connect_with_open_checks("أمور:").await?;
    fixture.screenshot("report_arabic").await
}

#[tokio::test]
async fn report_without_open_checks_lists_nothing() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    let paid = json!({"primary_funding_id": "1"});
    fixture.deployment.patch_sandbox(WABA, paid).await?;
    fixture.connect().await?;
    fixture.until_report_is_read().await?;
    fixture.until_report_lines(json!([])).await?;
    let dom = fixture.until_state(&["connected"]).await?;
    for heading in ["Next steps", "left:"] {
        assert!(!dom.text.contains(heading), "{dom:#?}");
    }
    Ok(())
}

impl BrowserFixture {
    /// Connects a number with open checks, and waits for the report with this heading.
    async fn connect_with_open_checks(&self, heading: &str) -> Result<()> {
        self.set_meta_status("PENDING", &health_blocked(REASON))
            .await?;
        let name = json!({"name_status": "DECLINED"});
        self.deployment
            .patch_sandbox("phones/6000000000000001", name)
            .await?;
        self.connect().await?;
        let listed = |dom: &WidgetDom| dom.text.contains(heading);
        self.until_dom(heading, listed).await?;
        Ok(())
    }

    async fn connect(&self) -> Result<()> {
        self.open_popup().await?.finish().await?;
        self.until_state(&["connected"]).await?;
        Ok(())
    }

    /// Sets the verification of the business, and the health status of account and number.
    async fn set_meta_status(&self, verification: &str, health: &Value) -> Result<()> {
        let business = json!({"business_verification_status": verification});
        self.deployment.patch_sandbox(WABA, business).await?;
        let health = json!({"health_status": health});
        self.deployment
            .patch_sandbox("phones/6000000000000001", health)
            .await
    }

    /// Waits until the Worker has read Meta's report and the widget had time to ask for it.
    async fn until_report_is_read(&self) -> Result<()> {
        self.until("the report's calls", async || {
            let calls = self.deployment.call_log().await?;
            let is_report = |call: &Value| call.to_string().contains("health_status");
            ensure!(calls.iter().any(is_report), "{calls:#?}");
            Ok(())
        })
        .await?;
        // The widget asks again every 3 s. That nothing is shown then cannot be awaited.
        sleep(Duration::from_secs(4)).await;
        Ok(())
    }

    /// Waits until the report has these lines: test id and state of each.
    async fn until_report_lines(&self, lines: Value) -> Result<()> {
        let script = "return [...document.querySelectorAll('.em-line')]
            .map((line) => [line.dataset.testid, line.dataset.state])";
        self.until_widget_script_returns(script, lines).await
    }
}

/// A health status in which Meta blocks messages for this reason.
fn health_blocked(reason: &str) -> Value {
    json!({"can_send_message": "BLOCKED", "entities": [{
        "entity_type": "WABA", "id": "5000000000000001", "can_send_message": "BLOCKED",
        "errors": [{"error_code": 141006, "error_description": reason, "possible_solution": ""}],
    }]})
}

const WABA: &str = "wabas/5000000000000001";
/// From <https://developers.facebook.com/documentation/business-messaging/whatsapp/support/health-status>.
const REASON: &str =
    "There is an error with the payment method. This will block business initiated conversations.";
