//! A signup by keyboard with screen-reader announcements, focus management, and reduced motion.

use crate::fixture::{BrowserFixture, FixtureOptions};
use crate::requirement::runs_in;
use crate::widget_dom::WidgetDom;
use anyhow::Result;
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::{Value, json};

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
    fixture.until_announced("Go on in Meta’s window").await?;
    fixture.popup().await?.finish().await?;

    fixture.until_input("pin").await?;
    fixture.until_focused("embark-input-pin").await?;
    fixture.send_keys(&format!("111111{ENTER}")).await?;
    let pin_error = |dom: &WidgetDom| dom.text.contains("2 tries left.");
    fixture.until_dom("an error message", pin_error).await?;
    // The field is marked invalid and refers to the error message.
    let field = "const field = document.activeElement; const describedBy = field.getAttribute('aria-describedby');
        return [field.ariaInvalid, document.getElementById(describedBy)?.textContent]";
    let invalid = json!(["true", "This PIN is not right. 2 tries left."]);
    fixture.until_widget_script_returns(field, invalid).await?;
    fixture
        .send_keys(&format!("{CONTROL}a{RELEASE}482916{ENTER}"))
        .await?;
    fixture.until_state(&["connected"]).await?;
    fixture.until_focused("em-title").await?;
    fixture.until_announced("You’re connected").await
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
    let moving =
        "return document.getAnimations().filter((one) => one.playState === 'running').length";
    fixture.until_widget_script_returns(moving, 0).await?;
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
        let script = "const focused = document.activeElement; return `${focused.dataset.testid} ${focused.className}`";
        self.until_widget_script(script, |focused| contains(focused, expected))
            .await?;
        Ok(())
    }

    /// Waits until the live region, which screen readers announce, contains this text.
    async fn until_announced(&self, text: &str) -> Result<()> {
        let script = "return document.querySelector('[role=status]').textContent";
        self.until_widget_script(script, |announced| contains(announced, text))
            .await?;
        Ok(())
    }
}

fn contains(value: &Value, text: &str) -> bool {
    value.as_str().is_some_and(|value| value.contains(text))
}

// Key codes of WebDriver, see <https://www.w3.org/TR/webdriver2/#keyboard-actions>.
const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const CONTROL: &str = "\u{E009}";
const RELEASE: &str = "\u{E000}";
