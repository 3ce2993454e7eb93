//! What the host page pays: one script and a frame, no cookie, nothing of a third party; and what a second
//! visit still has.

use crate::scene::Scene;
use anyhow::Result;
use serde_json::{Value, json};

#[tokio::test]
async fn the_page_loads_one_script_and_a_frame_and_holds_no_cookie() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    let loaded = "return performance.getEntriesByType('resource')
        .map((one) => one.name.split('?')[0]).filter((name) => !name.startsWith(location.origin))";
    assert_eq!(
        scene.on_page(loaded).await?,
        json!([
            "https://signup.partner.example/embark.js",
            "https://signup.partner.example/frame"
        ])
    );
    assert_eq!(scene.on_page("return document.cookie").await?, "");
    assert_eq!(scene.inside("return document.cookie").await?, "");
    let jar = scene
        .chrome
        .devtools("Network.getAllCookies", json!({}))
        .await?;
    assert_eq!(jar["cookies"], json!([]), "nobody set a cookie");
    Ok(())
}

#[tokio::test]
async fn a_second_visit_asks_for_the_page_alone() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    // What the frame loaded of ours, and how many bytes of it came over the wire.
    let loaded = "return performance.getEntriesByType('resource')
        .filter((one) => one.name.startsWith(location.origin))
        .map((one) => [new URL(one.name).pathname, one.transferSize])";
    let first: Vec<(String, u64)> = serde_json::from_value(scene.inside(loaded).await?)?;
    assert!(first.iter().any(|(_, bytes)| *bytes > 0), "{first:?}");
    assert!(
        first.iter().all(|(path, _)| path.starts_with("/b/")),
        "{first:?}"
    );
    scene.top().await?;
    scene.chrome.client.refresh().await?;
    scene.until(&["ready"]).await?;
    let second: Vec<(String, u64)> = serde_json::from_value(scene.inside(loaded).await?)?;
    assert!(!second.is_empty());
    assert!(second.iter().all(|(_, bytes)| *bytes == 0), "{second:?}");
    // Before anything was pressed, Meta was asked for its script and for nothing else.
    let others = "return performance.getEntriesByType('resource').map((one) => one.name)
        .filter((name) => !name.startsWith(location.origin))";
    let others: Value = scene.inside(others).await?;
    let names = others.as_array().into_iter().flatten();
    let sdk = |name: &Value| {
        name.as_str()
            .is_some_and(|name| name.starts_with("https://connect.facebook.net/"))
    };
    assert!(
        names.clone().count() > 0 && names.clone().all(sdk),
        "{others}"
    );
    Ok(())
}
