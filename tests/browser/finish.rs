//! The popup is gone through to its end, and the signup connects.

use crate::scene::Scene;
use anyhow::Result;
use serde_json::{Value, json};

#[tokio::test]
async fn a_person_connects_a_number() -> Result<()> {
    let scene = Scene::open("/").await?;
    // Nothing is left to do.
    let paid = json!({"primary_funding_id": "1"});
    scene.stage.patch("wabas/5000000000000001", paid).await?;
    let seen = scene.until(&["ready"]).await?;
    seen.says("Connect WhatsApp");
    seen.offers("embark-button");
    scene.picture("ready").await?;

    scene.click("embark-button").await?;
    let seen = scene.until(&["popup"]).await?;
    seen.says("Go on in Meta’s window");
    scene.picture("popup").await?;
    let slow = json!({"path": "*/register", "kind": "latency", "ms": 15_000});
    scene.stage.fault(slow).await?;
    scene.popup().await?.finish().await?;

    let seen = scene
        .until_seen("register under way", |seen| {
            seen.step("register") == "active"
        })
        .await?;
    assert_eq!(seen.state, "running");
    assert_eq!(
        (seen.step("exchange"), seen.step("inspect")),
        ("done", "done")
    );
    seen.says("Registration with WhatsApp");
    scene.picture("running").await?;

    let seen = scene.until(&["connected"]).await?;
    seen.says("Lucky Shrub");
    seen.says("+1 631-555-0101");
    scene.picture("connected").await?;
    scene.connected_once("6000000000000001").await
}

#[tokio::test]
async fn the_code_alone_is_enough() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.stage.rules(json!({"ids": "never"})).await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?.says("+1 631-555-0101");
    scene.connected_once("6000000000000001").await
}

#[tokio::test]
async fn ids_that_come_after_the_code_say_which_account() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene
        .stage
        .rules(json!({"ids": "after", "ids_delay_ms": 300}))
        .await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    // Two accounts are shared: without the ids somebody would have to be asked.
    let popup = scene.popup().await?;
    for press in [
        "business-4000000000000002",
        "continue",
        "waba-all",
        "continue",
    ] {
        popup.press(press).await?;
    }
    popup.press("number-6000000000000002").await?;
    popup.finish().await?;
    scene.until(&["connected"]).await?;
    assert_eq!(scene.events().await?.count("needsinput"), 0);
    scene.connected_once("6000000000000002").await
}

#[tokio::test]
async fn an_account_without_a_number_is_connected_and_offers_to_add_one() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    for press in [
        "business-new",
        "continue",
        "continue",
        "continue",
        "number-none",
    ] {
        popup.press(press).await?;
    }
    popup.finish().await?;
    scene.until(&["connected_without_number"]).await?;
    let seen = scene
        .until_seen("the report", |seen| seen.text.contains("Next steps"))
        .await?;
    seen.says("Add a number");
    scene.picture("connected_without_number").await?;
    assert_eq!(
        scene.events().await?.one("connected")["without_number"],
        true
    );
    assert_eq!(scene.stage.count("*/register", None).await?, 0);
    // "Add a number" is a signup of its own.
    scene.click("embark-restart").await?;
    scene.until(&["ready"]).await?.offers("embark-button");
    Ok(())
}

#[tokio::test]
async fn a_strict_policy_needs_no_line_for_meta() -> Result<()> {
    let scene = Scene::open("/csp").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    let violations = scene.on_page("return window.__violations").await?;
    assert_eq!(violations, json!([]), "of the host page's policy");
    scene.connected_once("6000000000000001").await
}

#[tokio::test]
async fn inline_the_button_is_on_the_page_itself() -> Result<()> {
    let scene = Scene::open("/?mode=inline").await?.unframed();
    scene.until(&["ready"]).await?.offers("embark-button");
    let frames = "return document.querySelector('embark-signup').shadowRoot.querySelectorAll('iframe').length";
    assert_eq!(scene.on_page(frames).await?, 0);
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?.says("Lucky Shrub");
    scene.connected_once("6000000000000001").await
}

impl Scene {
    /// Meta was asked once for each thing, and the page was told once.
    pub async fn connected_once(&self, phone: &str) -> Result<()> {
        let events = self.events().await?;
        assert_eq!(events.names()[..2], ["ready", "launched"], "{events:#?}");
        assert_eq!(
            events.count("failed") + events.count("cancelled"),
            0,
            "{events:#?}"
        );
        let connected = events.one("connected");
        assert_eq!(connected["phone_number_id"], phone);
        let launched = &events.one("launched")["signup"];
        assert_eq!(connected["signup"], *launched);
        assert_ne!(*launched, Value::Null);
        let stage = &self.stage;
        assert_eq!(stage.count("*/oauth/access_token", Some(true)).await?, 1);
        let registered = format!("*/{phone}/register");
        assert_eq!(stage.count("*/register", Some(true)).await?, 1);
        assert_eq!(stage.count(&registered, Some(true)).await?, 1);
        Ok(())
    }
}
