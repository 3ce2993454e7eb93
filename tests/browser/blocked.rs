//! Something keeps Meta's window or Meta's script away: it is said, and there is a way on.

use crate::scene::{Scene, Setting};
use anyhow::Result;
use embark_tests::stage::HOST;
use serde_json::json;

#[tokio::test]
async fn a_blocked_window_is_said_and_can_be_tried_again() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    scene
        .inside("window.held = window.open; window.open = () => null")
        .await?;
    scene.click("embark-button").await?;

    let seen = scene.until(&["popup_blocked"]).await?;
    seen.says("The window could not be opened");
    seen.offers("embark-continue-link");
    seen.offers("embark-restart");
    scene.picture("popup_blocked").await?;

    scene.inside("window.open = window.held").await?;
    scene.click("embark-restart").await?;
    scene.until(&["popup"]).await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_page_that_severs_its_popups_goes_on_in_a_new_tab_and_hears_of_it() -> Result<()> {
    let scene = Scene::open("/coop").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    let seen = scene.until(&["popup_blocked"]).await?;
    seen.says("Close the Meta window if one opened");
    // It did open, and nobody here can reach it.
    scene.popup().await?.close().await?;

    scene.click("embark-continue-link").await?;
    let home = scene.turn_to_new_tab().await?;
    let seen = scene.until(&["ready"]).await?;
    seen.offers("embark-button");
    let address = scene.on_page("return location.href").await?;
    assert_eq!(
        address, "https://signup.partner.example/go/acme?lang=en",
        "no grant is left in the address"
    );
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;

    scene.turn_back(home);
    scene.until(&["connected"]).await?.says("Lucky Shrub");
    let events = scene.events().await?;
    assert_eq!(
        events.one("connected")["signup"],
        events.one("launched")["signup"]
    );
    assert_eq!(scene.stage.count("*/oauth/access_token", None).await?, 1);
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_script_that_a_blocker_keeps_away_is_named() -> Result<()> {
    let no_sdk = Setting {
        no_sdk: true,
        ..Setting::default()
    };
    let scene = Scene::with(no_sdk).await?;
    scene.goto(HOST).await?;
    let seen = scene.until(&["sdk_blocked"]).await?;
    seen.says("Ad blockers");
    seen.says("connect.facebook.net");
    seen.offers("embark-retry");
    scene.picture("sdk_blocked").await?;
    let events = scene.events().await?;
    assert_eq!(
        events.count("ready") + events.count("launched"),
        0,
        "{events:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn a_script_that_comes_late_or_at_the_second_try_is_taken() -> Result<()> {
    let scene = Scene::with(Setting::default()).await?;
    let late = json!({"path": "*/sdk.js", "kind": "latency", "ms": 9_000});
    scene.stage.fault(late).await?;
    let broken = json!({"path": "*/sdk.js", "kind": "status", "http": 503});
    scene.stage.fault(broken).await?;
    scene.goto(HOST).await?;
    let seen = scene.until(&["loading"]).await?;
    assert!(
        !seen.open.iter().any(|open| open == "embark-button"),
        "{seen:#?}"
    );
    scene.picture("loading").await?;
    scene.until(&["sdk_blocked"]).await?;
    scene.click("embark-retry").await?;
    scene.until(&["ready"]).await?.offers("embark-button");
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    Ok(())
}
