//! Starts the browser of this run.

use crate::browser::{Browser, BrowserKind, BrowserOptions};
use crate::{chromium, firefox};
use anyhow::Result;

/// Starts Chromium, or Firefox if `EMBARK_BROWSER=firefox`.
///
/// # Errors
/// The driver or the browser is missing, or did not start in time.
pub async fn start_browser(options: &BrowserOptions<'_>) -> Result<Browser> {
    match BrowserKind::from_env() {
        BrowserKind::Chromium => chromium::start(options).await,
        BrowserKind::Firefox => firefox::start(options).await,
    }
}
