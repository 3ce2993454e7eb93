//! What a tab remembers belongs to one customer: a partner's portal shows the settings of several in one tab.
//! Also: an element that is moved while Meta's window is open.

use crate::fixture::{BrowserFixture, FixtureOptions};
use crate::happy_path::SLOW_MS;
use anyhow::{Context, Result};
use embark_tests::deployment::SHOP_ORIGIN;
use reqwest::Url;
use serde_json::json;

#[tokio::test]
async fn connected_signup_is_not_shown_to_the_next_customer_of_the_tab() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture.open_popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    // Another customer's settings, with the same tag.
    fixture.reload().await?;
    let dom = fixture.until_state(&["ready"]).await?;
    assert!(!dom.text.contains("Lucky Shrub"), "{dom:#?}");
    let events = fixture.events().await?;
    assert_eq!(events.count("connected"), 0, "{events:#?}");
    Ok(())
}

#[tokio::test]
async fn unfinished_signup_is_restored_for_its_reference_only() -> Result<()> {
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    let slow = json!({"path": "*/register", "kind": "latency", "ms": SLOW_MS});
    fixture.deployment.add_fault(slow).await?;
    fixture.open_customer("shop 1 \u{fc}").await?;
    fixture.open_popup().await?.finish().await?;
    fixture
        .until_dom("an active register step", |dom| {
            dom.step_state("register") == "active"
        })
        .await?;
    let launched = fixture.until_event("launched").await?;

    fixture.open_customer("shop 2").await?;
    fixture.until_state(&["ready"]).await?;
    // The same page shows another customer.
    let reference = "document.querySelector('embark-signup').dataset.reference = 'shop 1 \u{fc}'";
    fixture.run_on_page(reference).await?;
    fixture.until_state(&["running", "connected"]).await?;
    let connected = fixture.until_event("connected").await?;
    assert_eq!(connected["signup"], launched["signup"]);
    assert_eq!(connected["restored"], true);
    fixture.open_customer("shop 1 \u{fc}").await?;
    fixture.until_state(&["ready"]).await?;
    assert_eq!(fixture.events().await?.count("connected"), 0);
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn element_moved_while_the_window_is_open_goes_on_with_its_signup() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    let popup = fixture.open_popup().await?;
    popup.continue_to("PHONE_NUMBER_SETUP").await?;
    let launched = fixture.until_event("launched").await?;
    let moved = "document.body.prepend(document.querySelector('embark-signup'))";
    fixture.run_on_page(moved).await?;
    let dom = fixture.until_state(&["popup_lost"]).await?;
    dom.assert_text("its answer cannot arrive here any more");
    fixture.screenshot("popup_lost").await?;
    popup.close().await?;
    fixture.click("embark-restart").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    let connected = fixture.until_event("connected").await?;
    assert_eq!(connected["signup"], launched["signup"]);
    assert_eq!(connected["restored"], true);
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

impl BrowserFixture {
    /// Opens the settings of one customer of the portal.
    async fn open_customer(&self, reference: &str) -> Result<()> {
        let body = format!(
            r#"<script src="https://signup.partner.example/embark.js"></script>
               <embark-signup data-site="acme" data-reference="{reference}"></embark-signup>"#
        );
        let page = format!("{SHOP_ORIGIN}/page");
        let url = Url::parse_with_params(&page, [("body", body)]).context("no URL")?;
        self.goto(url.as_str()).await
    }
}
