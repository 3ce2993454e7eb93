//! Meta's popup or Meta's SDK is blocked: the widget says so and offers another way.

use crate::fixture::{BrowserFixture, FixtureOptions, hosted_page_url};
use crate::widget_dom::WidgetDom;
use anyhow::Result;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::json;

#[tokio::test]
async fn popup_blocked_can_be_retried() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture.until_state(&["ready"]).await?;
    fixture
        .run_in_widget("window.originalOpen = window.open; window.open = () => null")
        .await?;
    fixture.click("embark-button").await?;

    let dom = fixture.until_state(&["popup_blocked"]).await?;
    dom.assert_text("Your browser blocked Meta’s window");
    dom.assert_enabled("embark-continue-link");
    dom.assert_enabled("embark-restart");
    fixture.screenshot("popup_blocked").await?;

    fixture
        .run_in_widget("window.open = window.originalOpen")
        .await?;
    fixture.click("embark-restart").await?;
    fixture.until_state(&["popup"]).await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn host_page_with_coop_continues_in_new_tab_and_gets_events() -> Result<()> {
    let fixture = BrowserFixture::open("/coop").await?;
    fixture.until_state(&["ready"]).await?;
    // A window that opens takes the focus, but not in a browser that a driver controls. Firefox runs a driver's scripts
    // apart from the page's: there the window counts as blocked, and the ways on are the same.
    let blur = "const { open } = window;
        window.open = (...args) => {
          setTimeout(() => dispatchEvent(new Event('blur')), 50);
          return open(...args);
        }";
    fixture.run_in_widget(blur).await?;
    fixture.click("embark-button").await?;
    let text = match fixture.browser.is_chromium() {
        true => "Close the Meta window if one opened",
        false => "Your browser blocked Meta’s window",
    };
    let offers_ways = |dom: &WidgetDom| dom.text.contains(text);
    fixture
        .until_dom("other ways to go on", offers_ways)
        .await?;
    // The popup did open; cross-origin-opener-policy cuts it off from the page.
    fixture.popup().await?.close().await?;

    fixture.click("embark-continue-link").await?;
    let host_page = fixture.switch_to_new_tab().await?;
    let dom = fixture.until_state(&["ready"]).await?;
    dom.assert_enabled("embark-button");
    // The URL holds no grant.
    let hosted = format!("{}?lang=en", hosted_page_url());
    fixture
        .until_script_returns("return location.href", hosted)
        .await?;
    fixture.click("embark-button").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;

    fixture.switch_to(host_page);
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    let events = fixture.events().await?;
    assert_eq!(
        events.only_detail("connected")["signup"],
        events.only_detail("launched")["signup"]
    );
    fixture
        .deployment
        .assert_calls("*/oauth/access_token", 1)
        .await?;
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn sdk_blocked_names_its_host_and_offers_other_ways() -> Result<()> {
    let options = FixtureOptions {
        sdk_blocked: true,
        ..FixtureOptions::default()
    };
    let fixture = BrowserFixture::with(options).await?;
    fixture.goto(SHOP_ORIGIN).await?;
    let dom = fixture.until_state(&["sdk_blocked"]).await?;
    dom.assert_text("Ad blockers");
    dom.assert_text("connect.facebook.net");
    dom.assert_enabled("embark-retry");
    dom.assert_enabled("embark-copy");
    fixture.screenshot("sdk_blocked").await?;
    let events = fixture.events().await?;
    assert_eq!(
        events.count("ready") + events.count("launched"),
        0,
        "{events:#?}"
    );
    // The hosted page needs no SDK; this page follows it.
    connect_on_the_hosted_page(&fixture).await?;
    let events = fixture.events().await?;
    assert_eq!(
        events.only_detail("connected")["signup"],
        events.only_detail("launched")["signup"]
    );
    fixture.deployment.assert_calls("*/register", 1).await
}

/// Goes on in the hosted page, where Meta's dialog takes its place, and comes back to this page, which follows it.
async fn connect_on_the_hosted_page(fixture: &BrowserFixture) -> Result<()> {
    fixture.click("embark-continue-link").await?;
    let host_page = fixture.switch_to_new_tab().await?;
    fixture.until_state(&["sdk_blocked"]).await?;
    fixture.click("embark-here").await?;
    fixture.meta_page().finish_in_place().await?;
    fixture.until_state(&["connected"]).await?;
    fixture.switch_to(host_page);
    fixture.until_state(&["connected"]).await?;
    Ok(())
}

#[tokio::test]
async fn sdk_blocked_on_inline_page_goes_on_in_the_hosted_page() -> Result<()> {
    let options = FixtureOptions {
        sdk_blocked: true,
        ..FixtureOptions::default()
    };
    let fixture = BrowserFixture::with(options).await?.without_frame();
    fixture.goto(&format!("{SHOP_ORIGIN}/?mode=inline")).await?;
    fixture.until_state(&["sdk_blocked"]).await?;
    connect_on_the_hosted_page(&fixture).await?;
    fixture.deployment.assert_calls("*/register", 1).await
}

#[tokio::test]
async fn sdk_slow_or_failing_loads_after_retry() -> Result<()> {
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    let slow = json!({"path": "*/sdk.js", "kind": "latency", "ms": 9_000});
    fixture.deployment.add_fault(slow).await?;
    let failing = json!({"path": "*/sdk.js", "kind": "status", "http": 503});
    fixture.deployment.add_fault(failing).await?;
    fixture.goto(SHOP_ORIGIN).await?;
    let dom = fixture.until_state(&["loading"]).await?;
    // Until then the button is a link to the hosted page.
    dom.assert_enabled("embark-button");
    fixture.screenshot("loading").await?;
    fixture.until_state(&["sdk_blocked"]).await?;
    fixture.click("embark-retry").await?;
    fixture
        .until_state(&["ready"])
        .await?
        .assert_enabled("embark-button");
    fixture.click("embark-button").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    Ok(())
}
