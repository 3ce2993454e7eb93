//! Meta's window, and a person clicking through it.

use crate::scene::{LOOK, PATIENCE, Scene};
use anyhow::{Result, bail};
use fantoccini::Locator;
use fantoccini::elements::Element;
use fantoccini::wd::WindowHandle;
use serde_json::Value;
use std::time::Instant;
use tokio::time::sleep;

pub struct Popup<'s> {
    scene: &'s Scene,
    window: WindowHandle,
}

impl Scene {
    /// The window that has come up beside the page.
    pub async fn popup(&self) -> Result<Popup<'_>> {
        let window = self.new_window().await?;
        Ok(Popup {
            scene: self,
            window,
        })
    }

    /// Meta's page in place of ours.
    pub fn meta_here(&self) -> Popup<'_> {
        let window = self.window();
        Popup {
            scene: self,
            window,
        }
    }
}

impl Popup<'_> {
    /// Presses a button or picks a choice.
    pub async fn press(&self, test_id: &str) -> Result<()> {
        self.press_one_of(&[test_id]).await?;
        Ok(())
    }

    /// Presses "Continue" up to this screen.
    pub async fn up_to(&self, step: &str) -> Result<()> {
        let here = format!("[data-testid=screen][data-step=\"{step}\"]");
        self.enter().await?;
        let client = &self.scene.chrome.client;
        while client.find(Locator::Css(&here)).await.is_err() {
            self.press("continue").await?;
        }
        Ok(())
    }

    /// Goes on with what is preselected, to the end.
    pub async fn finish(&self) -> Result<()> {
        self.to_the_end().await?;
        self.gone().await
    }

    /// The same where Meta's page is no popup, and stays.
    pub async fn to_the_end(&self) -> Result<()> {
        while self.press_one_of(&["finish", "continue"]).await? != "finish" {}
        Ok(())
    }

    /// Leaves at this screen.
    pub async fn cancel_at(&self, step: &str) -> Result<()> {
        self.up_to(step).await?;
        self.press("cancel").await?;
        self.gone().await
    }

    /// What stands in a field, once it is there.
    pub async fn value(&self, test_id: &str) -> Result<Option<String>> {
        self.enter().await?;
        let client = &self.scene.chrome.client;
        let css = format!("[data-testid=\"{test_id}\"]");
        let field = client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(&css));
        Ok(field.await?.prop("value").await?)
    }

    /// Runs a script of Meta's page.
    pub async fn run(&self, script: &str) -> Result<Value> {
        self.enter().await?;
        Ok(self.scene.chrome.client.execute(script, vec![]).await?)
    }

    /// Closes the window from outside.
    pub async fn close(&self) -> Result<()> {
        self.enter().await?;
        self.scene.chrome.client.close_window().await?;
        self.gone().await
    }

    /// Waits until the window is closed.
    pub async fn gone(&self) -> Result<()> {
        let started = Instant::now();
        while self
            .scene
            .chrome
            .client
            .windows()
            .await?
            .contains(&self.window)
        {
            if started.elapsed() > PATIENCE {
                self.enter().await?;
                bail!(
                    "the window stays: {}",
                    self.scene.chrome.client.source().await?
                );
            }
            sleep(LOOK).await;
        }
        Ok(())
    }

    /// Goes to the window.
    pub async fn enter(&self) -> Result<()> {
        let window = self.window.clone();
        Ok(self.scene.chrome.client.switch_to_window(window).await?)
    }

    async fn press_one_of<'i>(&self, test_ids: &[&'i str]) -> Result<&'i str> {
        self.enter().await?;
        let client = &self.scene.chrome.client;
        let started = Instant::now();
        loop {
            for test_id in test_ids {
                let css = format!("[data-testid=\"{test_id}\"]");
                if let Ok(button) = client.find(Locator::Css(&css)).await {
                    self.leave_by(&button).await?;
                    return Ok(test_id);
                }
            }
            if started.elapsed() > PATIENCE {
                bail!("none of {test_ids:?} in {}", client.source().await?);
            }
            sleep(LOOK).await;
        }
    }

    /// Presses; a button leads away from its screen, so waits until that is gone.
    async fn leave_by(&self, element: &Element) -> Result<()> {
        let client = &self.scene.chrome.client;
        let leads_away = element.tag_name().await? == "button";
        client.execute("window.here = true", vec![]).await?;
        // The last press closes the window, sometimes before the driver has its answer.
        if let Err(error) = element.click().await
            && client.windows().await?.contains(&self.window)
        {
            return Err(error.into());
        }
        let started = Instant::now();
        while leads_away && client.windows().await?.contains(&self.window) {
            let here = client.execute("return window.here ?? false", vec![]).await;
            if here.is_ok_and(|here| here == false) {
                break;
            }
            if started.elapsed() > PATIENCE {
                bail!("the screen stays: {}", client.source().await?);
            }
            sleep(LOOK).await;
        }
        Ok(())
    }
}
