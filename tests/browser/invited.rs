//! A customer opens the link of an invitation; so does somebody else.

use crate::scene::{Scene, Setting};
use anyhow::{Context, Result};
use serde_json::{Value, json};

#[tokio::test]
async fn an_invitation_is_good_for_one_and_they_can_come_back() -> Result<()> {
    let scene = Scene::with(Setting::default()).await?.unframed();
    let made = scene
        .stage
        .post("sites/acme/invitations", &json!({}))
        .await?;
    let made: Value = serde_json::from_str(&made.text().await?)?;
    let url = made["url"].as_str().context("no address")?;
    scene.goto(url).await?;
    scene.until(&["ready"]).await?;
    scene.goto(url).await?;
    scene.until(&["ready"]).await?.offers("embark-button");
    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    popup.cancel_at("PHONE_NUMBER_SETUP").await?;
    scene.until(&["cancelled"]).await?;

    // In another tab it is somebody else who comes.
    scene.chrome.client.new_window(true).await?;
    let first = scene.turn_to_new_tab().await?;
    scene.top().await?;
    scene.goto(url).await?;
    let seen = scene.until(&["stopped"]).await?;
    seen.says("The invitation was already used.");
    assert!(
        !seen.open.iter().any(|open| open == "embark-button"),
        "{seen:#?}"
    );
    scene.picture("invitation_used").await?;

    // Whoever began goes on, also after a reload.
    scene.turn_back(first);
    scene.top().await?;
    scene.goto(url).await?;
    scene.until(&["ready"]).await?.offers("embark-button");
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    scene.goto(url).await?;
    scene.until(&["connected"]).await?.says("Lucky Shrub");
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    Ok(())
}
