//! Screenshots of each state of the widget, taken by the tests that reach it.

use crate::fixture::BrowserFixture;
use crate::requirement::runs_in;
use crate::widget_dom::READ_WIDGET;
use anyhow::{Context, Result, anyhow, ensure};
use base64ct::{Base64, Encoding};
use embark_tests::browser::BrowserKind;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Every name of a screenshot. `docs/pictures` has a PNG file of each.
const NAMES: &[&str] = &[
    "arabic",
    "arabic_numbers",
    "arabic_pin_wrong",
    "asking",
    "cancelled",
    "cancelled_error",
    "connected",
    "connected_without_number",
    "console_accounts",
    "console_app",
    "console_app_doctor",
    "console_apps",
    "console_audit",
    "console_callbacks",
    "console_checklist",
    "console_dark",
    "console_doctor",
    "console_events",
    "console_health",
    "console_keys",
    "console_operators",
    "console_overview",
    "console_phone",
    "console_sign_in",
    "console_signup",
    "console_signups",
    "console_site",
    "console_sites",
    "console_transfer",
    "console_unclaimed",
    "cookies_off",
    "dark",
    "failed",
    "fallback_link",
    "hosted",
    "invitation_used",
    "loading",
    "looks",
    "narrow",
    "needs_input_number",
    "needs_input_pin",
    "needs_input_pin_wrong",
    "needs_input_verification",
    "needs_input_verification_code",
    "needs_input_waba",
    "no_window",
    "popup",
    "popup_blocked",
    "popup_blocked_hosted",
    "popup_closed",
    "popup_lost",
    "popup_silent",
    "ready",
    "relaunch",
    "report",
    "report_arabic",
    "resuming",
    "running",
    "sdk_blocked",
    "sdk_blocked_hosted",
    "sending",
    "trouble",
    "waiting",
];

impl BrowserFixture {
    /// Takes a screenshot once the widget has its full size, and checks its accessibility. Endless animations
    /// are paused, so that the same state gives the same image.
    pub async fn screenshot(&self, name: &str) -> Result<()> {
        let dom = self
            .until_dom("a widget that is not cut off", |dom| dom.fits)
            .await?;
        let for_each_animation = |action: &str| {
            format!(
                "{READ_WIDGET} for (const one of widgetRoot().getAnimations({{ subtree: true }})) {action};"
            )
        };
        self.run_in_widget(&for_each_animation("one.pause(), (one.currentTime = 0)"))
            .await?;
        self.screenshot_page(name).await?;
        self.run_in_widget(&for_each_animation("one.play()"))
            .await?;
        self.assert_accessible(name).await?;
        let after = self.widget_dom().await?.map(|dom| dom.state);
        ensure!(
            after == Some(dom.state),
            "{name}: the state has become {after:?}"
        );
        Ok(())
    }

    /// Takes a screenshot of the whole page, which may have no widget: a page that is longer than its window gets a window
    /// of its length, so that nothing is cut off and no scrollbar is shown. Does nothing in Firefox.
    pub async fn screenshot_page(&self, name: &str) -> Result<()> {
        ensure!(NAMES.contains(&name), "{name} is not in NAMES");
        if !self.browser.is_chromium() {
            return Ok(());
        }
        let (width, height) = self.page_size;
        let length = self.run_on_page(PAGE_LENGTH).await?;
        let length = length.as_u64().context("no length")?;
        let length = u32::try_from(length)?.max(height);
        self.resize(width, length).await?;
        self.until_script_returns("return innerHeight", length)
            .await?;
        self.write_screenshot(name).await?;
        self.resize(width, height).await?;
        self.until_script_returns("return innerHeight", height)
            .await
    }

    /// Writes a picture of the page down to the end of its content.
    async fn write_screenshot(&self, name: &str) -> Result<()> {
        let size = self.run_on_page(CONTENT_SIZE).await?;
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1});
        let command = "Page.captureScreenshot";
        let started = Instant::now();
        let mut previous = Value::Null;
        loop {
            let shot = self
                .browser
                .devtools(command, json!({"clip": clip}))
                .await?;
            // A focus ring or the page's layout may still change: until two screenshots are equal.
            if shot["data"] == previous || started.elapsed() > SETTLE_TIMEOUT {
                let png = Base64::decode_vec(shot["data"].as_str().unwrap_or_default());
                let png = png.map_err(|error| anyhow!("not Base64: {error}"))?;
                let folder = folder();
                fs::create_dir_all(&folder)?;
                return Ok(fs::write(folder.join(format!("{name}.png")), png)?);
            }
            previous = shot["data"].clone();
        }
    }
}

const PAGE_LENGTH: &str = "return document.documentElement.scrollHeight";
/// Width and height of the page down to the end of its content.
const CONTENT_SIZE: &str =
    "const main = document.querySelector('main:not(#embark)')?.getBoundingClientRect();
    return [innerWidth, Math.min(innerHeight, Math.ceil(main?.bottom ?? innerHeight))]";
const SETTLE_TIMEOUT: Duration = Duration::from_millis(1_500);

/// Where screenshots are written; `EMBARK_PICTURES=docs/pictures` updates those of the documentation.
fn folder() -> PathBuf {
    let named = std::env::var_os("EMBARK_PICTURES").map(|folder| root().join(folder));
    named.unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures"))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn docs_pictures_match_screenshot_names() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in the Chromium suite: compares file names",
    ) {
        return Ok(());
    }
    if std::env::var_os("EMBARK_PICTURES").is_some() {
        // This run writes the files.
        return Ok(());
    }
    let mut files: Vec<String> = Vec::new();
    for file in fs::read_dir(root().join("docs/pictures"))? {
        files.push(file?.file_name().to_string_lossy().into_owned());
    }
    files.sort();
    let names: Vec<String> = NAMES.iter().map(|name| format!("{name}.png")).collect();
    assert_eq!(files, names);
    Ok(())
}
