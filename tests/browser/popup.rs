//! Meta's popup, and what a person does in it.

use crate::fixture::{BrowserFixture, POLL_INTERVAL, TIMEOUT};
use anyhow::{Result, bail};
use fantoccini::elements::Element;
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, Locator};
use serde_json::Value;
use std::time::Instant;
use tokio::time::sleep;

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
        let screen = format!("[data-testid=screen][data-step=\"{step}\"]");
        self.enter().await?;
        while self.client().find(Locator::Css(&screen)).await.is_err() {
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
    pub async fn field_value(&self, test_id: &str) -> Result<Option<String>> {
        self.enter().await?;
        let selector = css_selector(test_id);
        let field = self
            .client()
            .wait()
            .at_most(TIMEOUT)
            .for_element(Locator::Css(&selector));
        Ok(field.await?.prop("value").await?)
    }

    /// Runs a script in Meta's page.
    pub async fn run_script(&self, script: &str) -> Result<Value> {
        self.enter().await?;
        Ok(self.client().execute(script, vec![]).await?)
    }

    /// Closes the window, as the person does by the window's own button.
    pub async fn close(&self) -> Result<()> {
        self.enter().await?;
        self.client().close_window().await?;
        self.wait_until_closed().await
    }

    pub async fn wait_until_closed(&self) -> Result<()> {
        let started = Instant::now();
        while self.is_open().await? {
            if started.elapsed() > TIMEOUT {
                self.enter().await?;
                bail!("the window stays: {}", self.client().source().await?);
            }
            sleep(POLL_INTERVAL).await;
        }
        Ok(())
    }

    /// Makes the window the driver's current one.
    pub async fn enter(&self) -> Result<()> {
        let window = self.window.clone();
        Ok(self.client().switch_to_window(window).await?)
    }

    fn client(&self) -> &Client {
        &self.fixture.browser.client
    }

    async fn is_open(&self) -> Result<bool> {
        Ok(self.client().windows().await?.contains(&self.window))
    }

    /// Waits until one of these elements exists, and clicks it; returns its test id.
    async fn click_first_of<'i>(&self, test_ids: &[&'i str]) -> Result<&'i str> {
        self.enter().await?;
        let started = Instant::now();
        loop {
            for test_id in test_ids {
                let selector = css_selector(test_id);
                if let Ok(element) = self.client().find(Locator::Css(&selector)).await {
                    self.click_and_wait(&element).await?;
                    return Ok(test_id);
                }
            }
            if started.elapsed() > TIMEOUT {
                let source = self.client().source().await?;
                bail!("none of {test_ids:?} in {source}");
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Clicks; if it is a button, waits until the next screen has replaced this one or the window has closed.
    async fn click_and_wait(&self, element: &Element) -> Result<()> {
        let client = self.client();
        let changes_screen = element.tag_name().await? == "button";
        client.execute("window.sameScreen = true", vec![]).await?;
        // The last click closes the window, sometimes before the driver has its reply.
        if let Err(error) = element.click().await
            && self.is_open().await?
        {
            return Err(error.into());
        }
        let started = Instant::now();
        while changes_screen && self.is_open().await? {
            let script = "return window.sameScreen ?? false";
            let same_screen = client.execute(script, vec![]).await;
            if same_screen.is_ok_and(|same_screen| same_screen == false) {
                break;
            }
            if started.elapsed() > TIMEOUT {
                bail!("the screen stays: {}", client.source().await?);
            }
            sleep(POLL_INTERVAL).await;
        }
        Ok(())
    }
}

fn css_selector(test_id: &str) -> String {
    format!("[data-testid=\"{test_id}\"]")
}
