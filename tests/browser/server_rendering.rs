//! What the Worker renders into frame and hosted page: shown without any script, taken over by the widget without a
//! change that a person could see, and left as a working link where the widget does not load.

use crate::fixture::{BrowserFixture, FixtureOptions, hosted_page_url};
use crate::requirement::runs_in;
use anyhow::{Context, Result, ensure};
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::{PUBLIC_ORIGIN, SHOP_ORIGIN};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn frame_without_javascript_shows_button_that_opens_hosted_page() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs DevTools to disable scripts") {
        return Ok(());
    }
    let fixture = empty_page().await?;
    fixture.set_scripts_enabled(false).await?;
    fixture
        .goto(&frame_url("&accent=%23123456&size=large"))
        .await?;
    let dom = fixture.until_state(&["loading"]).await?;
    dom.assert_text("Connect WhatsApp");
    dom.assert_enabled("embark-button");
    assert_eq!((dom.dir.as_str(), dom.lang.as_str()), ("ltr", "en"));
    fixture.until_painted().await?;
    let button = fixture.button().await?;
    assert_eq!(button["background"], "rgb(18, 52, 86)", "{button}");
    assert_eq!(button["height"], 54, "{button}");

    fixture.set_scripts_enabled(true).await?;
    fixture.click("embark-button").await?;
    fixture.switch_to_new_tab().await?;
    fixture.until_state(&["ready"]).await?;
    Ok(())
}

#[tokio::test]
async fn first_paint_in_arabic_is_laid_out_right_to_left() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs DevTools to disable scripts") {
        return Ok(());
    }
    let fixture = empty_page().await?;
    fixture.set_scripts_enabled(false).await?;
    fixture.goto(&frame_url("&lang=ar&theme=dark")).await?;
    let dom = fixture.until_state(&["loading"]).await?;
    assert_eq!((dom.dir.as_str(), dom.lang.as_str()), ("rtl", "ar"));
    assert_eq!(dom.scheme, "dark");
    let arabic: Value = serde_json::from_slice(&std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../www/locales/ar.json"
    ))?)?;
    dom.assert_text(arabic["start.button"].as_str().context("no text")?);
    let button = fixture.button().await?;
    let right = fixture.run_on_page("return innerWidth").await?;
    assert_eq!(button["right"], right, "{button}");
    Ok(())
}

#[tokio::test]
async fn button_is_taken_over_without_shift_or_flash() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs DevTools to pause requests") {
        return Ok(());
    }
    let fixture = empty_page().await?;
    for url in [
        frame_url("&accent=%23123456"),
        frame_url("&lang=ar&shape=pill&radius=4"),
        hosted_page_url(),
    ] {
        fixture.goto("about:blank").await?;
        fixture.pause_requests("*widget.wasm*").await?;
        fixture.goto(&url).await?;
        fixture.until_state(&["loading"]).await?;
        fixture.run_on_page(RECORD_FRAMES).await?;
        fixture.resume_requests().await?;
        fixture.until_state(&["ready"]).await?;
        let frames = fixture.run_on_page("return frames").await?;
        let frames = frames.as_array().context("no frames")?;
        let first = frames.first().context("no frame")?;
        ensure!(
            frames.iter().all(|frame| frame == first),
            "{url}: {frames:#?}"
        );
        let root = fixture
            .run_on_page("return document.querySelector('.embark').marked === true")
            .await?;
        assert_eq!(root, true, "{url}: another root element");
        assert_eq!(fixture.layout_shifts().await?, json!([]), "{url}");
        let kept = fixture.run_on_page("return keptBeforeReady").await?;
        assert_eq!(kept, true, "{url}: the button was replaced by the takeover");
    }
    Ok(())
}

#[tokio::test]
async fn hosted_page_received_slowly_does_not_shift() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs DevTools to slow responses") {
        return Ok(());
    }
    let fixture = empty_page().await?;
    fixture.goto(&hosted_page_url()).await?;
    let page = "return fetch(location.href).then((response) => response.text())";
    let page = fixture.run_on_page(page).await?;
    let page = page.as_str().context("no text")?;
    let header_end = page.find("</header>").context("no header")?;
    let button = page
        .find("data-testid=\"embark-button\"")
        .context("no button")?;
    let parts = [
        &page[..header_end],
        &page[header_end..button],
        &page[button..],
    ];
    fixture.website.set_parts(&parts);
    fixture.goto(&[SHOP_ORIGIN, "/in-parts"].concat()).await?;
    fixture.until_state(&["loading"]).await?;
    fixture.until_painted().await?;
    assert_eq!(fixture.layout_shifts().await?, json!([]));
    Ok(())
}

#[tokio::test]
async fn host_page_and_frame_do_not_shift() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs layout-shift entries") {
        return Ok(());
    }
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    for options in ["", "?size=small", "?size=large"] {
        fixture.set_framed(true);
        fixture.goto(&[SHOP_ORIGIN, "/", options].concat()).await?;
        fixture.until_state(&["ready"]).await?;
        // The height is reported after the layout.
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(fixture.layout_shifts().await?, json!([]), "frame{options}");
        fixture.set_framed(false);
        assert_eq!(fixture.layout_shifts().await?, json!([]), "page{options}");
    }
    Ok(())
}

#[tokio::test]
async fn frame_whose_wasm_cannot_load_keeps_working_link() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: does not depend on the browser",
    ) {
        return Ok(());
    }
    let broken = tempfile::NamedTempFile::new()?;
    std::fs::write(broken.path(), "no wasm")?;
    let options = FixtureOptions {
        old_files: vec![("widget.wasm", broken.path().to_owned())],
        ..FixtureOptions::default()
    };
    let fixture = BrowserFixture::with(options).await?;
    fixture.goto(SHOP_ORIGIN).await?;
    fixture.until_state(&["loading"]).await?;
    // The loader replaces a frame that does not answer after 5 s.
    tokio::time::sleep(Duration::from_millis(5_500)).await;
    let dom = fixture.until_state(&["loading"]).await?;
    dom.assert_text("Connect WhatsApp");
    ensure!(dom.fits, "{dom:#?}");
    fixture.click("embark-button").await?;
    fixture.switch_to_new_tab().await?;
    // Nor can the hosted page: its button leads to Meta's dialog all the same.
    fixture.until_state(&["resuming", "loading"]).await?;
    Ok(())
}

#[tokio::test]
async fn hosted_page_without_widget_goes_to_meta_and_shows_run() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs DevTools to block URLs") {
        return Ok(());
    }
    let fixture = empty_page().await?;
    fixture.goto("about:blank").await?;
    fixture
        .browser
        .devtools("Network.enable", json!({}))
        .await?;
    fixture.block_urls(&["*widget.wasm*"]).await?;
    let slow = json!({"path": "*/register", "kind": "latency", "ms": 12_000});
    fixture.deployment.add_fault(slow).await?;
    fixture.goto(&hosted_page_url()).await?;
    fixture
        .until_state(&["loading"])
        .await?
        .assert_text("Connect your WhatsApp number");
    fixture.click("embark-button").await?;
    fixture.meta_page().finish_in_place().await?;

    // The signup's card, rendered by the Worker.
    let dom = fixture.until_state(&["running"]).await?;
    ensure!(!dom.step_state("register").is_empty(), "{dom:#?}");
    fixture
        .run_on_page("document.querySelector('.em-card').marked = true")
        .await?;
    // The widget takes it over when its next attempt to load succeeds.
    fixture.block_urls(&[]).await?;
    fixture
        .until_dom("an active register step", |dom| {
            dom.step_state("register") == "active"
        })
        .await?;
    let is_same = "return document.querySelector('.em-card').marked === true";
    assert_eq!(fixture.run_on_page(is_same).await?, true);
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    fixture.deployment.assert_calls("*/register", 1).await?;
    let cookies = json!({"urls": [hosted_page_url()]});
    let cookies = fixture
        .browser
        .devtools("Network.getCookies", cookies)
        .await?;
    assert_eq!(cookies["cookies"], json!([]), "the cookie is used up");
    assert_eq!(
        fixture.run_on_page("return location.href").await?,
        hosted_page_url()
    );
    Ok(())
}

#[tokio::test]
async fn button_pressed_before_takeover_is_followed() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs DevTools to pause requests") {
        return Ok(());
    }
    let fixture = empty_page().await?;
    fixture.pause_requests("*widget.wasm*").await?;
    fixture.goto(&frame_url("")).await?;
    fixture.until_state(&["loading"]).await?;
    let frame = fixture.page_window();
    fixture.click("embark-button").await?;
    let in_frame = fixture.switch_to_new_tab().await?;
    assert_eq!(in_frame.window, frame);
    fixture.until_state(&["ready"]).await?;
    fixture.click("embark-button").await?;
    fixture.popup().await?.finish().await?;
    fixture.until_state(&["connected"]).await?;
    fixture.switch_to(in_frame);
    fixture.resume_requests().await?;
    fixture
        .until_state(&["connected"])
        .await?
        .assert_text("Lucky Shrub");
    Ok(())
}

/// The frame page as the loader of the shop requests it; `more` are further parameters.
fn frame_url(more: &str) -> String {
    let host = "https%3A%2F%2Fshop.example";
    format!("{PUBLIC_ORIGIN}/frame?site=acme&host={host}{more}")
}

/// For documents of the Worker without a host page around them.
async fn empty_page() -> Result<BrowserFixture> {
    let fixture = BrowserFixture::with(FixtureOptions::default()).await?;
    Ok(fixture.without_frame())
}

impl BrowserFixture {
    async fn set_scripts_enabled(&self, enabled: bool) -> Result<()> {
        self.enter_host_page().await?;
        let command = "Emulation.setScriptExecutionDisabled";
        let params = json!({"value": !enabled});
        self.browser.devtools(command, params).await?;
        Ok(())
    }

    async fn block_urls(&self, urls: &[&str]) -> Result<()> {
        self.enter_host_page().await?;
        let command = "Network.setBlockedURLs";
        self.browser
            .devtools(command, json!({"urls": urls}))
            .await?;
        Ok(())
    }

    /// Waits until text or an image was painted in the widget's document: its stylesheet is loaded by then.
    async fn until_painted(&self) -> Result<()> {
        let paints = "return performance.getEntriesByName('first-contentful-paint').length > 0";
        self.until_widget_script_returns(paints, true).await
    }

    /// Background, height and right edge of the button.
    async fn button(&self) -> Result<Value> {
        let script = "const button = document.querySelector('[data-testid=embark-button]');
            const { height, right } = button.getBoundingClientRect();
            return { height, right, background: getComputedStyle(button).backgroundColor };";
        self.run_in_widget(script).await
    }

    /// All layout shifts in the widget's document (<https://web.dev/articles/cls>): the value of each, and what moved
    /// from where to where.
    async fn layout_shifts(&self) -> Result<Value> {
        self.enter_widget().await?;
        let client = &self.browser.client;
        Ok(client.execute_async(LAYOUT_SHIFTS, vec![]).await?)
    }
}

const LAYOUT_SHIFTS: &str = "const done = arguments[0];
    const rect = ({ x, y, width, height }) => [x, y, width, height].join(' ');
    const source = ({ node, previousRect, currentRect }) =>
        [(node?.outerHTML ?? '').slice(0, 80), rect(previousRect), rect(currentRect)];
    const shifts = [];
    const add = (list) => list.getEntries()
        .forEach(({ value, sources }) => shifts.push([value, sources.map(source)]));
    new PerformanceObserver(add).observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => done(shifts), 100);";

/// Records text, rectangle and looks of the button at every animation frame, and whether the Worker's button is kept
/// until the SDK is ready.
const RECORD_FRAMES: &str = "window.frames = [];
    window.keptBeforeReady = true;
    const root = document.querySelector('.embark');
    const own = root.querySelector('[data-testid=embark-button]');
    root.marked = true;
    const record = () => {
        const button = document.querySelector('[data-testid=embark-button]');
        if (!button) return frames.push('no button');
        const { x, y, width, height } = button.getBoundingClientRect();
        const { backgroundColor, color, filter, fontSize, fontWeight, borderRadius } = getComputedStyle(button);
        frames.push([button.textContent, x, y, width, height, backgroundColor, color, filter, fontSize, fontWeight, borderRadius]);
        if (root.dataset.state === 'loading' && button !== own) keptBeforeReady = false;
        requestAnimationFrame(record);
    };
    record();";
