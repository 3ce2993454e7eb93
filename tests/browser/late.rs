//! Too late: the page lay open longer than its grant holds, or the code could not be delivered in its life.

use crate::scene::{Scene, Setting};
use anyhow::Result;
use embark_tests::stage::HOST;
use std::time::Duration;

#[tokio::test]
async fn a_page_that_lay_open_for_a_day_still_connects() -> Result<()> {
    let late = Setting {
        late: true,
        ..Setting::default()
    };
    let scene = Scene::with(late).await?;
    scene.goto(&format!("{HOST}/")).await?;
    scene.until(&["ready"]).await?;
    scene.stage.ahead(Duration::from_secs(25 * 3600)).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    scene.connected_once("6000000000000001").await
}

#[tokio::test]
async fn a_code_that_could_not_be_delivered_in_its_life_leads_back_to_meta() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    popup.up_to("PERMISSIONS").await?;
    scene.stage.workerd.kill().await?;
    popup.finish().await?;
    scene.until(&["sending"]).await?;
    tokio::time::sleep(Duration::from_secs(33)).await;
    scene.stage.workerd.restart().await?;
    let seen = scene.until(&["relaunch", "stopped", "failed"]).await?;
    seen.offers("embark-restart");
    scene.click("embark-restart").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    scene.connected_once("6000000000000001").await
}
