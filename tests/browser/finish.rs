//! The popup is gone through to its end, and the signup connects.

use crate::scene::Scene;
use anyhow::Result;
use serde_json::json;

#[tokio::test]
async fn a_person_connects_a_number() -> Result<()> {
    let t = std::time::Instant::now();
    let scene = Scene::open("/").await?;
    eprintln!("open {:?}", t.elapsed());
    let seen = scene.until(&["ready"]).await?;
    seen.says("Connect WhatsApp");
    seen.offers("embark-button");
    scene.picture("ready").await?;

    eprintln!("ready {:?}", t.elapsed());
    scene.click("embark-button").await?;
    eprintln!("clicked {:?}", t.elapsed());
    scene.until(&["popup"]).await?.says("Go on in Meta’s window");
    scene.popup().await?.finish().await?;

    eprintln!("finished {:?}", t.elapsed());
    let seen = scene.until(&["connected"]).await?;
    eprintln!("connected {:?}", t.elapsed());
    seen.says("Lucky Shrub");
    seen.says("+1 631-555-0101");
    assert_connected_once(&scene, "6000000000000001").await
}

/// Meta was asked once for each thing, and the page was told once.
async fn assert_connected_once(scene: &Scene, phone: &str) -> Result<()> {
    let events = scene.events().await?;
    assert_eq!(events.count("launched"), 1, "{events:#?}");
    assert_eq!(events.one("connected")["phone_number_id"], json!(phone));
    let stage = &scene.stage;
    assert_eq!(stage.count("*/oauth/access_token", Some(true)).await?, 1);
    assert_eq!(stage.count("*/register", Some(true)).await?, 1);
    Ok(())
}
