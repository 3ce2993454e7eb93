//! Every read of a page or a widget waits for what it reads. While a page navigates, loads or renders, a read fails (a
//! script throws; element, frame or window are gone): that means "not yet".

use crate::fixture::{BrowserFixture, WidgetLocation};
use crate::widget_dom::{READ_WIDGET, WidgetDom};
use anyhow::{Context, Error, Result, bail, ensure};
use fantoccini::Locator;
use fantoccini::elements::{Element, ElementRef};
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::wd::WindowHandle;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::sleep;

impl BrowserFixture {
    /// Repeats `read` until it succeeds; returns its value. `what` names what is awaited.
    ///
    /// # Errors
    /// It still fails after [`TIMEOUT`], or the browser is gone: the last error, and the state of widget, console and
    /// Worker.
    pub async fn until<T>(
        &self,
        what: &str,
        mut read: impl AsyncFnMut() -> Result<T>,
    ) -> Result<T> {
        let started = Instant::now();
        loop {
            match read().await {
                Ok(found) => return Ok(found),
                Err(error) if started.elapsed() > TIMEOUT || is_browser_gone(&error) => {
                    return self.timed_out(what, &error).await;
                }
                Err(_) => {
                    // What failed may be a frame or a window that is gone.
                    self.entered.take();
                    sleep(POLL_INTERVAL).await;
                }
            }
        }
    }

    /// Waits until the widget is in one of these states (`data-state`).
    pub async fn until_state(&self, states: &[&str]) -> Result<WidgetDom> {
        self.until_dom(&format!("{states:?}"), |dom| {
            states.contains(&dom.state.as_str())
        })
        .await
    }

    /// Waits until the widget is settled and satisfies `condition`; `what` names that in the error.
    pub async fn until_dom(
        &self,
        what: &str,
        condition: impl Fn(&WidgetDom) -> bool,
    ) -> Result<WidgetDom> {
        self.until(what, async || {
            let mut last = Value::Null;
            loop {
                ensure!(self.enter_widget().await?, "there is no frame");
                let script = format!("{READ_WIDGET} return nextReading(arguments[0]);");
                let reading = self
                    .browser
                    .client
                    .execute(&script, vec![last.clone()])
                    .await?;
                ensure!(reading.is_string() && reading != last, "it stays {last}");
                let dom: Option<WidgetDom> =
                    serde_json::from_str(reading.as_str().unwrap_or_default())?;
                last = reading;
                match dom {
                    Some(dom) if dom.settled && condition(&dom) => return Ok(dom),
                    _ => {}
                }
            }
        })
        .await
    }

    /// Waits until a script on the host page returns a value that satisfies `condition`; returns that value.
    pub async fn until_script(
        &self,
        script: &str,
        condition: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        self.until(script, async || {
            self.enter_host_page().await?;
            let value = self.browser.client.execute(script, vec![]).await?;
            ensure!(condition(&value), "it returns {value}");
            Ok(value)
        })
        .await
    }

    /// Waits until a script on the host page returns this.
    pub async fn until_script_returns(
        &self,
        script: &str,
        expected: impl Into<Value>,
    ) -> Result<()> {
        let expected = expected.into();
        let what = |value: &Value| *value == expected;
        self.until_script(script, what).await?;
        Ok(())
    }

    /// Waits until a script in the widget's document returns a value that satisfies `condition`; returns that value.
    pub async fn until_widget_script(
        &self,
        script: &str,
        condition: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        self.until(script, async || {
            ensure!(self.enter_widget().await?, "there is no frame");
            let value = self.browser.client.execute(script, vec![]).await?;
            ensure!(condition(&value), "it returns {value}");
            Ok(value)
        })
        .await
    }

    /// Waits until a script in the widget's document returns this.
    pub async fn until_widget_script_returns(
        &self,
        script: &str,
        expected: impl Into<Value>,
    ) -> Result<()> {
        let expected = expected.into();
        self.until_widget_script(script, |value| *value == expected)
            .await?;
        Ok(())
    }

    /// Runs a script in the host page's document; again if it throws, so it must not do that halfway. For what the
    /// page has or does already: a value that may come later is awaited by [`Self::until_script`].
    pub async fn run_on_page(&self, script: &str) -> Result<Value> {
        self.until_script(script, |_| true).await
    }

    /// The same in the widget's document.
    pub async fn run_in_widget(&self, script: &str) -> Result<Value> {
        self.until_widget_script(script, |_| true).await
    }

    /// Waits for a line in the browser's console that contains `text`.
    pub async fn until_console(&self, text: &str) -> Result<String> {
        let mut seen = Vec::new();
        self.until(text, async || {
            seen.extend(self.browser.console().await);
            let line = seen.iter().find(|line| line.contains(text));
            line.cloned()
                .with_context(|| format!("the console has {seen:#?}"))
        })
        .await
    }

    /// Waits until a button, link or field of the widget is enabled, and clicks it through WebDriver, which browsers
    /// treat as a user's gesture.
    pub async fn click(&self, test_id: &str) -> Result<()> {
        self.until_dom(&format!("{test_id} to be enabled"), |dom| {
            dom.is_enabled(test_id)
        })
        .await?;
        self.click_in_widget(&format!("[data-testid=\"{test_id}\"]"))
            .await
    }

    /// Waits for an element in the widget, and clicks it.
    pub async fn click_in_widget(&self, selector: &str) -> Result<()> {
        self.until(&format!("a click on {selector}"), async || {
            self.find_in_widget(selector).await?.click().await?;
            Ok(())
        })
        .await
    }

    /// Waits for an element of the host page, and clicks it.
    pub async fn click_on_page(&self, selector: &str) -> Result<()> {
        self.until(&format!("a click on {selector}"), async || {
            self.enter_host_page().await?;
            let element = self.browser.client.find(Locator::Css(selector)).await?;
            Ok(element.click().await?)
        })
        .await
    }

    /// Types into a field of the widget, in place of what it contains.
    pub async fn fill(&self, test_id: &str, text: &str) -> Result<()> {
        let selector = format!("[data-testid=\"{test_id}\"]");
        self.until(&format!("{test_id} to be filled in"), async || {
            let field = self.find_in_widget(&selector).await?;
            field.clear().await?;
            Ok(field.send_keys(text).await?)
        })
        .await
    }

    /// An element of the widget that is there now.
    pub async fn find_in_widget(&self, selector: &str) -> Result<Element> {
        ensure!(self.enter_widget().await?, "there is no frame");
        let selector = json!(selector);
        let script = format!("{READ_WIDGET} return widgetRoot()?.querySelector({selector});");
        let element = self.element_from_script(&script).await?;
        element.context("there is no such element")
    }

    /// What the widget shows now. `None` if it does not exist (yet).
    pub async fn widget_dom(&self) -> Result<Option<WidgetDom>> {
        if !self.enter_widget().await? {
            return Ok(None);
        }
        let script = format!("{READ_WIDGET} return readWidget();");
        // The script fails while the page navigates.
        let dom = self.browser.client.execute(&script, vec![]).await;
        Ok(serde_json::from_value(dom.unwrap_or_default())?)
    }

    /// Makes the widget's document the driver's current one. False if the widget's frame does not exist (yet).
    pub async fn enter_widget(&self) -> Result<bool> {
        let widget = self.location();
        if !widget.framed {
            self.enter_host_page().await?;
            return Ok(true);
        }
        if self.entered.borrow().as_ref() == Some(&widget) {
            return Ok(true);
        }
        let entered = self.enter_frame(FIND_FRAME).await?;
        self.entered.replace(entered.then_some(widget));
        Ok(entered)
    }

    /// Makes the document in the frame that a script on the host page returns the driver's current one. False if there is no
    /// such frame (yet).
    pub async fn enter_frame(&self, script: &str) -> Result<bool> {
        self.enter_host_page().await?;
        let Some(frame) = self.element_from_script(script).await? else {
            return Ok(false);
        };
        self.entered.take();
        Ok(frame.enter_frame().await.is_ok())
    }

    /// Makes the host page's document the driver's current one.
    pub async fn enter_host_page(&self) -> Result<()> {
        self.enter_window(self.page_window()).await
    }

    /// Makes the top-level document of a window the driver's current one.
    pub async fn enter_window(&self, window: WindowHandle) -> Result<()> {
        let client = &self.browser.client;
        let top = WidgetLocation {
            window,
            framed: false,
        };
        let entered = self.entered.take();
        let is_inside = match &entered {
            Some(entered) if *entered == top => true,
            // Cheaper than a switch to the window, which also brings it to the front. Fails if the frame is gone.
            Some(entered) if entered.window == top.window => {
                client.enter_parent_frame().await.is_ok()
            }
            _ => false,
        };
        if !is_inside {
            client.switch_to_window(top.window.clone()).await?;
        }
        self.entered.replace(Some(top));
        Ok(())
    }

    /// The element that a script returns now in the driver's current document; `None` if it returns none or fails.
    pub async fn element_from_script(&self, script: &str) -> Result<Option<Element>> {
        let client = &self.browser.client;
        let value = client.execute(script, vec![]).await.unwrap_or_default();
        let id = value[ELEMENT_KEY]
            .as_str()
            .map(|id| ElementRef::from(id.to_owned()));
        Ok(id.map(|id| Element::from_element_id(client.clone(), id)))
    }

    /// The error of a wait for `what`: the last read's error, and the state of widget, console and Worker.
    async fn timed_out<T>(&self, what: &str, last: &Error) -> Result<T> {
        let dom = self.widget_dom().await;
        let console = self.browser.console().await;
        let recent = console.iter().rev().take(12).rev();
        let recent: Vec<&str> = recent.map(String::as_str).collect();
        let windows = self.browser.client.windows().await.map(|all| all.len());
        let log = self.deployment.workerd.log();
        bail!(
            "waited for {what}: {last:#}; windows: {windows:?}; widget: {dom:#?}\nconsole:\n{}\nWorker:\n{log}",
            recent.join("\n")
        )
    }
}

/// Whether no later read can succeed: the session has ended, or the driver does not answer.
fn is_browser_gone(error: &Error) -> bool {
    match error.downcast_ref::<CmdError>() {
        Some(CmdError::Standard(error)) => error.error == ErrorStatus::InvalidSessionId,
        Some(CmdError::Failed(_) | CmdError::FailedC(_) | CmdError::Lost(_)) => true,
        _ => false,
    }
}

const FIND_FRAME: &str =
    "return document.querySelector('embark-signup')?.shadowRoot?.querySelector('iframe')";
/// The key of an element's id in JSON, see <https://www.w3.org/TR/webdriver2/#elements>.
const ELEMENT_KEY: &str = "element-6066-11e4-a52e-4f735466cecf";
/// Enough for a machine that is ten times slower than usual.
pub const TIMEOUT: Duration = Duration::from_secs(120);
pub const POLL_INTERVAL: Duration = Duration::from_millis(60);
