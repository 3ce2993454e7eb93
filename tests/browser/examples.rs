//! The unmodified pages of `www/examples`: plain HTML, React, Vue, and a page with a strict content security policy.

use crate::fixture::{BrowserFixture, FixtureOptions};
use anyhow::{Result, ensure};
use embark_tests::deployment::SHOP_ORIGIN;

#[tokio::test]
async fn html_example_connects() -> Result<()> {
    connects("html").await.map(|_| ())
}

#[tokio::test]
async fn react_example_toggled_keeps_signup() -> Result<()> {
    let fixture = connects("react").await?;
    toggle_element(&fixture).await
}

#[tokio::test]
async fn vue_example_toggled_keeps_signup() -> Result<()> {
    let fixture = connects("vue").await?;
    toggle_element(&fixture).await
}

#[tokio::test]
async fn strict_csp_example_has_no_violations() -> Result<()> {
    let fixture = connects("strict").await?;
    let console = fixture.browser.console().await;
    let violations: Vec<_> = console
        .iter()
        .filter(|line| line.contains("Content Security Policy") || line.contains("TrustedScript"))
        .collect();
    ensure!(violations.is_empty(), "{violations:#?}");
    Ok(())
}

/// Connects a number on an example's page, which shows the number from the `connected` event.
async fn connects(name: &str) -> Result<BrowserFixture> {
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    fixture
        .goto(&format!("{SHOP_ORIGIN}/examples/{name}/index.html"))
        .await?;
    fixture.open_popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    let number = "return document.getElementById('number').textContent";
    fixture
        .until_script_returns(number, "+1 631-555-0101")
        .await?;
    Ok(fixture)
}

/// The framework removes the element and adds it again; the widget is removed and restored with it.
async fn toggle_element(fixture: &BrowserFixture) -> Result<()> {
    let toggle = "document.getElementById('toggle').click()";
    fixture.run_on_page(toggle).await?;
    fixture
        .until_script_returns("return frames.length", 0)
        .await?;
    fixture.run_on_page(toggle).await?;
    // The widget restores the signup of this tab from the browser's session storage.
    fixture.until_state(&["connected", "ready"]).await?;
    Ok(())
}
