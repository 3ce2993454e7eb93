//! A signup continues after a reload of its page, and by its resume link.

use crate::fixture::{BrowserFixture, hosted_page_url};
use crate::happy_path::SLOW_MS;
use crate::widget_dom::WidgetDom;
use anyhow::{Context, Result};
use serde_json::{Value, json};

#[tokio::test]
async fn page_reloaded_during_run_continues_run() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture.until_state(&["ready"]).await?;
    let slow = json!({"path": "*/register", "kind": "latency", "ms": SLOW_MS});
    fixture.deployment.add_fault(slow).await?;
    fixture.click("embark-button").await?;
    fixture.popup().await?.finish().await?;
    fixture
        .until_dom("an active register step", |dom| {
            dom.step_state("register") == "active"
        })
        .await?;

    fixture.reload().await?;
    let dom = fixture.until_state(&["running", "connected"]).await?;
    assert!(!dom.text.contains("Connect WhatsApp"), "{dom:#?}");
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("+1 631-555-0101");
    let events = fixture.events().await?;
    assert_eq!(
        events.count("launched"),
        0,
        "no launch after the reload: {events:#?}"
    );
    assert_eq!(
        events.only_detail("connected")["phone_number_id"],
        "6000000000000001"
    );
    fixture
        .deployment
        .assert_calls("*/oauth/access_token", 1)
        .await?;
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn page_reloaded_during_popup_offers_same_signup_again() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    let popup = fixture.open_popup().await?;
    popup.continue_to("PHONE_NUMBER_SETUP").await?;
    fixture.reload().await?;
    fixture
        .until_state(&["popup_lost"])
        .await?
        .assert_text("Meta remembers what you entered");
    popup.close().await?;

    fixture.click("embark-restart").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    fixture.assert_connected_once("6000000000000001").await
}

#[tokio::test]
async fn resume_link_without_page_state_asks_for_input_again() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture.set_existing_pin("482916").await?;
    fixture.open_popup().await?.finish().await?;
    fixture
        .until_input("pin")
        .await?
        .assert_enabled("embark-later");
    fixture.screenshot("needs_input_pin").await?;
    fixture.click("embark-later").await?;
    let copied = |dom: &WidgetDom| dom.text.contains("Copied");
    fixture.until_dom("a copied link", copied).await?;
    let link = "return document.querySelector('[data-testid=embark-later]').href";
    let link = fixture.until_widget_script(link, Value::is_string).await?;
    let link = link.as_str().context("no link")?;
    // As in another browser: nothing is left but the link.
    fixture.goto("about:blank").await?;
    fixture.browser.open_tab().await?;
    fixture.switch_to_new_tab().await?;
    fixture.goto(link).await?;
    let dom = fixture.until_state(&["asking"]).await?;
    dom.assert_text("begun in another browser, for shop.example");
    fixture.screenshot("asking").await?;
    fixture.click("embark-join").await?;
    fixture
        .until_input("pin")
        .await?
        .assert_text("two-step verification");
    // The URL holds no grant.
    fixture
        .until_script_returns("return location.href", hosted_page_url())
        .await?;
    fixture.fill("embark-input-pin", "482916").await?;
    fixture.click("embark-submit").await?;
    fixture.until_state(&["connected"]).await?;
    // The link still works after the end.
    fixture.goto(link).await?;
    fixture.click("embark-join").await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    fixture.deployment.assert_calls("*/register", 1).await?;
    fixture
        .deployment
        .assert_calls("*/oauth/access_token", 1)
        .await?;
    Ok(())
}
