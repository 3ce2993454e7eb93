//! Several widgets on one page, and pages that put them up and take them away again.

use crate::scene::{LOOK, PATIENCE, Scene, Setting};
use anyhow::{Context, Result, ensure};
use embark_tests::stage::HOST;
use serde_json::{Value, json};
use std::time::Instant;
use tokio::time::sleep;

#[tokio::test]
async fn two_tags_are_two_widgets_and_each_tells_of_its_own() -> Result<()> {
    let scene = Scene::with(Setting::default()).await?;
    scene.stage.configure("beta", &[HOST]).await?;
    scene.goto(&format!("{HOST}/two")).await?;
    scene.until(&["ready"]).await?;
    let sites =
        "return [...document.querySelectorAll('embark-signup')].map((one) => one.dataset.site)";
    assert_eq!(scene.on_page(sites).await?, json!(["acme", "beta"]));
    scene.on_page(HEAR).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    let told = scene.on_page("return window.told").await?;
    let told = told.as_array().context("nobody was told")?;
    ensure!(!told.is_empty(), "nobody was told");
    ensure!(told.iter().all(|site| site == "acme"), "{told:?}");
    // The other one stands as it stood.
    scene.top().await?;
    let other =
        "return document.querySelectorAll('embark-signup')[1].shadowRoot.querySelector('iframe')";
    let other = scene.element(other).await?.context("no second frame")?;
    other.enter_frame().await?;
    let state = "return document.querySelector('.embark').dataset.state";
    let state = scene.chrome.client.execute(state, vec![]).await?;
    assert_eq!(state, "ready");
    Ok(())
}

#[tokio::test]
async fn a_frame_that_comes_and_goes_leaves_nothing_behind() -> Result<()> {
    leaves_nothing("/").await
}

#[tokio::test]
async fn nor_does_a_widget_on_the_page_itself() -> Result<()> {
    leaves_nothing("/?mode=inline").await
}

/// Puts the element up and takes it away, over and over: listeners, nodes and documents stay as many.
async fn leaves_nothing(path: &str) -> Result<()> {
    let scene = Scene::open(path).await?;
    scene.place_in_frame(!path.contains("inline"));
    scene.until(&["ready"]).await?;
    for _ in 0..3 {
        around(&scene).await?;
    }
    let before = counted(&scene).await?;
    for _ in 0..8 {
        around(&scene).await?;
    }
    let after = counted(&scene).await?;
    for (name, was) in &before {
        let is = after.iter().find(|(other, _)| other == name);
        let is = is.map_or(0.0, |(_, is)| *is);
        // A round that leaked anything would show eight times.
        ensure!(is < was + 8.0, "{name}: {was}, then {is}");
    }
    Ok(())
}

async fn around(scene: &Scene) -> Result<()> {
    scene
        .on_page("window.kept = document.querySelector('embark-signup'); kept.remove()")
        .await?;
    let left = "return [kept.shadowRoot.childNodes.length, frames.length]";
    assert_eq!(scene.on_page(left).await?, json!([0, 0]));
    // Whoever looks into a frame holds it: only the page's own events say when the new one is there.
    let back = "document.querySelector('main').append(window.kept); delete window.kept;
        return window.__events.length";
    let before = scene.on_page(back).await?;
    let told = "return window.__events.length";
    scene.until_page(told, |told| *told != before).await?;
    Ok(())
}

/// What the page holds, after everything that nobody holds was thrown away.
async fn counted(scene: &Scene) -> Result<Vec<(String, f64)>> {
    scene.top().await?;
    let chrome = &scene.chrome;
    chrome.devtools("Performance.enable", json!({})).await?;
    let mut counts: Vec<(String, f64)> = Vec::new();
    let started = Instant::now();
    // Two looks that agree: some things go only with the next round.
    while started.elapsed() < PATIENCE {
        chrome
            .devtools("HeapProfiler.collectGarbage", json!({}))
            .await?;
        let metrics = chrome.devtools("Performance.getMetrics", json!({})).await?;
        let of = |name: &str| {
            let all = metrics["metrics"].as_array().into_iter().flatten();
            let mut named = all.filter(|metric| metric["name"] == name);
            named.next().and_then(|metric| metric["value"].as_f64())
        };
        let names = ["JSEventListeners", "Nodes", "Documents", "Frames"];
        let look: Vec<_> = names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), of(name)?)))
            .collect();
        ensure!(look.len() == names.len(), "{metrics}");
        if look == counts {
            return Ok(counts);
        }
        counts = look;
        sleep(LOOK * 5).await;
    }
    Ok(counts)
}

const HEAR: &str = r#"
  window.told = [];
  for (const name of ["launched", "progress", "connected"])
    window.embark.on(name, (_, event) => window.told.push(event.target.dataset.site));
"#;

#[tokio::test]
async fn who_listened_can_stop() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    let heard: Value = scene
        .on_page(
            "let heard = 0; const off = window.embark.on('ready', () => { heard += 1; });
             const tell = () => document.querySelector('embark-signup').dispatchEvent(
                 new CustomEvent('embark:ready', { bubbles: true }));
             tell(); off(); tell(); return heard;",
        )
        .await?;
    assert_eq!(heard, 1);
    Ok(())
}
