//! Browsers and their drivers for the tests: those on the machine, else Debian's packages where this user may install
//! them.

use super::rust;
use crate::{process, repo};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

pub struct Chromium {
    pub chromium: PathBuf,
    pub chromedriver: PathBuf,
}

pub struct Firefox {
    pub firefox: PathBuf,
    pub geckodriver: PathBuf,
}

/// Finds or installs Chromium and ChromeDriver.
///
/// # Errors
/// When they are missing and cannot be installed.
pub fn chromium() -> Result<Chromium> {
    if let Some(found) = find_chromium() {
        return Ok(found);
    }
    install(
        "Chromium and ChromeDriver",
        CHROMIUM_PACKAGES,
        "EMBARK_CHROMIUM and EMBARK_CHROMEDRIVER",
    )?;
    find_chromium().context("chromium was installed but is not on the PATH")
}

/// Finds or installs Firefox and geckodriver. Debian has no package of geckodriver: cargo compiles it once.
///
/// # Errors
/// When they are missing and cannot be installed.
pub fn firefox() -> Result<Firefox> {
    let find = || find_program("EMBARK_FIREFOX", &["firefox-esr", "firefox"]);
    let firefox = match find() {
        Some(firefox) => firefox,
        None => {
            install("Firefox", FIREFOX_PACKAGES, "EMBARK_FIREFOX")?;
            find().context("firefox-esr was installed but is not on the PATH")?
        }
    };
    let geckodriver = match find_program("EMBARK_GECKODRIVER", &["geckodriver"]) {
        Some(geckodriver) => geckodriver,
        None => rust::install_tool("geckodriver", "geckodriver", GECKODRIVER_VERSION)?,
    };
    Ok(Firefox {
        firefox,
        geckodriver,
    })
}

fn find_chromium() -> Option<Chromium> {
    Some(Chromium {
        chromium: find_program("EMBARK_CHROMIUM", &["chromium", "google-chrome"])?,
        chromedriver: find_program("EMBARK_CHROMEDRIVER", &["chromedriver"])?,
    })
}

/// The program in a variable, else the first of these names that is on the PATH.
fn find_program(variable: &str, names: &[&str]) -> Option<PathBuf> {
    let given = std::env::var_os(variable).map(PathBuf::from);
    given.or_else(|| names.iter().find_map(|name| which::which(name).ok()))
}

fn install(what: &str, packages: &[&str], variables: &str) -> Result<()> {
    if !rustix::process::geteuid().is_root() || which::which("apt-get").is_err() {
        bail!(
            "these tests need {what}; install it (Debian: apt-get install {}) or set {variables} to its path",
            packages.join(" ")
        );
    }
    apt_get("update", &[])?;
    let options = ["--yes", "--no-install-recommends"];
    apt_get("install", &[&options[..], packages].concat())
}

fn apt_get(subcommand: &str, args: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command
        .arg(subcommand)
        .args(args)
        .env("DEBIAN_FRONTEND", "noninteractive");
    process::run_logged(
        &format!("apt-get {subcommand}"),
        &repo::path("build/apt.log"),
        &mut command,
    )
}

const CHROMIUM_PACKAGES: &[&str] = &["chromium", "chromium-driver", "fonts-noto-core"];
const FIREFOX_PACKAGES: &[&str] = &["firefox-esr", "fonts-noto-core"];
const GECKODRIVER_VERSION: &str = "0.37.1";
