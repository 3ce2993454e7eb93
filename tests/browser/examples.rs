//! `www/examples` as they stand there: plain HTML, React, Vue, and a page with a strict policy.

use crate::scene::{Scene, Setting};
use anyhow::{Result, ensure};
use embark_tests::stage::HOST;

#[tokio::test]
async fn plain_html() -> Result<()> {
    connects("html").await.map(|_| ())
}

#[tokio::test]
async fn react() -> Result<()> {
    let scene = connects("react").await?;
    comes_and_goes(&scene).await
}

#[tokio::test]
async fn vue() -> Result<()> {
    let scene = connects("vue").await?;
    comes_and_goes(&scene).await
}

#[tokio::test]
async fn a_strict_policy_with_trusted_types() -> Result<()> {
    let scene = connects("strict").await?;
    let broken = scene.chrome.console().await;
    let broken: Vec<_> = broken
        .iter()
        .filter(|line| line.contains("Content Security Policy") || line.contains("TrustedScript"))
        .collect();
    ensure!(broken.is_empty(), "{broken:#?}");
    Ok(())
}

/// The example's page hears which number was connected.
async fn connects(name: &str) -> Result<Scene> {
    let scene = Scene::with(Setting::default()).await?;
    scene
        .goto(&format!("{HOST}/examples/{name}/index.html"))
        .await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    let number = "return document.getElementById('number').textContent";
    scene
        .until_page(number, |number| number == "+1 631-555-0101")
        .await?;
    Ok(scene)
}

/// The framework takes the element away and puts it back, and the widget goes and comes with it.
async fn comes_and_goes(scene: &Scene) -> Result<()> {
    let toggle = "document.getElementById('toggle').click()";
    scene.on_page(toggle).await?;
    scene
        .until_page("return frames.length", |frames| *frames == 0)
        .await?;
    scene.on_page(toggle).await?;
    // The signup of this tab is shown, not a fresh button.
    scene.until(&["connected", "ready"]).await?;
    Ok(())
}
