//! A signup by keyboard with screen-reader announcements, focus management, and reduced motion.

use crate::fixture::{BrowserFixture, FixtureOptions, POLL_INTERVAL, TIMEOUT};
use crate::requirement::runs_in;
use crate::widget_dom::WidgetDom;
use anyhow::{Result, ensure};
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::json;
use std::time::Instant;
use tokio::time::sleep;

#[tokio::test]
async fn signup_by_keyboard_alone_connects_number() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "geckodriver's Tab key does not move the focus from the page into the frame",
    ) {
        return Ok(());
    }
    let fixture = BrowserFixture::open("/").await?;
    fixture.set_existing_pin("482916").await?;
    fixture.until_state(&["ready"]).await?;
    fixture.enter_host_page().await?;
    fixture.send_keys(TAB).await?;
    fixture.until_focused("embark-button").await?;
    fixture.send_keys(ENTER).await?;
    fixture.until_state(&["popup"]).await?;
    fixture.until_focused("em-title").await?;
    fixture.assert_announced("Go on in Meta’s window").await?;
    fixture.popup().await?.finish().await?;

    fixture.until_input("pin").await?;
    fixture.until_focused("embark-input-pin").await?;
    fixture.send_keys(&format!("111111{ENTER}")).await?;
    let pin_error = |dom: &WidgetDom| dom.text.contains("2 tries left.");
    fixture.until_dom("an error message", pin_error).await?;
    // The field is marked invalid and refers to the error message.
    let field = fixture
        .run_in_widget(
            "const field = document.activeElement; const describedBy = field.getAttribute('aria-describedby');
             return [field.ariaInvalid, document.getElementById(describedBy)?.textContent]",
        )
        .await?;
    assert_eq!(
        field,
        json!(["true", "This PIN is not right. 2 tries left."])
    );
    fixture
        .send_keys(&format!("{CONTROL}a{RELEASE}482916{ENTER}"))
        .await?;
    fixture.until_state(&["connected"]).await?;
    fixture.until_focused("em-title").await?;
    fixture.assert_announced("You’re connected").await
}

#[tokio::test]
async fn reduced_motion_preference_stops_animations() -> Result<()> {
    let options = FixtureOptions {
        reduced_motion: true,
        ..FixtureOptions::default()
    };
    let fixture = BrowserFixture::with(options).await?;
    fixture.goto(SHOP_ORIGIN).await?;
    fixture.until_state(&["ready"]).await?;
    fixture.click("embark-button").await?;
    fixture.until_state(&["popup"]).await?;
    let moving = fixture
        .run_in_widget(
            "return document.getAnimations().filter((one) => one.playState === 'running').length",
        )
        .await?;
    assert_eq!(moving, 0);
    Ok(())
}

impl BrowserFixture {
    /// Sends key presses to the focused element.
    async fn send_keys(&self, keys: &str) -> Result<()> {
        let focused = self.browser.client.active_element().await?;
        Ok(focused.send_keys(keys).await?)
    }

    /// Waits until the focused element of the widget has this test id or class.
    async fn until_focused(&self, expected: &str) -> Result<()> {
        let started = Instant::now();
        let script = "const focused = document.activeElement; return `${focused.dataset.testid} ${focused.className}`";
        loop {
            let focused = self.run_in_widget(script).await?;
            if focused
                .as_str()
                .is_some_and(|names| names.contains(expected))
            {
                return Ok(());
            }
            ensure!(started.elapsed() < TIMEOUT, "the focus is on {focused}");
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Asserts that the live region, which screen readers announce, contains this text.
    async fn assert_announced(&self, text: &str) -> Result<()> {
        let script = "return document.querySelector('[role=status]').textContent";
        let announced = self.run_in_widget(script).await?;
        ensure!(
            announced
                .as_str()
                .is_some_and(|announced| announced.contains(text)),
            "{announced}"
        );
        Ok(())
    }
}

// Key codes of WebDriver, see <https://www.w3.org/TR/webdriver2/#keyboard-actions>.
const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const CONTROL: &str = "\u{E009}";
const RELEASE: &str = "\u{E000}";
