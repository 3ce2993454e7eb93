//! The page is reloaded in the middle.

use crate::scene::{Scene, hosted};
use anyhow::{Context, Result};
use serde_json::json;

#[tokio::test]
async fn while_the_run_is_on_its_way_it_is_followed_on() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    let slow = json!({"path": "*/register", "kind": "latency", "ms": 5_000});
    scene.stage.fault(slow).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene
        .until_seen("register under way", |seen| {
            seen.step("register") == "active"
        })
        .await?;

    scene.reload().await?;
    let seen = scene.until(&["running", "connected"]).await?;
    assert!(!seen.text.contains("Connect WhatsApp"), "{seen:#?}");
    scene.until(&["connected"]).await?.says("+1 631-555-0101");
    let events = scene.events().await?;
    assert_eq!(
        events.count("launched"),
        0,
        "nobody launched on this page: {events:#?}"
    );
    assert_eq!(
        events.one("connected")["phone_number_id"],
        "6000000000000001"
    );
    assert_eq!(scene.stage.count("*/oauth/access_token", None).await?, 1);
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn while_the_window_is_open_the_button_is_there_again() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    popup.up_to("PHONE_NUMBER_SETUP").await?;
    scene.reload().await?;
    scene.until(&["ready"]).await?.offers("embark-button");
    popup.close().await?;

    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    scene.connected_once("6000000000000001").await
}

#[tokio::test]
async fn another_day_in_another_browser_the_link_brings_back_what_was_asked() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.pin_is_set("482916").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until_asked("pin").await?.offers("embark-later");
    scene.picture("needs_input_pin").await?;
    let link = scene
        .piece("[data-testid=embark-later]")
        .await?
        .attr("href")
        .await?;
    let link = link.context("no link")?;
    // The page is closed; nothing of it is left but the link.
    scene.top().await?;
    scene.goto("about:blank").await?;
    scene.chrome.client.new_window(true).await?;
    scene.turn_to_new_tab().await?;
    scene.top().await?;
    scene.goto(&link).await?;
    scene
        .until_asked("pin")
        .await?
        .says("two-step verification");
    let address = scene.on_page("return location.href").await?;
    assert_eq!(address, hosted(), "no grant is left in the address");
    scene.fill("embark-input-pin", "482916").await?;
    scene.click("embark-submit").await?;
    scene.until(&["connected"]).await?;
    // And again, when all is done.
    scene.top().await?;
    scene.goto("about:blank").await?;
    scene.goto(&link).await?;
    scene.until(&["connected"]).await?.says("Lucky Shrub");
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    assert_eq!(scene.stage.count("*/oauth/access_token", None).await?, 1);
    Ok(())
}

impl Scene {
    async fn reload(&self) -> Result<()> {
        self.top().await?;
        Ok(self.chrome.client.refresh().await?)
    }
}
