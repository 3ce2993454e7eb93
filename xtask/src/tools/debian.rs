//! Chromium and ChromeDriver: those on the machine, else Debian's where we may install them.

use crate::{quiet, repo};
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

pub struct Browser {
    pub chromium: PathBuf,
    pub chromedriver: PathBuf,
}

pub fn browser() -> Result<Browser> {
    if let Some(browser) = present() {
        return Ok(browser);
    }
    if !rustix::process::geteuid().is_root() || which("apt-get").is_none() {
        bail!(
            "the browser tests need Chromium and ChromeDriver; install them (Debian: apt-get install {}) \
             or point EMBARK_CHROMIUM and EMBARK_CHROMEDRIVER at them",
            PACKAGES.join(" ")
        );
    }
    apt(&["update"])?;
    let install = ["install", "--yes", "--no-install-recommends"];
    apt(&[&install[..], PACKAGES].concat())?;
    present().context("chromium was installed but is not on the PATH")
}

fn present() -> Option<Browser> {
    let chromium = named("EMBARK_CHROMIUM")
        .or_else(|| which("chromium"))
        .or_else(|| which("google-chrome"))?;
    let chromedriver = named("EMBARK_CHROMEDRIVER").or_else(|| which("chromedriver"))?;
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

fn named(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

fn which(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
}

const PACKAGES: &[&str] = &["chromium", "chromium-driver", "fonts-noto-core"];
