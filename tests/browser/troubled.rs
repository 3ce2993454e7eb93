//! Meta refuses or wants a pause, a code comes too late, the connection is gone.

use crate::scene::Scene;
use anyhow::Result;
use serde_json::json;

#[tokio::test]
async fn a_pause_that_meta_wants_is_counted_down() -> Result<()> {
    let scene = Scene::open("/").await?;
    let pause = json!({"path": "*/register", "kind": "error", "http": 400, "code": 133009,
        "message": "Two step verification PIN guessed too fast", "details": "Please try again after 20 seconds."});
    scene.stage.fault(pause).await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["waiting"]).await?.says("Next try in 0:");
    scene.picture("waiting").await?;
    scene.until(&["connected"]).await?;
    scene.connected_once("6000000000000001").await
}

#[tokio::test]
async fn a_refusal_says_who_must_act_and_what_to_quote() -> Result<()> {
    let scene = Scene::open("/").await?;
    let refusal = json!({"path": "*/register", "kind": "error", "http": 403, "code": 131031, "times": null,
        "message": "Business Account locked"});
    scene.stage.fault(refusal).await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    let seen = scene.until(&["failed"]).await?;
    seen.says("This did not work");
    seen.says("Reference for support:");
    seen.offers("embark-restart");
    scene.picture("failed").await?;
    let events = scene.events().await?;
    let failed = events.one("failed");
    assert!(
        failed["code"].is_string() && failed["remedy"].is_string(),
        "{failed}"
    );
    let trace = failed["fbtrace_id"].as_str().unwrap_or("none");
    seen.says(trace);
    Ok(())
}

#[tokio::test]
async fn a_code_that_came_too_late_leads_back_to_meta_under_the_same_signup() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.stage.rules(json!({"code_ttl_s": 0})).await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    let seen = scene.until(&["relaunch"]).await?;
    seen.says("Back to Meta, once more");
    seen.offers("embark-restart");
    scene.picture("relaunch").await?;

    scene.stage.rules(json!({"code_ttl_s": 30})).await?;
    scene.click("embark-restart").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    let events = scene.events().await?;
    let signups: Vec<_> = events
        .all("launched")
        .map(|detail| detail["signup"].clone())
        .collect();
    assert_eq!(signups.len(), 2);
    assert_eq!(signups[0], signups[1]);
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_code_that_comes_while_nobody_answers_is_kept_and_passed_on() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.finish_while_the_edge_is_down().await?;
    scene.stage.workerd.restart().await?;
    scene.until(&["connected"]).await?;
    scene.connected_once("6000000000000001").await
}

#[tokio::test]
async fn a_page_that_did_not_load_completely_goes_on_by_itself() -> Result<()> {
    let scene = Scene::with(crate::scene::Setting::default())
        .await?
        .unframed();
    scene.goto("about:blank").await?;
    scene.chrome.devtools("Network.enable", json!({})).await?;
    let blocked = json!({"urls": ["*widget.wasm*", "*locales/*"]});
    scene
        .chrome
        .devtools("Network.setBlockedURLs", blocked)
        .await?;
    scene.goto(&crate::scene::hosted()).await?;
    // Once is enough to lose a page that does not try again.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert!(scene.seen().await?.is_none(), "it loaded all the same");
    scene
        .chrome
        .devtools("Network.setBlockedURLs", json!({"urls": []}))
        .await?;
    scene.until(&["ready"]).await?;
    Ok(())
}

#[tokio::test]
async fn a_lost_connection_is_said_and_found_again() -> Result<()> {
    let scene = Scene::open("/").await?;
    let slow = json!({"path": "*/register", "kind": "latency", "ms": 4_000});
    scene.stage.fault(slow).await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene
        .until_seen("register under way", |seen| {
            seen.step("register") == "active"
        })
        .await?;
    scene.stage.workerd.kill().await?;
    let seen = scene
        .until_seen("trouble", |seen| seen.text.contains("No connection."))
        .await?;
    seen.offers("embark-retry");
    scene.picture("trouble").await?;
    scene.stage.workerd.restart().await?;
    scene.click("embark-retry").await?;
    let seen = scene.until(&["connected"]).await?;
    assert!(!seen.text.contains("No connection."), "{seen:#?}");
    scene.connected_once("6000000000000001").await
}

impl Scene {
    /// The person finishes at Meta while nobody answers at the edge: the code stays in the page.
    pub async fn finish_while_the_edge_is_down(&self) -> Result<()> {
        let popup = self.popup().await?;
        popup.up_to("PERMISSIONS").await?;
        self.stage.workerd.kill().await?;
        popup.finish().await?;
        self.until(&["sending"]).await?;
        Ok(())
    }
}
