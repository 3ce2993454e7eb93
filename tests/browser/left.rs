//! The person leaves Meta's window before the end: each way is told apart, and each has a way on.

use crate::scene::Scene;
use anyhow::{Context, Result};

#[tokio::test]
async fn cancelled_at_a_step_says_which_and_goes_on() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    popup.cancel_at("PHONE_NUMBER_SETUP").await?;

    let seen = scene.until(&["cancelled"]).await?;
    seen.says("You left while adding your phone number.");
    seen.offers("embark-restart");
    scene.picture("cancelled").await?;
    let events = scene.events().await?;
    let cancelled = events.one("cancelled");
    assert_eq!(cancelled["reason"], "cancelled");
    assert_eq!(cancelled["step"], "PHONE_NUMBER_SETUP");

    scene.click("embark-restart").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    let events = scene.events().await?;
    assert_eq!(events.count("launched"), 2);
    assert_eq!(events.one("connected")["signup"], cancelled["signup"]);
    assert_eq!(scene.stage.count("*/oauth/access_token", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_problem_reported_to_meta_is_quoted() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    popup.up_to("PERMISSIONS").await?;
    popup.press("report").await?;
    popup.gone().await?;

    let seen = scene.until(&["cancelled"]).await?;
    seen.says("Something went wrong on this screen.");
    seen.says("524126");
    seen.offers("embark-restart");
    scene.picture("cancelled_error").await?;
    let events = scene.events().await?;
    let cancelled = events.one("cancelled");
    assert_eq!(cancelled["reason"], "error");
    assert_eq!(cancelled["error_code"], "524126");
    let session = cancelled["session_id"].as_str().context("no session id")?;
    seen.says(session);
    Ok(())
}

#[tokio::test]
async fn a_window_closed_from_outside_is_noticed() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.close().await?;

    let seen = scene.until(&["popup_closed"]).await?;
    seen.says("The window was closed");
    scene.picture("popup_closed").await?;
    assert_eq!(scene.events().await?.one("cancelled")["reason"], "closed");

    scene.click("embark-restart").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_finish_whose_code_is_lost_is_not_a_success() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    let popup = scene.popup().await?;
    popup.up_to("PERMISSIONS").await?;
    popup.run(FINISH_WITHOUT_CODE).await?;
    popup.close().await?;

    let seen = scene.until(&["popup_silent"]).await?;
    seen.says("Meta’s confirmation did not arrive");
    seen.offers("embark-restart");
    scene.picture("popup_silent").await?;
    assert_eq!(scene.events().await?.count("connected"), 0);
    assert_eq!(scene.stage.count("*/oauth/access_token", None).await?, 0);

    scene.click("embark-restart").await?;
    scene.popup().await?.finish().await?;
    scene.until(&["connected"]).await?;
    Ok(())
}

const FINISH_WITHOUT_CODE: &str = r#"
  const data = { waba_id: "5000000000000001", phone_number_id: "6000000000000001" };
  opener.postMessage(JSON.stringify({ type: "WA_EMBEDDED_SIGNUP", event: "FINISH", version: "3", data }), "*");
"#;
