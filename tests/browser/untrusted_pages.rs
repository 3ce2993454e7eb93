//! Hostile frames and pages, and pages where the widget may not or cannot run.

use crate::fixture::{BrowserFixture, FixtureOptions, hosted_page_url};
use crate::requirement::runs_in;
use anyhow::{Context, Result, ensure};
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::SHOP_ORIGIN;
use fantoccini::Locator;
use serde_json::{Value, json};

#[tokio::test]
async fn forged_messages_in_frame_mode_are_ignored() -> Result<()> {
    let fixture = BrowserFixture::open("/?hostile=1").await?;
    fixture.until_state(&["ready"]).await?;
    until_forged_messages(&fixture).await?;
    // The host page can post to the widget's frame directly; other frames reach it only through the page.
    fixture.run_on_page(FORGE_TO_WIDGET).await?;
    let dom = fixture.until_state(&["ready"]).await?;
    dom.assert_enabled("embark-button");
    let height = "return document.querySelector('embark-signup').getBoundingClientRect().height";
    let height = fixture.run_on_page(height).await?;
    assert!(
        height.as_f64().is_some_and(|height| height < 200.0),
        "{height}"
    );

    fixture
        .deployment
        .set_rules(json!({"ids": "never"}))
        .await?;
    fixture.click("embark-button").await?;
    let popup = fixture.popup().await?;
    popup.continue_to("PERMISSIONS").await?;
    fixture.run_on_page(FORGE_TO_WIDGET).await?;
    until_forged_messages(&fixture).await?;
    assert_eq!(fixture.until_state(&["popup"]).await?.state, "popup");
    popup.finish().await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    until_forged_messages(&fixture).await?;
    assert_only_genuine_events(&fixture).await?;
    fixture.assert_connected_once("6000000000000001").await
}

#[tokio::test]
async fn forged_messages_in_window_mode_are_ignored() -> Result<()> {
    let fixture = BrowserFixture::open("/?mode=window&hostile=1").await?;
    fixture.until_event("ready").await?;
    let href = "return document.querySelector('embark-signup').href";
    let is_genuine = |href: &Value| {
        href.as_str()
            .is_some_and(|href| href.starts_with(&hosted_page_url()))
    };
    fixture.until_script(href, is_genuine).await?;
    until_forged_messages(&fixture).await?;
    let href = fixture.run_on_page(href).await?;
    assert!(is_genuine(&href), "{href}");
    // The person clicked nothing.
    assert_eq!(fixture.events().await?.names(), ["ready"]);
    Ok(())
}

#[tokio::test]
async fn forged_messages_in_inline_mode_are_ignored() -> Result<()> {
    let fixture = BrowserFixture::open("/?mode=inline&hostile=1")
        .await?
        .without_frame();
    fixture
        .deployment
        .set_rules(json!({"ids": "never"}))
        .await?;
    fixture.until_state(&["ready"]).await?;
    until_forged_messages(&fixture).await?;
    let popup = fixture.open_popup().await?;
    popup.continue_to("PERMISSIONS").await?;
    until_forged_messages(&fixture).await?;
    assert_eq!(fixture.until_state(&["popup"]).await?.state, "popup");
    popup.finish().await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    until_forged_messages(&fixture).await?;
    assert_only_genuine_events(&fixture).await?;
    fixture.assert_connected_once("6000000000000001").await
}

#[tokio::test]
async fn unlisted_origin_gets_plain_link() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "needs DevTools to click a link in a shadow root",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::with(FixtureOptions::default())
        .await?
        .without_frame();
    fixture.goto("https://rival.example/").await?;
    let link = until_fallback_link(&fixture).await?;
    assert_eq!(
        link["href"],
        "https://signup.partner.example/go/acme?lang=en"
    );
    assert_eq!(link["rel"], "noopener");
    fixture.screenshot_page("fallback_link").await?;

    // The hosted page is on the Worker's own origin, which no site has to list.
    fixture.click_fallback_link().await?;
    fixture.switch_to_new_tab().await?;
    fixture
        .until_state(&["ready"])
        .await?
        .assert_enabled("embark-button");
    Ok(())
}

#[tokio::test]
async fn isolated_or_sandboxed_page_gets_plain_link() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: the fallback link is not part of a signup",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::open("/isolated").await?.without_frame();
    until_fallback_link(&fixture).await?;
    fixture.goto(&format!("{SHOP_ORIGIN}/sandboxed")).await?;
    let link =
        "return document.querySelector('embark-signup')?.shadowRoot?.querySelector('a')?.href";
    fixture
        .until("a link in the sandboxed frame", async || {
            ensure!(fixture.enter_frame(FIRST_FRAME).await?, "no frame");
            let link = fixture.browser.client.execute(link, vec![]).await?;
            ensure!(link == format!("{}?lang=en", hosted_page_url()), "{link}");
            Ok(())
        })
        .await
}

#[tokio::test]
async fn frame_page_on_other_site_is_refused() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs the browser's console") {
        return Ok(());
    }
    let fixture = BrowserFixture::with(FixtureOptions::default())
        .await?
        .without_frame();
    fixture.goto("https://evil.example/framing").await?;
    let refused = fixture.until_console("frame-ancestors").await?;
    assert!(refused.contains("https://shop.example"), "{refused}");
    ensure!(fixture.enter_frame(FIRST_FRAME).await?, "no frame");
    let launch = fixture
        .browser
        .client
        .find(Locator::Id("embark-launch"))
        .await;
    assert!(launch.is_err(), "the frame page was rendered");
    Ok(())
}

impl BrowserFixture {
    /// Clicks by coordinates: chromedriver cannot click an element of a shadow root.
    async fn click_fallback_link(&self) -> Result<()> {
        let place =
            "const link = document.querySelector('embark-signup').shadowRoot.querySelector('a');
            const { x, y, width, height } = link.getBoundingClientRect();
            return [x + width / 2, y + height / 2]";
        let [x, y]: [f64; 2] = serde_json::from_value(self.run_on_page(place).await?)?;
        for kind in ["mousePressed", "mouseReleased"] {
            let input = json!({"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1});
            self.browser
                .devtools("Input.dispatchMouseEvent", input)
                .await?;
        }
        Ok(())
    }
}

/// Waits until the page got every message of `evil.html` several times more.
async fn until_forged_messages(fixture: &BrowserFixture) -> Result<()> {
    let before = fixture
        .until_script("return window.__forgedCount", Value::is_u64)
        .await?;
    let before = before.as_u64().context("no count on this page")?;
    let many_more = |count: &Value| count.as_u64() >= Some(before + 120);
    fixture
        .until_script("return window.__forgedCount", many_more)
        .await?;
    let many_kinds = |count: &Value| count.as_u64() >= Some(40);
    fixture
        .until_script("return window.__forgedMessages.size", many_kinds)
        .await?;
    Ok(())
}

/// Asserts that the host page got each event of the real signup once and no other, and no forged content.
async fn assert_only_genuine_events(fixture: &BrowserFixture) -> Result<()> {
    fixture.until_state(&["connected"]).await?;
    let events = fixture.events().await?;
    for name in ["needsinput", "cancelled", "failed"] {
        assert_eq!(events.count(name), 0, "{events:#?}");
    }
    for name in ["ready", "launched", "connected"] {
        assert_eq!(events.count(name), 1, "{events:#?}");
    }
    let injected = "return document.querySelector('embark-signup').shadowRoot.querySelectorAll('a, img, b').length";
    assert_eq!(fixture.run_on_page(injected).await?, 0);
    Ok(())
}

/// Waits for the link that the loader shows in place of the widget.
async fn until_fallback_link(fixture: &BrowserFixture) -> Result<Value> {
    let script = "const link = document.querySelector('embark-signup')?.shadowRoot?.querySelector('a');
        return link?.checkVisibility() ? { href: link.href, rel: link.rel, text: link.textContent } : null;";
    fixture.until_script(script, |link| !link.is_null()).await
}

const FORGE_TO_WIDGET: &str = r#"
  const frame = document.querySelector("embark-signup").shadowRoot.querySelector("iframe").contentWindow;
  const data = { waba_id: "5000000000000009", phone_number_id: "6000000000000009" };
  const meta = (event) => JSON.stringify({ type: "WA_EMBEDDED_SIGNUP", event, version: "3", data });
  for (const message of [meta("FINISH"), meta("CANCEL"), JSON.parse(meta("FINISH")), "cb=f1&relation=opener&code=FORGED"])
    frame.postMessage(message, "*");
"#;

const FIRST_FRAME: &str = "return document.querySelector('iframe')";
