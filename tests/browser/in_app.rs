//! Where Meta's window cannot report back or does not open, its dialog could not come back, or the connection is lost:
//! the person is told, and gets another way.

use crate::fixture::{BrowserFixture, FixtureOptions, hosted_page_url};
use crate::requirement::runs_in;
use anyhow::Result;
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::{Value, json};

#[tokio::test]
async fn in_app_browser_connects_through_the_redirect() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs another user agent") {
        return Ok(());
    }
    let options = FixtureOptions {
        user_agent: Some(INSTAGRAM),
        page_size: Some((390, 700)),
        ..FixtureOptions::default()
    };
    let fixture = BrowserFixture::with(options).await?;
    // The one view of the app: what it opens takes its place.
    let script = json!({"source": "window.open = (url) => { top.location.href = url }"});
    fixture
        .browser
        .devtools("Page.addScriptToEvaluateOnNewDocument", script)
        .await?;
    fixture.goto(SHOP_ORIGIN).await?;
    fixture.until_state(&["ready"]).await?;
    // The button of the frame leads to the hosted page, whose button leads to Meta.
    fixture.click("embark-button").await?;
    fixture.set_framed(false);
    let is_hosted = |url: &Value| url.to_string().contains("/go/acme");
    fixture
        .until_script("return location.href", is_hosted)
        .await?;
    fixture.until_state(&["ready"]).await?;
    let sdk = "return document.querySelector('#facebook-jssdk')";
    assert_eq!(fixture.run_on_page(sdk).await?, Value::Null);
    fixture.click("embark-button").await?;
    fixture.meta_page().finish_in_place().await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn hosted_page_without_cookies_says_so_before_it_leaves() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "needs DevTools to switch cookies off",
    ) {
        return Ok(());
    }
    let options = FixtureOptions {
        user_agent: Some(INSTAGRAM),
        ..FixtureOptions::default()
    };
    let fixture = BrowserFixture::with(options).await?.without_frame();
    fixture.goto(&hosted_page_url()).await?;
    fixture.until_state(&["ready"]).await?;
    let cookies = |disabled: bool| json!({ "disabled": disabled });
    let command = "Emulation.setDocumentCookieDisabled";
    fixture.browser.devtools(command, cookies(true)).await?;
    fixture.click("embark-button").await?;
    let dom = fixture.until_state(&["cookies_off"]).await?;
    dom.assert_text("Cookies are switched off");
    dom.assert_enabled("embark-copy");
    fixture.screenshot("cookies_off").await?;
    fixture.browser.devtools(command, cookies(false)).await?;
    fixture.click("embark-here").await?;
    fixture.meta_page().finish_in_place().await?;
    fixture.until_state(&["connected"]).await?;
    Ok(())
}

#[tokio::test]
async fn sdk_without_window_offers_another_way() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture.until_state(&["ready"]).await?;
    // As where the app does not list the page's domain.
    let refusing = "FB.login = (answer) => answer({ authResponse: null, status: 'unknown' })";
    fixture.run_in_widget(refusing).await?;
    fixture.click("embark-button").await?;
    let dom = fixture.until_state(&["no_window"]).await?;
    dom.assert_text("without opening a window");
    fixture.screenshot("no_window").await?;
    fixture.click("embark-continue-link").await?;
    let host_page = fixture.switch_to_new_tab().await?;
    fixture.open_popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    fixture.switch_to(host_page);
    fixture.until_state(&["connected"]).await?;
    fixture.assert_connected_once("6000000000000001").await
}

#[tokio::test]
async fn code_without_a_connection_says_how_long_there_is() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "needs DevTools to cut the connection",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::with(FixtureOptions::default())
        .await?
        .without_frame();
    fixture.goto(&hosted_page_url()).await?;
    let popup = fixture.open_popup().await?;
    popup.continue_to("PERMISSIONS").await?;
    fixture.set_offline(true).await?;
    popup.finish().await?;
    let offline = |dom: &crate::widget_dom::WidgetDom| dom.text.contains("No connection");
    let dom = fixture.until_dom("no connection", offline).await?;
    assert_eq!(dom.state, "sending");
    dom.assert_text("or the last step has to be repeated");
    fixture.set_offline(false).await?;
    fixture.until_state(&["connected"]).await?;
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

impl BrowserFixture {
    /// Cuts the page's connection to everything.
    async fn set_offline(&self, offline: bool) -> Result<()> {
        self.enter_host_page().await?;
        let conditions = json!({"offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1});
        self.browser.devtools("Network.enable", json!({})).await?;
        self.browser
            .devtools("Network.emulateNetworkConditions", conditions)
            .await?;
        Ok(())
    }
}

/// Instagram's browser on an iPhone.
const INSTAGRAM: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 380.0.0.28.84 (iPhone15,3; iOS 18_5)";
