//! A picture of each state of the widget, taken by the tests as they pass through it.

use crate::scene::Scene;
use crate::seen::WIDGET;
use anyhow::{Result, anyhow, ensure};
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// All there are. `docs/pictures` has a file of each.
const NAMES: &[&str] = &[
    "arabic",
    "arabic_pin_wrong",
    "cancelled",
    "cancelled_error",
    "connected",
    "connected_without_number",
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
    "popup",
    "popup_blocked",
    "popup_blocked_hosted",
    "popup_closed",
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

impl Scene {
    /// Takes a picture of the page, once the widget has its full size. What turns for ever is held still
    /// meanwhile, so that the same state gives the same picture.
    pub async fn picture(&self, name: &str) -> Result<()> {
        let seen = self
            .until_seen("a widget that fits its place", |seen| seen.fits)
            .await?;
        let hold = |what: &str| {
            format!(
                "{WIDGET} for (const one of widget().getAnimations({{ subtree: true }})) {what};"
            )
        };
        self.inside(&hold("one.pause(), (one.currentTime = 0)"))
            .await?;
        self.picture_of_page(name).await?;
        self.inside(&hold("one.play()")).await?;
        self.examine(name).await?;
        let after = self.seen().await?.map(|seen| seen.state);
        ensure!(after == Some(seen.state), "{name}: by now it is {after:?}");
        Ok(())
    }

    /// The same where there is no widget to be seen.
    pub async fn picture_of_page(&self, name: &str) -> Result<()> {
        ensure!(
            NAMES.contains(&name),
            "{name} is not in the list of pictures"
        );
        if !self.chrome.is_chromium() {
            return Ok(());
        }
        let size = self.on_page(SIZE).await?;
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1});
        let command = "Page.captureScreenshot";
        let started = Instant::now();
        let mut before = Value::Null;
        loop {
            let shot = self.chrome.devtools(command, json!({"clip": clip})).await?;
            // A focus ring or the page's own layout may still be on its way.
            if shot["data"] == before || started.elapsed() > SETTLES_WITHIN {
                let png = Base64::decode_vec(shot["data"].as_str().unwrap_or_default());
                let png = png.map_err(|error| anyhow!("no picture: {error}"))?;
                let folder = folder();
                fs::create_dir_all(&folder)?;
                return Ok(fs::write(folder.join(format!("{name}.png")), png)?);
            }
            before = shot["data"].clone();
        }
    }
}

/// Down to where the shop's page has nothing more to show.
const SIZE: &str =
    "const main = document.querySelector('main:not(#embark)')?.getBoundingClientRect();
    return [innerWidth, Math.min(innerHeight, Math.ceil(main?.bottom ?? innerHeight))]";
const SETTLES_WITHIN: Duration = Duration::from_millis(1_500);

/// `EMBARK_PICTURES=docs/pictures` renews what the documentation shows.
fn folder() -> PathBuf {
    let named = std::env::var_os("EMBARK_PICTURES").map(|folder| root().join(folder));
    named.unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures"))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn the_documentation_has_a_picture_of_each_state_and_no_other() -> Result<()> {
    if std::env::var_os("EMBARK_PICTURES").is_some() {
        // They are being made.
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
