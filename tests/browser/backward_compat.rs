//! Loaders and frames of older builds (`www/old`) against the current Worker, as after a deploy on a page that is
//! still open, and for a loader that a site pinned.

use crate::fixture::{BrowserFixture, FixtureOptions};
use crate::requirement::runs_in;
use crate::widget_dom::WidgetDom;
use anyhow::{Context, Result, ensure};
use embark_tests::browser::BrowserKind;
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::environment::path_from_env;
use std::path::{Path, PathBuf};

#[tokio::test]
async fn old_loader_with_current_frame_connects() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: version compatibility does not depend on the browser",
    ) {
        return Ok(());
    }
    for old in old_builds()? {
        assert_connects(&[("embark.js", pinned_loader(&old)?)]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn current_loader_with_old_frame_connects() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: version compatibility does not depend on the browser",
    ) {
        return Ok(());
    }
    for old in old_builds()? {
        assert_connects(&frame_files(&old)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn old_loader_and_frame_with_current_worker_connect() -> Result<()> {
    if !runs_in(
        BrowserKind::Chromium,
        "covered in Chromium: version compatibility does not depend on the browser",
    ) {
        return Ok(());
    }
    for old in old_builds()? {
        let mut files = frame_files(&old);
        files.push(("embark.js", pinned_loader(&old)?));
        assert_connects(&files).await?;
    }
    Ok(())
}

#[tokio::test]
async fn pinned_loader_with_wrong_integrity_does_not_run() -> Result<()> {
    if !runs_in(BrowserKind::Chromium, "needs the browser's console") {
        return Ok(());
    }
    let fixture = BrowserFixture::open("/pinned").await?;
    fixture.until_state(&["ready"]).await?;
    fixture
        .goto(&format!("{SHOP_ORIGIN}/pinned?wrong=1"))
        .await?;
    let refused = fixture.until_console("integrity").await?;
    ensure!(refused.contains("embark-"), "{refused}");
    let defined = "return customElements.get('embark-signup') !== undefined";
    ensure!(
        fixture.run_on_page(defined).await? == false,
        "a loader with the wrong integrity hash ran"
    );
    Ok(())
}

/// Connects a number with these files in place of the current ones.
async fn assert_connects(old_files: &[(&'static str, PathBuf)]) -> Result<()> {
    let options = FixtureOptions {
        old_files: old_files.to_vec(),
        ..FixtureOptions::default()
    };
    let fixture = BrowserFixture::with(options).await?;
    fixture.goto(SHOP_ORIGIN).await?;
    fixture
        .until_state(&["ready"])
        .await?
        .assert_enabled("embark-button");
    fixture.click("embark-button").await?;
    fixture.until_state(&["popup"]).await?;
    fixture.popup().await?.finish().await?;
    let connected = |dom: &WidgetDom| dom.state == "connected" && dom.fits;
    let dom = fixture
        .until_dom("connected without scrolling", connected)
        .await?;
    dom.assert_text("Lucky Shrub");
    fixture.assert_connected_once("6000000000000001").await
}

/// The loader of an older build as today's build serves it, with the Worker's origin filled in.
fn pinned_loader(old: &Path) -> Result<PathBuf> {
    let version = old.file_name().context("no folder")?.to_string_lossy();
    Ok(path_from_env("EMBARK_ASSETS")?.join(format!("embark-{version}.js")))
}

fn frame_files(old: &Path) -> Vec<(&'static str, PathBuf)> {
    ["widget.js", "widget.wasm", "widget.css", "locales/en.json"]
        .map(|name| (name, old.join(name)))
        .to_vec()
}

fn old_builds() -> Result<Vec<PathBuf>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/old");
    let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut folders = entries.collect::<Result<Vec<_>>>()?;
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders.first().context("no older build")?;
    Ok(folders)
}
