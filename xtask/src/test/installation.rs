//! Installs browsers, their drivers, Python packages and the runner of tests in wasm while suites run that need none of them: some are
//! compiled for minutes.

use crate::{repo, tools};
use anyhow::{Result, anyhow};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::thread::{self, JoinHandle};

/// Environment variables with the paths of the programs, and of the folder in which the tests keep a used profile of
/// Firefox.
pub type ProgramEnv = Vec<(&'static str, OsString)>;

/// Programs that suites need.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Program {
    /// Chromium and its driver.
    Chromium,
    /// Firefox and its driver.
    Firefox,
    /// Python with the packages of the example back end.
    Python,
    /// Sends requests by an OpenAPI document.
    Schemathesis,
    /// Runs in Node.js what `cargo test` compiles for wasm.
    WasmTestRunner,
}

/// An installation in the background.
pub struct Installation(Option<JoinHandle<Result<ProgramEnv>>>);

impl Installation {
    /// Starts to install what is wanted and missing.
    pub fn start(programs: BTreeSet<Program>) -> Self {
        Self(Some(thread::spawn(move || install(&programs))))
    }

    /// Waits for its end, and returns the variables at the first call.
    ///
    /// # Errors
    /// When something is missing and cannot be installed.
    pub fn finish(&mut self) -> Result<ProgramEnv> {
        match self.0.take() {
            Some(thread) => thread
                .join()
                .map_err(|_| anyhow!("a panic while installing programs"))?,
            None => Ok(ProgramEnv::new()),
        }
    }

    /// As [`Installation::finish`], without waiting: no variables while it goes on.
    ///
    /// # Errors
    /// When it has failed.
    pub fn try_finish(&mut self) -> Result<ProgramEnv> {
        match &self.0 {
            Some(thread) if !thread.is_finished() => Ok(ProgramEnv::new()),
            _ => self.finish(),
        }
    }
}

fn install(programs: &BTreeSet<Program>) -> Result<ProgramEnv> {
    let mut env = ProgramEnv::new();
    for program in programs {
        match program {
            Program::Chromium => {
                let chromium = tools::chromium()?;
                env.push(("EMBARK_CHROMIUM", chromium.chromium.into()));
                env.push(("EMBARK_CHROMEDRIVER", chromium.chromedriver.into()));
            }
            Program::Firefox => {
                let firefox = tools::firefox()?;
                env.push(("EMBARK_FIREFOX", firefox.firefox.into()));
                env.push(("EMBARK_GECKODRIVER", firefox.geckodriver.into()));
                let profiles = repo::path("target/firefox-profiles");
                env.push(("EMBARK_FIREFOX_PROFILES", profiles.into()));
            }
            Program::Python => env.push(("EMBARK_PYTHON", tools::python()?.into())),
            Program::Schemathesis => {
                env.push(("EMBARK_SCHEMATHESIS", tools::schemathesis()?.into()));
            }
            Program::WasmTestRunner => env.push((
                "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
                tools::wasm_test_runner()?.into(),
            )),
        }
    }
    Ok(env)
}
