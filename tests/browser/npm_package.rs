//! Pages that are bundled with the npm package, as it is installed from its tarball: the main module, the component for
//! React (under StrictMode, with the current and the oldest React that it takes), and the one for Vue.

use crate::fixture::{BrowserFixture, FixtureOptions};
use anyhow::{Result, ensure};
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::{Value, json};

#[tokio::test]
async fn npm_module_loaded_twice_connects_once() -> Result<()> {
    let fixture = open("module").await?;
    connect(&fixture).await?;
    toggle(&fixture).await
}

#[tokio::test]
async fn npm_component_for_react_in_strict_mode_connects_once() -> Result<()> {
    let fixture = open("react").await?;
    assert_ref_and_latest_listeners(&fixture, "19.").await?;
    connect(&fixture).await?;
    fixture
        .until_script_returns("return react.called", 2)
        .await?;
    toggle(&fixture).await
}

#[tokio::test]
async fn npm_component_for_react_18_is_shown_once() -> Result<()> {
    let fixture = open("react18").await?;
    assert_ref_and_latest_listeners(&fixture, "18.").await?;
    toggle(&fixture).await
}

#[tokio::test]
async fn npm_plugin_for_vue_connects_once() -> Result<()> {
    let fixture = open("vue").await?;
    connect(&fixture).await?;
    toggle(&fixture).await
}

/// Opens a page, and waits for its button, which is there once.
async fn open(page: &str) -> Result<BrowserFixture> {
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    fixture.goto(&format!("{SHOP_ORIGIN}/npm/{page}")).await?;
    fixture
        .until_state(&["ready"])
        .await?
        .assert_enabled("embark-button");
    fixture.until_script_returns(SHOWN, shown_once()).await?;
    Ok(fixture)
}

/// The ref is the element, and a listener that was replaced is not called any more.
async fn assert_ref_and_latest_listeners(fixture: &BrowserFixture, version: &str) -> Result<()> {
    let react = fixture.run_on_page("return react").await?;
    let is_version = |text: &str| text.starts_with(version);
    ensure!(react["version"].as_str().is_some_and(is_version), "{react}");
    ensure!(react["ref"] == "embark-signup", "{react}");
    ensure!(react["called"] == 1, "the event `ready`: {react}");
    fixture.run_on_page("react.render(2)").await?;
    fixture
        .until_script_returns("return react.rendering", 2)
        .await?;
    Ok(())
}

/// Connects a number. The page's listeners get each event once, and its policy names the Worker for frames alone.
async fn connect(fixture: &BrowserFixture) -> Result<()> {
    fixture.open_popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    let number = "return document.getElementById('number').textContent";
    fixture
        .until_script_returns(number, "+1 631-555-0101")
        .await?;
    fixture.assert_connected_once("6000000000000001").await?;
    let received = "return JSON.stringify(received) === JSON.stringify(
        __events.map((event) => ({ ...event, target: 'embark-signup' })))";
    fixture.until_script_returns(received, true).await?;
    fixture
        .until_script_returns("return __violations", json!([]))
        .await?;
    Ok(())
}

/// The application removes the element, with everything in it, and shows it again.
async fn toggle(fixture: &BrowserFixture) -> Result<()> {
    let toggle = "document.getElementById('toggle').click()";
    fixture.run_on_page(toggle).await?;
    fixture.until_script_returns(SHOWN, json!([])).await?;
    fixture
        .until_script_returns("return frames.length", 0)
        .await?;
    fixture.run_on_page(toggle).await?;
    fixture.until_state(&["connected", "ready"]).await?;
    fixture.until_script_returns(SHOWN, shown_once()).await
}

/// What the page has of the element: its class, and its frames.
const SHOWN: &str = "return [...document.querySelectorAll('embark-signup')].map((element) => [
    element.className, element.parentNode.id, element.shadowRoot.querySelectorAll('iframe').length])";

fn shown_once() -> Value {
    json!([["connect", "root", 1]])
}
