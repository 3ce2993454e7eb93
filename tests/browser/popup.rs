//! Meta's popup, and what a person does in it.

use crate::fixture::BrowserFixture;
use anyhow::{Context, Result, anyhow, bail, ensure};
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, Locator};
use serde_json::Value;

/// A window with Meta's page.
pub struct Popup<'f> {
    fixture: &'f BrowserFixture,
    window: WindowHandle,
}

impl BrowserFixture {
    /// Waits for a popup.
    pub async fn popup(&self) -> Result<Popup<'_>> {
        let window = self.wait_for_new_window().await?;
        Ok(Popup {
            fixture: self,
            window,
        })
    }

    /// Clicks the widget's button once it is ready, and waits for the popup.
    pub async fn open_popup(&self) -> Result<Popup<'_>> {
        self.until_state(&["ready"]).await?;
        self.click("embark-button").await?;
        self.popup().await
    }

    /// Meta's page in the window of the hosted page, after a redirect.
    pub fn meta_page(&self) -> Popup<'_> {
        let window = self.page_window();
        Popup {
            fixture: self,
            window,
        }
    }
}

impl Popup<'_> {
    /// Clicks a button or a choice.
    pub async fn click(&self, test_id: &str) -> Result<()> {
        self.click_first_of(&[test_id]).await?;
        Ok(())
    }

    /// Clicks several in turn.
    pub async fn click_all(&self, test_ids: &[&str]) -> Result<()> {
        for test_id in test_ids {
            self.click(test_id).await?;
        }
        Ok(())
    }

    /// Clicks "Continue" until this screen is shown.
    pub async fn continue_to(&self, step: &str) -> Result<()> {
        let shown = "return document.querySelector('[data-testid=screen]').dataset.step";
        while self.text_from_script(shown).await? != step {
            self.click("continue").await?;
        }
        Ok(())
    }

    /// Accepts what is preselected on every screen, and waits until the popup has closed.
    pub async fn finish(&self) -> Result<()> {
        self.finish_in_place().await?;
        self.wait_until_closed().await
    }

    /// The same for Meta's page after a redirect, which navigates back and does not close.
    pub async fn finish_in_place(&self) -> Result<()> {
        while self.click_first_of(&["finish", "continue"]).await? != "finish" {}
        Ok(())
    }

    /// Cancels on this screen.
    pub async fn cancel_at(&self, step: &str) -> Result<()> {
        self.continue_to(step).await?;
        self.click("cancel").await?;
        self.wait_until_closed().await
    }

    /// Waits for a field and returns its value.
    pub async fn field_value(&self, test_id: &str) -> Result<String> {
        let selector = css_selector(test_id);
        let field = format!("return document.querySelector('{selector}').value");
        self.text_from_script(&field).await
    }

    /// Waits until a script in Meta's page returns a text. While the window navigates, drivers may return null.
    async fn text_from_script(&self, script: &str) -> Result<String> {
        let read = async || {
            self.enter().await?;
            let value = self.client().execute(script, vec![]).await?;
            let text = value.as_str().context("it returns no text")?;
            Ok(text.to_owned())
        };
        self.fixture.until(script, read).await
    }

    /// Runs a script in Meta's page; again if it throws, as on a page that is not complete yet.
    pub async fn run_script(&self, script: &str) -> Result<Value> {
        let run = async || {
            self.enter().await?;
            Ok(self.client().execute(script, vec![]).await?)
        };
        self.fixture.until(script, run).await
    }

    /// Closes the window, as the person does by the window's own button.
    pub async fn close(&self) -> Result<()> {
        self.enter().await?;
        self.client().close_window().await?;
        self.wait_until_closed().await
    }

    pub async fn wait_until_closed(&self) -> Result<()> {
        let look = async || {
            if self.is_open().await? {
                self.enter().await?;
                bail!("it shows {}", self.client().source().await?);
            }
            Ok(())
        };
        self.fixture.until("Meta's window to close", look).await
    }

    /// Makes the window the driver's current one.
    pub async fn enter(&self) -> Result<()> {
        let window = self.window.clone();
        self.fixture.enter_window(window).await
    }

    fn client(&self) -> &Client {
        &self.fixture.browser.client
    }

    async fn is_open(&self) -> Result<bool> {
        Ok(self.client().windows().await?.contains(&self.window))
    }

    /// Waits until one of these elements exists, and clicks it; returns its test id. If it is a button, waits until the
    /// next screen has replaced this one or the window has closed.
    async fn click_first_of<'i>(&self, test_ids: &[&'i str]) -> Result<&'i str> {
        let what = format!("a click on one of {test_ids:?}");
        let click = async || {
            self.enter().await?;
            let client = self.client();
            for test_id in test_ids {
                let selector = css_selector(test_id);
                let Ok(element) = client.find(Locator::Css(&selector)).await else {
                    continue;
                };
                let changes_screen = element.tag_name().await? == "button";
                client.execute("window.sameScreen = true", vec![]).await?;
                // The last click closes the window, sometimes before the driver has its reply.
                if let Err(error) = element.click().await
                    && self.is_same_screen().await
                {
                    return Err(error.into());
                }
                return Ok((*test_id, changes_screen));
            }
            let source = client.source().await;
            Err(source.map_or_else(Into::into, |source| anyhow!("none of them in {source}")))
        };
        let (test_id, changes_screen) = self.fixture.until(&what, click).await?;
        let next = async || {
            let is_next = !changes_screen || !self.is_same_screen().await;
            ensure!(is_next || !self.is_open().await?, "the screen stays");
            Ok(())
        };
        self.fixture.until("Meta's next screen", next).await?;
        Ok(test_id)
    }

    /// Whether the screen is still that of the last click. False also if the window shows none or has closed.
    async fn is_same_screen(&self) -> bool {
        let script = "return window.sameScreen ?? false";
        let same_screen = self.client().execute(script, vec![]).await;
        same_screen.is_ok_and(|same_screen| same_screen == true)
    }
}

fn css_selector(test_id: &str) -> String {
    format!("[data-testid=\"{test_id}\"]")
}
