//! A picture of each state of the widget, taken by the tests as they pass through it.

use crate::scene::{LOOK, Scene};
use anyhow::{Result, ensure};
use std::fs;
use std::path::PathBuf;
use std::time::Instant;
use tokio::time::sleep;

/// All there are. `docs/pictures` has a file of each.
const NAMES: &[&str] = &[
    "ready",
];

impl Scene {
    /// Takes a picture of the page with the widget in it, once nothing moves any more.
    pub async fn picture(&self, name: &str) -> Result<()> {
        ensure!(NAMES.contains(&name), "{name} is not in the list of pictures");
        let started = Instant::now();
        let mut before = Vec::new();
        loop {
            self.top().await?;
            let png = self.chrome.client.screenshot().await?;
            // What turns for ever is taken as it is.
            if png == before || started.elapsed().as_millis() > 1_500 {
                let folder = folder();
                fs::create_dir_all(&folder)?;
                fs::write(folder.join(format!("{name}.png")), png)?;
                return Ok(());
            }
            before = png;
            sleep(LOOK).await;
        }
    }
}

/// `EMBARK_PICTURES=docs/pictures` renews what the documentation shows.
fn folder() -> PathBuf {
    let named = std::env::var_os("EMBARK_PICTURES").map(|folder| root().join(folder));
    named.unwrap_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("pictures"))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}
