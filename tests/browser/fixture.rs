//! A browser on a page of the customer's, in front of a deployment under production-like host names.

use anyhow::{Context, Result};
use embark_tests::browser::{Browser, BrowserOptions};
use embark_tests::deployment::{PUBLIC_ORIGIN, SHOP_ORIGIN};
use embark_tests::website::Website;
use embark_tests::{Deployment, start_browser};
use fantoccini::wd::WindowHandle;
use serde_json::json;
use std::cell::RefCell;
use std::path::PathBuf;

pub struct BrowserFixture {
    pub deployment: Deployment,
    pub browser: Browser,
    /// Of the page, in CSS pixels.
    pub page_size: (u32, u32),
    /// The widget that the methods below read and click.
    location: RefCell<WidgetLocation>,
    /// The document that is known to be the driver's current one: of a window, or of the widget's frame in it.
    pub entered: RefCell<Option<WidgetLocation>>,
    /// Windows that are pages of the customer's or of the Worker, not popups of Meta's.
    pages: RefCell<Vec<WindowHandle>>,
    pub website: Website,
}

#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// Of a browser inside an app; `None` for Chromium's own.
    pub user_agent: Option<&'static str>,
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
        let deployment = match options.local_build {
            true => Deployment::start_tls_local().await?,
            false => Deployment::start_tls(&options.old_files).await?,
        };
        let certificate = deployment.certificate.as_ref().context("no certificate")?;
        let website = Website::start(certificate)?;
        let meta = deployment.sandbox.tls_port().context("no TLS port")?;
        let mut hosts = vec![
            ("signup.partner.example", deployment.workerd.port),
            ("operator.partner.example", deployment.workerd.port),
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
            user_agent: options.user_agent,
        })
        .await?;
        let window = browser.client.window().await?;
        let fixture = Self {
            location: RefCell::new(WidgetLocation {
                window: window.clone(),
                framed: true,
            }),
            entered: RefCell::default(),
            pages: RefCell::new(vec![window]),
            deployment,
            browser,
            page_size: options.page_size.unwrap_or((720, 640)),
            website,
        };
        let (width, height) = fixture.page_size;
        fixture.resize(width, height).await?;
        Ok(fixture)
    }

    /// Opens a URL in the current page's window, and waits until its document has replaced the old one.
    pub async fn goto(&self, url: &str) -> Result<()> {
        self.enter_host_page().await?;
        let current = self.browser.client.current_url().await?;
        let without_fragment = |url: &str| url.split('#').next().map(str::to_owned);
        if url.contains('#') && without_fragment(url) == without_fragment(current.as_str()) {
            // The browser would only scroll.
            self.browser.client.goto("about:blank").await?;
        }
        self.replace_document(async || Ok(self.browser.client.goto(url).await?))
            .await
    }

    /// Reloads the current page, and waits until its document has replaced the old one.
    pub async fn reload(&self) -> Result<()> {
        self.enter_host_page().await?;
        self.replace_document(async || Ok(self.browser.client.refresh().await?))
            .await
    }

    async fn replace_document(&self, navigate: impl AsyncFnOnce() -> Result<()>) -> Result<()> {
        self.run_on_page("document.isOld = true").await?;
        navigate().await?;
        let is_new = "return !document.isOld && document.readyState !== 'loading'";
        self.until_script_returns(is_new, true).await
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

    /// Makes another widget the current one; returns the previous location.
    pub fn switch_to(&self, location: WidgetLocation) -> WidgetLocation {
        self.location.replace(location)
    }

    /// Waits for a new tab and makes the widget on it the current one; returns the previous location.
    pub async fn switch_to_new_tab(&self) -> Result<WidgetLocation> {
        let window = self.wait_for_new_window().await?;
        self.pages.borrow_mut().push(window.clone());
        let framed = false;
        Ok(self.location.replace(WidgetLocation { window, framed }))
    }

    /// Waits for a window that is not one of `pages`.
    pub async fn wait_for_new_window(&self) -> Result<WindowHandle> {
        self.until("a new window", async || {
            let windows = self.browser.client.windows().await?;
            let pages = self.pages.borrow();
            let new = windows.into_iter().find(|one| !pages.contains(one));
            new.context("there is none")
        })
        .await
    }

    /// Where the current widget is.
    pub fn location(&self) -> WidgetLocation {
        self.location.borrow().clone()
    }

    /// The window of the current widget's page.
    pub fn page_window(&self) -> WindowHandle {
        self.location.borrow().window.clone()
    }

    /// Whether the current widget is in the loader's frame.
    pub fn is_framed(&self) -> bool {
        self.location.borrow().framed
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
}

/// The hosted page of the site `acme`.
pub fn hosted_page_url() -> String {
    format!("{PUBLIC_ORIGIN}/go/acme")
}
