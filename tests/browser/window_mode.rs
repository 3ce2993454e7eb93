//! Window mode: the host page's own button opens the hosted page in a window, and the host page gets its events.
//! Also link mode, and a host page with an SDK of its own.

use crate::fixture::{BrowserFixture, hosted_page_url};
use crate::requirement::runs_in;
use anyhow::{Context, Result};
use embark_tests::browser::BrowserKind;
use serde_json::{Value, json};

#[tokio::test]
async fn cancel_in_window_is_reported_to_host_page() -> Result<()> {
    let fixture = BrowserFixture::open("/?mode=window").await?;
    fixture.click_host_button().await?;
    let host_page = fixture.switch_to_new_tab().await?;
    let popup = fixture.open_popup().await?;
    popup.cancel_at("PHONE_NUMBER_SETUP").await?;
    let dom = fixture.until_state(&["cancelled"]).await?;
    dom.assert_text("You left while adding your phone number.");

    let window = fixture.switch_to(host_page.clone());
    let cancelled = fixture.until_event("cancelled").await?;
    assert_eq!(cancelled["reason"], "cancelled");
    assert_eq!(cancelled["step"], "PHONE_NUMBER_SETUP");

    // The signup continues in the window; the host page gets its end.
    fixture.switch_to(window);
    fixture.click("embark-restart").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    fixture.switch_to(host_page);
    let connected = fixture.until_event("connected").await?;
    assert_eq!(connected["signup"], cancelled["signup"]);
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn window_closed_reopens_same_signup_and_used_link_starts_another() -> Result<()> {
    let fixture = BrowserFixture::open("/?mode=window").await?;
    // The element may be missing while the page loads.
    let href = "return document.querySelector('embark-signup')?.href ?? null";
    let has_handover = |href: &Value| href.to_string().contains("#embark=");
    let used_link = fixture.until_script(href, has_handover).await?;
    fixture.click_host_button().await?;
    let host_page = fixture.switch_to_new_tab().await?;
    fixture
        .open_popup()
        .await?
        .cancel_at("PHONE_NUMBER_SETUP")
        .await?;
    fixture.until_state(&["cancelled"]).await?;
    fixture.browser.client.close_window().await?;
    fixture.switch_to(host_page.clone());
    let signup = fixture.until_event("cancelled").await?["signup"].clone();
    let signup = signup.as_str().context("no signup")?;
    fixture
        .until_script(href, |href| has_handover(href) && *href != used_link)
        .await?;

    // Another window with the used link gets a signup of its own.
    fixture.browser.open_tab().await?;
    fixture.switch_to_new_tab().await?;
    fixture.goto(used_link.as_str().context("no link")?).await?;
    fixture.click("embark-join").await?;
    fixture.until_state(&["ready"]).await?;
    fixture.click("embark-button").await?;
    fixture.until_state(&["popup"]).await?;
    let of_this_site = |stored: &Value| stored.to_string().contains("embark:acme");
    let stored = fixture
        .until_script("return JSON.stringify(sessionStorage)", of_this_site)
        .await?;
    assert!(!stored.to_string().contains(signup), "{stored}");
    fixture.popup().await?.close().await?;

    // The host page's button opens the signup that was begun.
    fixture.switch_to(host_page.clone());
    fixture.click_host_button().await?;
    fixture.switch_to_new_tab().await?;
    fixture.open_popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    fixture.switch_to(host_page);
    assert_eq!(fixture.until_event("connected").await?["signup"], signup);
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn host_button_with_and_without_coop_connects_and_gets_events() -> Result<()> {
    for path in ["/?mode=window", "/coop?mode=window"] {
        let fixture = BrowserFixture::open(path).await?;
        fixture.click_host_button().await?;
        fixture
            .until_script_returns("return window.__launchResult", true)
            .await?;
        let host_page = fixture.switch_to_new_tab().await?;
        fixture.until_state(&["ready"]).await?;
        // The URL holds no grant.
        let hosted = format!("{}?lang=en", hosted_page_url());
        fixture
            .until_script_returns("return location.href", hosted)
            .await?;
        fixture.click("embark-button").await?;
        fixture.popup().await?.finish().await?;
        fixture.until_state(&["connected"]).await?;

        fixture.switch_to(host_page);
        let connected = fixture.until_event("connected").await?;
        assert_eq!(connected["phone_number_id"], "6000000000000001");
        let events = fixture.events().await?;
        assert_eq!(
            events.only_detail("launched")["signup"],
            connected["signup"]
        );
        assert!(events.count("progress") > 0, "{events:#?}");
        let shown =
            "const frame = document.querySelector('embark-signup').shadowRoot.firstElementChild;
            return [frame.checkVisibility(), document.querySelector('#facebook-jssdk') !== null]";
        fixture
            .until_script_returns(shown, json!([false, false]))
            .await?;
        fixture.deployment.assert_calls("*/register", 1).await?;

        // After the end, the button starts another signup.
        let signup = connected["signup"].as_str().context("no signup")?;
        // The element may be missing while the page loads.
        let href = "return document.querySelector('embark-signup')?.href ?? null";
        fixture
            .until_script(href, |href| !href.to_string().contains(signup))
            .await?;
        fixture.click_host_button().await?;
        fixture.switch_to_new_tab().await?;
        fixture
            .until_state(&["ready"])
            .await?
            .assert_enabled("embark-button");
    }
    Ok(())
}

#[tokio::test]
async fn isolated_page_host_button_still_opens_hosted_page() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "geckodriver does not always list a window that an isolated page opened",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::open("/isolated?mode=window").await?;
    // This page gets no event of the widget.
    let loaded = "return typeof window.embark?.launch";
    fixture.until_script_returns(loaded, "function").await?;
    fixture.click_on_page("#own").await?;
    fixture.switch_to_new_tab().await?;
    fixture
        .until_state(&["ready"])
        .await?
        .assert_enabled("embark-button");
    Ok(())
}

#[tokio::test]
async fn host_page_facebook_sdk_is_not_initialized() -> Result<()> {
    let fixture = BrowserFixture::open("/?mode=inline&facebook=1").await?;
    // The widget is in a frame, where it loads an SDK of its own.
    fixture.until_state(&["ready"]).await?;
    let init_called = "return window.__initCalled ?? null";
    assert_eq!(fixture.run_on_page(init_called).await?, Value::Null);
    fixture.click("embark-button").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    fixture.assert_connected_once("6000000000000001").await
}

#[tokio::test]
async fn link_mode_shows_only_a_link() -> Result<()> {
    let fixture = BrowserFixture::open("/?mode=link").await?.without_frame();
    let link =
        "return document.querySelector('embark-signup')?.shadowRoot?.querySelector('a')?.href";
    let hosted = format!("{}?lang=en&mode=link", hosted_page_url());
    fixture.until_script(link, |link| *link == hosted).await?;
    let frame = "return document.querySelector('embark-signup').shadowRoot.querySelector('iframe')";
    assert_eq!(fixture.run_on_page(frame).await?, Value::Null);
    Ok(())
}

impl BrowserFixture {
    /// Clicks the host page's button once the page got the `ready` event.
    async fn click_host_button(&self) -> Result<()> {
        self.until_event("ready").await?;
        self.click_on_page("#own").await
    }
}
