//! Loaders and frames of older builds (`www/old`) against the current Worker: a page that was left open, a
//! loader that a site pinned.

use crate::scene::{Scene, Setting};
use anyhow::{Context, Result, ensure};
use embark_tests::stage::HOST;
use std::path::PathBuf;

#[tokio::test]
async fn an_old_loader_gets_on_with_the_frame_of_today() -> Result<()> {
    for old in builds()? {
        connects(&[("embark.js", old.join("embark.js"))]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_old_frame_gets_on_with_the_loader_of_today() -> Result<()> {
    for old in builds()? {
        connects(&frame_of(&old)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_old_tag_gets_on_with_the_worker_of_today() -> Result<()> {
    for old in builds()? {
        let mut files = frame_of(&old);
        files.push(("embark.js", old.join("embark.js")));
        connects(&files).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_pinned_loader_runs_and_a_changed_one_does_not() -> Result<()> {
    let scene = Scene::open("/pinned").await?;
    scene.until(&["ready"]).await?;
    scene.goto(&format!("{HOST}/pinned?wrong=1")).await?;
    let refused = scene.until_console("integrity").await?;
    ensure!(refused.contains("embark-"), "{refused}");
    let defined = "return customElements.get('embark-signup') !== undefined";
    ensure!(scene.on_page(defined).await? == false, "it ran");
    Ok(())
}

/// The whole way, with these files in place of today's.
async fn connects(older: &[(&'static str, PathBuf)]) -> Result<()> {
    let setting = Setting {
        older: older.to_vec(),
        ..Setting::default()
    };
    let scene = Scene::with(setting).await?;
    scene.goto(HOST).await?;
    scene.until(&["ready"]).await?.offers("embark-button");
    scene.click("embark-button").await?;
    scene.until(&["popup"]).await?;
    scene.popup().await?.finish().await?;
    let seen = scene.until(&["connected"]).await?;
    seen.says("Lucky Shrub");
    ensure!(seen.fits, "{seen:#?}");
    scene.connected_once("6000000000000001").await
}

fn frame_of(old: &std::path::Path) -> Vec<(&'static str, PathBuf)> {
    ["widget.js", "widget.wasm", "widget.css", "locales/en.json"]
        .map(|name| (name, old.join(name)))
        .to_vec()
}

fn builds() -> Result<Vec<PathBuf>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/old");
    let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut folders = entries.collect::<Result<Vec<_>>>()?;
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders.first().context("no older build")?;
    Ok(folders)
}
