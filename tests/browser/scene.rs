//! One test's scene: everything under its real name, and a browser on a page of the customer's.

use crate::seen::{Seen, WIDGET};
use anyhow::{Context, Result, bail};
use embark_tests::Stage;
use embark_tests::browser::{self, Browser};
use embark_tests::stage::{HOST, PUBLIC};
use embark_tests::website::Website;
use fantoccini::elements::{Element, ElementRef};
use fantoccini::wd::WindowHandle;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::sleep;

pub struct Scene {
    pub stage: Stage,
    pub chrome: Browser,
    /// Of the page, in CSS pixels.
    pub size: (u32, u32),
    /// Where the widget is that a person looks at.
    place: RefCell<Place>,
    /// Windows that are pages, not popups.
    pages: RefCell<Vec<WindowHandle>>,
    _website: Website,
    _turn: SemaphorePermit<'static>,
}

#[derive(Clone)]
pub struct Place {
    pub window: WindowHandle,
    /// In its frame, or on the page itself.
    pub framed: bool,
}

/// What is out of the ordinary.
#[derive(Default)]
pub struct Setting {
    pub dark: bool,
    /// The Worker's clock is to be put ahead.
    pub late: bool,
    /// As behind a blocker: the SDK's name does not resolve.
    pub no_sdk: bool,
    /// Files of an older build, by their name in the build's folder.
    pub older: Vec<(&'static str, PathBuf)>,
    /// Of a person who asked for less motion.
    pub calm: bool,
    /// Of the page, in CSS pixels; 720 × 640 without.
    pub size: Option<(u32, u32)>,
}

impl Scene {
    /// Opens a page of the shop.
    pub async fn open(path: &str) -> Result<Self> {
        let scene = Self::with(Setting::default()).await?;
        scene.goto(&format!("{HOST}{path}")).await?;
        Ok(scene)
    }

    /// A browser that has not gone anywhere yet.
    pub async fn with(setting: Setting) -> Result<Self> {
        let turn = TURNS.acquire().await?;
        let stage = match setting.late {
            true => Stage::secure_local().await?,
            false => Stage::secure(&setting.older).await?,
        };
        let certificate = stage.certificate.as_ref().context("no certificate")?;
        let website = Website::start(certificate)?;
        let (shop, meta) = (website.port, stage.sandbox.tls_port().context("no TLS")?);
        let mut names = vec![
            ("signup.partner.example", stage.workerd.port),
            ("shop.example", shop),
            ("rival.example", shop),
            ("evil.example", shop),
            ("*.facebook.com", meta),
        ];
        if !setting.no_sdk {
            names.push(("connect.facebook.net", meta));
        }
        let chrome = Browser::start(&browser::Setting {
            spki_sha256: &certificate.spki_sha256,
            names: &names,
            dark: setting.dark,
            calm: setting.calm,
        })
        .await?;
        let window = chrome.client.window().await?;
        let scene = Self {
            place: RefCell::new(Place {
                window: window.clone(),
                framed: true,
            }),
            pages: RefCell::new(vec![window]),
            stage,
            chrome,
            size: setting.size.unwrap_or((720, 640)),
            _website: website,
            _turn: turn,
        };
        let (width, height) = scene.size;
        scene.resize(width, height).await?;
        Ok(scene)
    }

    /// The widget's frame on a page of the shop, until another place is named.
    pub async fn goto(&self, address: &str) -> Result<()> {
        self.chrome.client.goto(address).await?;
        Ok(())
    }

    /// The widget is on the page itself: inline, or on the hosted page.
    pub fn unframed(self) -> Self {
        self.place.borrow_mut().framed = false;
        self
    }

    /// Whether what follows looks for the widget in its frame.
    pub fn place_in_frame(&self, framed: bool) {
        self.place.borrow_mut().framed = framed;
    }

    /// Turns to the tab that has just been opened, and to the widget on it; gives the place left.
    pub async fn turn_to_new_tab(&self) -> Result<Place> {
        let window = self.new_window().await?;
        self.pages.borrow_mut().push(window.clone());
        let framed = false;
        Ok(self.place.replace(Place { window, framed }))
    }

    /// Turns to another place; gives the one left.
    pub fn turn_back(&self, place: Place) -> Place {
        self.place.replace(place)
    }

    /// The window of the page.
    pub fn window(&self) -> WindowHandle {
        self.place.borrow().window.clone()
    }

    /// Waits for a window that is none of the pages.
    pub async fn new_window(&self) -> Result<WindowHandle> {
        let started = Instant::now();
        loop {
            let windows = self.chrome.client.windows().await?;
            let pages = self.pages.borrow().clone();
            if let Some(window) = windows.into_iter().find(|one| !pages.contains(one)) {
                return Ok(window);
            }
            if started.elapsed() > PATIENCE {
                let seen = self.seen().await?;
                return self.give_up("a new window", &seen).await;
            }
            sleep(LOOK).await;
        }
    }

    /// Goes to where the widget is. False: it is not there (yet).
    pub async fn enter(&self) -> Result<bool> {
        self.top().await?;
        if !self.place.borrow().framed {
            return Ok(true);
        }
        match self.element(FRAME).await? {
            Some(frame) => Ok(frame.enter_frame().await.is_ok()),
            None => Ok(false),
        }
    }

    /// Goes to the host page.
    pub async fn top(&self) -> Result<()> {
        // A switch leads out of all frames.
        let window = self.window();
        Ok(self.chrome.client.switch_to_window(window).await?)
    }

    /// What a person sees of the widget, if there is one.
    pub async fn seen(&self) -> Result<Option<Seen>> {
        if !self.enter().await? {
            return Ok(None);
        }
        let script = format!("{WIDGET} return seen();");
        // A page on its way from one document to the next has no answer.
        let seen = self.chrome.client.execute(&script, vec![]).await;
        Ok(serde_json::from_value(seen.unwrap_or_default())?)
    }

    /// Waits until the widget shows one of these states.
    pub async fn until(&self, states: &[&str]) -> Result<Seen> {
        self.until_seen(&format!("{states:?}"), |seen| {
            states.contains(&seen.state.as_str())
        })
        .await
    }

    /// Waits until what is seen is as `wanted`.
    pub async fn until_seen(&self, what: &str, wanted: impl Fn(&Seen) -> bool) -> Result<Seen> {
        let started = Instant::now();
        loop {
            let seen = self.seen().await?;
            match seen {
                Some(seen) if seen.still && wanted(&seen) => return Ok(seen),
                seen if started.elapsed() > PATIENCE => return self.give_up(what, &seen).await,
                _ => sleep(LOOK).await,
            }
        }
    }

    /// A real click, which the browser takes for a person's.
    pub async fn click(&self, test_id: &str) -> Result<()> {
        self.piece(&format!("[data-testid=\"{test_id}\"]"))
            .await?
            .click()
            .await?;
        Ok(())
    }

    /// Types into a field of the widget.
    pub async fn fill(&self, test_id: &str, text: &str) -> Result<()> {
        let field = self.piece(&format!("[data-testid=\"{test_id}\"]")).await?;
        field.send_keys(text).await?;
        Ok(())
    }

    /// An element inside the widget.
    pub async fn piece(&self, selector: &str) -> Result<Element> {
        let script = format!(
            "{WIDGET} return widget()?.querySelector({});",
            json!(selector)
        );
        let started = Instant::now();
        loop {
            if self.enter().await?
                && let Some(element) = self.element(&script).await?
            {
                return Ok(element);
            }
            if started.elapsed() > PATIENCE {
                let seen = self.seen().await?;
                return self.give_up(selector, &seen).await;
            }
            sleep(LOOK).await;
        }
    }

    /// Runs a script where the widget is.
    pub async fn inside(&self, script: &str) -> Result<Value> {
        self.enter().await?;
        Ok(self.chrome.client.execute(script, vec![]).await?)
    }

    /// Runs a script on the host page.
    pub async fn on_page(&self, script: &str) -> Result<Value> {
        self.top().await?;
        Ok(self.chrome.client.execute(script, vec![]).await?)
    }

    /// Waits until a script on the host page gives what is wanted; says it.
    pub async fn until_page(&self, script: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let started = Instant::now();
        loop {
            let given = self.on_page(script).await?;
            if wanted(&given) {
                return Ok(given);
            }
            if started.elapsed() > PATIENCE {
                return self
                    .give_up(&format!("{script}; it gives {given}"), &None)
                    .await;
            }
            sleep(LOOK).await;
        }
    }

    /// The element that a script gives, in the document the driver is in.
    pub async fn element(&self, script: &str) -> Result<Option<Element>> {
        let client = &self.chrome.client;
        let found = client.execute(script, vec![]).await.unwrap_or_default();
        let id = found[ELEMENT]
            .as_str()
            .map(|id| ElementRef::from(id.to_owned()));
        Ok(id.map(|id| Element::from_element_id(client.clone(), id)))
    }

    pub async fn resize(&self, width: u32, height: u32) -> Result<()> {
        if !self.chrome.is_chromium() {
            // The window's edge, as far as a window without a screen has one.
            return Ok(self
                .chrome
                .client
                .set_window_size(width, height + 100)
                .await?);
        }
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let command = "Emulation.setDeviceMetricsOverride";
        self.chrome.devtools(command, size).await?;
        Ok(())
    }

    /// Waits for a line of the console.
    pub async fn until_console(&self, words: &str) -> Result<String> {
        let started = Instant::now();
        loop {
            let lines = self.chrome.console().await;
            if let Some(line) = lines.into_iter().find(|line| line.contains(words)) {
                return Ok(line);
            }
            if started.elapsed() > PATIENCE {
                return self.give_up(words, &None).await;
            }
            sleep(LOOK).await;
        }
    }

    /// Says what was waited for in vain, and all that may tell why.
    pub async fn give_up<T>(&self, what: &str, seen: &Option<Seen>) -> Result<T> {
        let console = self.chrome.console().await;
        let recent = console.iter().rev().take(12).rev();
        let recent: Vec<&str> = recent.map(String::as_str).collect();
        let windows = self.chrome.client.windows().await?.len();
        let log = self.stage.workerd.log();
        bail!(
            "waited for {what}; {windows} windows; seen: {seen:#?}\nconsole:\n{}\nWorker:\n{log}",
            recent.join("\n")
        )
    }
}

/// The hosted page of the site.
pub fn hosted() -> String {
    format!("{PUBLIC}/go/acme")
}

/// A browser and a Worker keep a core busy.
static TURNS: Semaphore = Semaphore::const_new(2);
const FRAME: &str =
    "return document.querySelector('embark-signup')?.shadowRoot?.querySelector('iframe')";
/// How WebDriver names an element in JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
pub const PATIENCE: Duration = Duration::from_secs(25);
pub const LOOK: Duration = Duration::from_millis(60);
