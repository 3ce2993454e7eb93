//! Browsers: Chromium with ChromeDriver and Firefox, those on the machine, else Debian's where we may
//! install them.

use crate::{quiet, repo};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

pub struct Browser {
    pub chromium: PathBuf,
    pub chromedriver: PathBuf,
}

pub struct Firefox {
    pub firefox: PathBuf,
    pub geckodriver: PathBuf,
}

pub fn browser() -> Result<Browser> {
    if let Some(browser) = present() {
        return Ok(browser);
    }
    install(
        "Chromium and ChromeDriver",
        PACKAGES,
        "EMBARK_CHROMIUM and EMBARK_CHROMEDRIVER",
    )?;
    present().context("chromium was installed but is not on the PATH")
}

pub fn firefox() -> Result<PathBuf> {
    let present = || program("EMBARK_FIREFOX", "firefox-esr").or_else(|| which("firefox"));
    if let Some(firefox) = present() {
        return Ok(firefox);
    }
    install("Firefox", FIREFOX, "EMBARK_FIREFOX")?;
    present().context("firefox-esr was installed but is not on the PATH")
}

/// The program a variable names, else the one on the PATH.
pub fn program(variable: &str, name: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    named.or_else(|| which(name))
}

fn install(what: &str, packages: &[&str], variables: &str) -> Result<()> {
    if !rustix::process::geteuid().is_root() || which("apt-get").is_none() {
        bail!(
            "these tests need {what}; install it (Debian: apt-get install {}) or point {variables} at it",
            packages.join(" ")
        );
    }
    apt(&["update"])?;
    let install = ["install", "--yes", "--no-install-recommends"];
    apt(&[&install[..], packages].concat())
}

fn present() -> Option<Browser> {
    let chromium = program("EMBARK_CHROMIUM", "chromium").or_else(|| which("google-chrome"))?;
    let chromedriver = program("EMBARK_CHROMEDRIVER", "chromedriver")?;
    Some(Browser {
        chromium,
        chromedriver,
    })
}

fn apt(args: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    quiet::run(
        &format!("apt-get {}", args.first().unwrap_or(&"")),
        &repo::path("build/apt.log"),
        &mut command,
    )
}

fn which(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

const FIREFOX: &[&str] = &["firefox-esr", "fonts-noto-core"];
const PACKAGES: &[&str] = &["chromium", "chromium-driver", "fonts-noto-core"];
