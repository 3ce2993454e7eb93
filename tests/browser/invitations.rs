//! The link of an invitation, opened by the customer and by somebody else.

use crate::fixture::{BrowserFixture, FixtureOptions};
use anyhow::{Context, Result};
use serde_json::{Value, json};

#[tokio::test]
async fn invitation_used_admits_only_the_browser_that_began() -> Result<()> {
    let fixture = BrowserFixture::with(FixtureOptions::default())
        .await?
        .without_frame();
    let created = fixture
        .deployment
        .admin_post("sites/acme/invitations", &json!({}))
        .await?;
    let created: Value = serde_json::from_str(&created.text().await?)?;
    let url = created["url"].as_str().context("no URL")?;
    fixture.goto(url).await?;
    fixture.until_state(&["ready"]).await?;
    fixture.goto(url).await?;
    fixture
        .until_state(&["ready"])
        .await?
        .assert_enabled("embark-button");
    fixture.click("embark-button").await?;
    let popup = fixture.popup().await?;
    popup.cancel_at("PHONE_NUMBER_SETUP").await?;
    fixture.until_state(&["cancelled"]).await?;

    // Another tab has its own session storage, like the browser of another person.
    fixture.browser.open_tab().await?;
    let first_tab = fixture.switch_to_new_tab().await?;
    fixture.goto(url).await?;
    let dom = fixture.until_state(&["stopped"]).await?;
    dom.assert_text("The invitation was already used.");
    assert!(!dom.is_enabled("embark-button"), "{dom:#?}");
    fixture.screenshot("invitation_used").await?;

    // The tab that began continues, also after navigation.
    fixture.switch_to(first_tab);
    fixture.goto(url).await?;
    fixture
        .until_state(&["ready"])
        .await?
        .assert_enabled("embark-button");
    fixture.click("embark-button").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    fixture.goto(url).await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}
