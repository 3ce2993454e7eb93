//! The hosted page, and what is only to be seen for a moment.

use crate::scene::{Scene, Setting, hosted};
use anyhow::Result;
use serde_json::json;

#[tokio::test]
async fn the_hosted_page_connects_a_number_and_survives_a_reload() -> Result<()> {
    let scene = Scene::with(Setting::default()).await?.unframed();
    scene.goto(&hosted()).await?;
    let seen = scene.until(&["ready"]).await?;
    seen.says("Connect your WhatsApp number");
    scene.picture("hosted").await?;

    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    popup.up_to("PERMISSIONS").await?;
    scene.hold("*/outcome").await?;
    popup.finish().await?;
    scene.until(&["sending"]).await?;
    scene.picture("sending").await?;
    scene.let_go().await?;
    scene.until(&["connected"]).await?;

    scene.hold("*/v1/signups/*").await?;
    scene.top().await?;
    scene.chrome.client.refresh().await?;
    scene
        .until(&["resuming"])
        .await?
        .says("Looking up where you left off");
    scene.picture("resuming").await?;
    scene.let_go().await?;
    scene.until(&["connected"]).await?.says("Lucky Shrub");
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    Ok(())
}

impl Scene {
    /// Holds up the page's requests to addresses of this form.
    async fn hold(&self, pattern: &str) -> Result<()> {
        self.top().await?;
        let patterns = json!({"patterns": [{"urlPattern": pattern}]});
        self.chrome.devtools("Fetch.enable", patterns).await?;
        Ok(())
    }

    async fn let_go(&self) -> Result<()> {
        self.top().await?;
        self.chrome.devtools("Fetch.disable", json!({})).await?;
        Ok(())
    }
}
