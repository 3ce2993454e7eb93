//! Installs the browsers that the suites need while suites run that need none: geckodriver is compiled for minutes.

use crate::{repo, tools};
use anyhow::{Result, anyhow};
use std::ffi::OsString;
use std::thread::{self, JoinHandle};

/// Environment variables with the paths of browsers and drivers, and of the folder in which the tests keep a used profile of
/// Firefox.
pub type BrowserEnv = Vec<(&'static str, OsString)>;

/// An installation in the background.
pub struct Installation(Option<JoinHandle<Result<BrowserEnv>>>);

impl Installation {
    /// Starts to install what is wanted and missing.
    pub fn start(chromium: bool, firefox: bool) -> Self {
        Self(Some(thread::spawn(move || install(chromium, firefox))))
    }

    /// Waits for its end, and returns the variables at the first call.
    ///
    /// # Errors
    /// When something is missing and cannot be installed.
    pub fn finish(&mut self) -> Result<BrowserEnv> {
        match self.0.take() {
            Some(thread) => thread
                .join()
                .map_err(|_| anyhow!("a panic while installing browsers"))?,
            None => Ok(BrowserEnv::new()),
        }
    }

    /// As [`Installation::finish`], without waiting: no variables while it goes on.
    ///
    /// # Errors
    /// When it has failed.
    pub fn try_finish(&mut self) -> Result<BrowserEnv> {
        match &self.0 {
            Some(thread) if !thread.is_finished() => Ok(BrowserEnv::new()),
            _ => self.finish(),
        }
    }
}

fn install(chromium: bool, firefox: bool) -> Result<BrowserEnv> {
    let mut env = BrowserEnv::new();
    if chromium {
        let chromium = tools::chromium()?;
        env.push(("EMBARK_CHROMIUM", chromium.chromium.into()));
        env.push(("EMBARK_CHROMEDRIVER", chromium.chromedriver.into()));
    }
    if firefox {
        let firefox = tools::firefox()?;
        env.push(("EMBARK_FIREFOX", firefox.firefox.into()));
        env.push(("EMBARK_GECKODRIVER", firefox.geckodriver.into()));
        let profiles = repo::path("target/firefox-profiles");
        env.push(("EMBARK_FIREFOX_PROFILES", profiles.into()));
    }
    Ok(env)
}
