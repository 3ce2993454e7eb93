//! A browser on a page of the customer's, in front of a deployment under production-like host names.

use crate::widget_dom::{READ_WIDGET, WidgetDom};
use anyhow::{Context, Result, bail};
use embark_tests::browser::{Browser, BrowserOptions};
use embark_tests::deployment::{PUBLIC_ORIGIN, SHOP_ORIGIN};
use embark_tests::website::Website;
use embark_tests::{Deployment, start_browser};
use fantoccini::elements::{Element, ElementRef};
use fantoccini::wd::WindowHandle;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::sleep;

pub struct BrowserFixture {
    pub deployment: Deployment,
    pub browser: Browser,
    /// Of the page, in CSS pixels.
    pub page_size: (u32, u32),
    /// The widget that the methods below read and click.
    location: RefCell<WidgetLocation>,
    /// Windows that are pages of the customer's or of the Worker, not popups of Meta's.
    pages: RefCell<Vec<WindowHandle>>,
    _website: Website,
    _slot: SemaphorePermit<'static>,
}

#[derive(Clone)]
pub struct WidgetLocation {
    pub window: WindowHandle,
    /// Whether it is in the loader's frame; else it is in the page's own document.
    pub framed: bool,
}

#[derive(Default)]
pub struct FixtureOptions {
    /// The person prefers dark colours.
    pub dark: bool,
    /// Deploys the build with the feature `local`, for [`Deployment::advance_clock`].
    pub local_build: bool,
    /// The host name of Meta's SDK does not resolve, as behind an ad blocker.
    pub sdk_blocked: bool,
    /// Files of an older build, by their names in the build's folder.
    pub old_files: Vec<(&'static str, PathBuf)>,
    /// The person prefers reduced motion.
    pub reduced_motion: bool,
    /// Of the page, in CSS pixels; `None` for 720 × 640.
    pub page_size: Option<(u32, u32)>,
}

impl BrowserFixture {
    /// Opens a page of the shop; `path` as in [`embark_tests::website`].
    pub async fn open(path: &str) -> Result<Self> {
        let fixture = Self::with(FixtureOptions::default()).await?;
        fixture.goto(&format!("{SHOP_ORIGIN}{path}")).await?;
        Ok(fixture)
    }

    /// A browser on an empty page.
    pub async fn with(options: FixtureOptions) -> Result<Self> {
        let slot = BROWSER_SLOTS.acquire().await?;
        let deployment = match options.local_build {
            true => Deployment::start_tls_local().await?,
            false => Deployment::start_tls(&options.old_files).await?,
        };
        let certificate = deployment.certificate.as_ref().context("no certificate")?;
        let website = Website::start(certificate)?;
        let meta = deployment.sandbox.tls_port().context("no TLS port")?;
        let mut hosts = vec![
            ("signup.partner.example", deployment.workerd.port),
            ("shop.example", website.port),
            ("rival.example", website.port),
            ("evil.example", website.port),
            ("*.facebook.com", meta),
        ];
        if !options.sdk_blocked {
            hosts.push(("connect.facebook.net", meta));
        }
        let browser = start_browser(&BrowserOptions {
            spki_sha256: &certificate.spki_sha256,
            hosts: &hosts,
            dark: options.dark,
            reduced_motion: options.reduced_motion,
        })
        .await?;
        let window = browser.client.window().await?;
        let fixture = Self {
            location: RefCell::new(WidgetLocation {
                window: window.clone(),
                framed: true,
            }),
            pages: RefCell::new(vec![window]),
            deployment,
            browser,
            page_size: options.page_size.unwrap_or((720, 640)),
            _website: website,
            _slot: slot,
        };
        let (width, height) = fixture.page_size;
        fixture.resize(width, height).await?;
        Ok(fixture)
    }

    pub async fn goto(&self, url: &str) -> Result<()> {
        self.browser.client.goto(url).await?;
        Ok(())
    }

    /// For pages with the widget in their own document: inline mode and the hosted page.
    pub fn without_frame(self) -> Self {
        self.set_framed(false);
        self
    }

    /// Sets [`WidgetLocation::framed`].
    pub fn set_framed(&self, framed: bool) {
        self.location.borrow_mut().framed = framed;
    }

    /// Waits for a new tab and makes the widget on it the current one; returns the previous location.
    pub async fn switch_to_new_tab(&self) -> Result<WidgetLocation> {
        let window = self.wait_for_new_window().await?;
        self.pages.borrow_mut().push(window.clone());
        let framed = false;
        Ok(self.location.replace(WidgetLocation { window, framed }))
    }

    /// Makes another widget the current one; returns the previous location.
    pub fn switch_to(&self, location: WidgetLocation) -> WidgetLocation {
        self.location.replace(location)
    }

    /// The window of the current widget's page.
    pub fn page_window(&self) -> WindowHandle {
        self.location.borrow().window.clone()
    }

    /// Waits for a window that is not one of `pages`.
    pub async fn wait_for_new_window(&self) -> Result<WindowHandle> {
        let started = Instant::now();
        loop {
            let windows = self.browser.client.windows().await?;
            let pages = self.pages.borrow().clone();
            if let Some(window) = windows.into_iter().find(|one| !pages.contains(one)) {
                return Ok(window);
            }
            if started.elapsed() > TIMEOUT {
                let dom = self.widget_dom().await?;
                return self.timed_out("a new window", &dom).await;
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Makes the widget's document the driver's current one. False if the widget's frame does not exist (yet).
    pub async fn enter_widget(&self) -> Result<bool> {
        self.enter_host_page().await?;
        if !self.location.borrow().framed {
            return Ok(true);
        }
        match self.element_from_script(FIND_FRAME).await? {
            Some(frame) => Ok(frame.enter_frame().await.is_ok()),
            None => Ok(false),
        }
    }

    /// Makes the host page's document the driver's current one.
    pub async fn enter_host_page(&self) -> Result<()> {
        // Switching to a window selects its top-level document.
        let window = self.page_window();
        Ok(self.browser.client.switch_to_window(window).await?)
    }

    /// What the widget shows. `None` if it does not exist (yet).
    pub async fn widget_dom(&self) -> Result<Option<WidgetDom>> {
        if !self.enter_widget().await? {
            return Ok(None);
        }
        let script = format!("{READ_WIDGET} return readWidget();");
        // The script fails while the page navigates.
        let dom = self.browser.client.execute(&script, vec![]).await;
        Ok(serde_json::from_value(dom.unwrap_or_default())?)
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
        let started = Instant::now();
        loop {
            let dom = self.widget_dom().await?;
            match dom {
                Some(dom) if dom.settled && condition(&dom) => return Ok(dom),
                dom if started.elapsed() > TIMEOUT => return self.timed_out(what, &dom).await,
                _ => sleep(POLL_INTERVAL).await,
            }
        }
    }

    /// Clicks through WebDriver, which browsers treat as a user's gesture.
    pub async fn click(&self, test_id: &str) -> Result<()> {
        let selector = format!("[data-testid=\"{test_id}\"]");
        Ok(self.widget_element(&selector).await?.click().await?)
    }

    /// Types into a field of the widget.
    pub async fn fill(&self, test_id: &str, text: &str) -> Result<()> {
        let selector = format!("[data-testid=\"{test_id}\"]");
        let field = self.widget_element(&selector).await?;
        Ok(field.send_keys(text).await?)
    }

    /// Waits for an element in the widget.
    pub async fn widget_element(&self, selector: &str) -> Result<Element> {
        let script = format!(
            "{READ_WIDGET} return widgetRoot()?.querySelector({});",
            json!(selector)
        );
        let started = Instant::now();
        loop {
            if self.enter_widget().await?
                && let Some(element) = self.element_from_script(&script).await?
            {
                return Ok(element);
            }
            if started.elapsed() > TIMEOUT {
                let dom = self.widget_dom().await?;
                return self.timed_out(selector, &dom).await;
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Runs a script in the widget's document.
    pub async fn run_in_widget(&self, script: &str) -> Result<Value> {
        self.enter_widget().await?;
        Ok(self.browser.client.execute(script, vec![]).await?)
    }

    /// Runs a script in the host page's document.
    pub async fn run_on_page(&self, script: &str) -> Result<Value> {
        self.enter_host_page().await?;
        Ok(self.browser.client.execute(script, vec![]).await?)
    }

    /// Waits until a script on the host page returns a value that satisfies `condition`; returns that value.
    pub async fn until_script(
        &self,
        script: &str,
        condition: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let started = Instant::now();
        loop {
            let value = self.run_on_page(script).await?;
            if condition(&value) {
                return Ok(value);
            }
            if started.elapsed() > TIMEOUT {
                let what = format!("{script}; it returns {value}");
                return self.timed_out(&what, &None).await;
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// The element that a script returns in the driver's current document; `None` if it returns none or fails.
    pub async fn element_from_script(&self, script: &str) -> Result<Option<Element>> {
        let client = &self.browser.client;
        let value = client.execute(script, vec![]).await.unwrap_or_default();
        let id = value[ELEMENT_KEY]
            .as_str()
            .map(|id| ElementRef::from(id.to_owned()));
        Ok(id.map(|id| Element::from_element_id(client.clone(), id)))
    }

    /// Sets the size of the page: exactly in Chromium, about so in Firefox, which can only size its window.
    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        if !self.browser.is_chromium() {
            let window_height = height + 100;
            let client = &self.browser.client;
            return Ok(client.set_window_size(width, window_height).await?);
        }
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let command = "Emulation.setDeviceMetricsOverride";
        self.browser.devtools(command, size).await?;
        Ok(())
    }

    /// Waits for a line in the browser's console that contains `text`.
    pub async fn until_console(&self, text: &str) -> Result<String> {
        let started = Instant::now();
        loop {
            let lines = self.browser.console().await;
            if let Some(line) = lines.into_iter().find(|line| line.contains(text)) {
                return Ok(line);
            }
            if started.elapsed() > TIMEOUT {
                return self.timed_out(text, &None).await;
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// The error of a wait for `what`, with the state of widget, console and Worker.
    pub async fn timed_out<T>(&self, what: &str, dom: &Option<WidgetDom>) -> Result<T> {
        let console = self.browser.console().await;
        let recent = console.iter().rev().take(12).rev();
        let recent: Vec<&str> = recent.map(String::as_str).collect();
        let windows = self.browser.client.windows().await?.len();
        let log = self.deployment.workerd.log();
        bail!(
            "waited for {what}; {windows} windows; widget: {dom:#?}\nconsole:\n{}\nWorker:\n{log}",
            recent.join("\n")
        )
    }
}

/// The hosted page of the site `acme`.
pub fn hosted_page_url() -> String {
    format!("{PUBLIC_ORIGIN}/go/acme")
}

/// At most this many browsers at once: a browser and a Worker keep one core busy.
static BROWSER_SLOTS: Semaphore = Semaphore::const_new(2);
const FIND_FRAME: &str =
    "return document.querySelector('embark-signup')?.shadowRoot?.querySelector('iframe')";
/// The key of an element's id in JSON, see <https://www.w3.org/TR/webdriver2/#elements>.
const ELEMENT_KEY: &str = "element-6066-11e4-a52e-4f735466cecf";
pub const TIMEOUT: Duration = Duration::from_secs(25);
pub const POLL_INTERVAL: Duration = Duration::from_millis(60);
