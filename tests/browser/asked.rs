//! A person is asked for something: which account, which number, a code, a PIN.

use crate::scene::Scene;
use crate::seen::Seen;
use anyhow::{Context, Result};
use serde_json::{Value, json};

#[tokio::test]
async fn which_account_and_the_code_for_its_number() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.stage.rules(json!({"ids": "never"})).await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
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

    scene.until_asked("waba").await?.says("Which account?");
    scene.picture("needs_input_waba").await?;
    scene
        .piece("input[value=\"5000000000000003\"]")
        .await?
        .click()
        .await?;
    scene.click("embark-submit").await?;

    // The number of that account was never verified.
    scene.until_asked("verification").await?;
    scene.picture("needs_input_verification").await?;
    scene.click("embark-submit").await?;
    scene.until_asked("verification_code").await?;
    scene.picture("needs_input_verification_code").await?;
    let world: Value = scene
        .stage
        .control("GET", "world")
        .send()
        .await?
        .json()
        .await?;
    let code = world["phones"]["6000000000000003"]["otp"].as_str();
    let code = code.context("no code was sent")?;
    scene.fill("embark-input-verification_code", code).await?;
    scene.click("embark-submit").await?;

    scene.until(&["connected"]).await?;
    let events = scene.events().await?;
    let kinds: Vec<_> = events
        .all("needsinput")
        .map(|detail| detail["kind"].clone())
        .collect();
    assert_eq!(kinds, ["waba", "verification", "verification_code"]);
    scene.connected_once("6000000000000003").await
}

#[tokio::test]
async fn which_number_of_an_account() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.stage.rules(json!({"ids": "never"})).await?;
    let second = json!({"phones": [{"id": "6000000000000077", "waba_id": "5000000000000001",
        "display_phone_number": "+1 631-555-0177", "verified_name": "Lucky Shrub Delivery",
        "code_verification_status": "VERIFIED"}]});
    scene
        .stage
        .control("POST", "seed")
        .json(&second)
        .send()
        .await?
        .error_for_status()?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;

    let seen = scene.until_asked("number").await?;
    seen.says("+1 631-555-0101");
    seen.says("+1 631-555-0177");
    scene.picture("needs_input_number").await?;
    scene
        .piece("input[value=\"6000000000000077\"]")
        .await?
        .click()
        .await?;
    scene.click("embark-submit").await?;
    scene.until(&["connected"]).await?.says("+1 631-555-0177");
    scene.connected_once("6000000000000077").await
}

#[tokio::test]
async fn the_pin_that_somebody_set_before() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.pin_is_set("482916").await?;
    scene.until(&["ready"]).await?;
    scene.click("embark-button").await?;
    scene.popup().await?.finish().await?;

    scene
        .until_asked("pin")
        .await?
        .says("two-step verification");
    scene.picture("needs_input_pin").await?;
    assert_eq!(
        scene.stage.count("*/register", None).await?,
        0,
        "nothing was guessed"
    );
    scene.fill("embark-input-pin", "111 111").await?;
    scene.click("embark-submit").await?;
    let seen = scene
        .until_seen("a complaint", |seen| {
            seen.text.contains("This PIN is not right.")
        })
        .await?;
    seen.offers("embark-submit");
    scene.picture("needs_input_pin_wrong").await?;
    scene.fill("embark-input-pin", "482916").await?;
    scene.click("embark-submit").await?;
    scene.until(&["connected"]).await?;
    assert_eq!(scene.stage.count("*/register", None).await?, 2);
    assert_eq!(scene.stage.count("*/register", Some(true)).await?, 1);
    let text = format!("{:?}", scene.events().await?);
    assert!(!text.contains("482916"), "the PIN is in {text}");
    Ok(())
}

impl Scene {
    /// The number has a PIN that somebody set before.
    pub async fn pin_is_set(&self, pin: &str) -> Result<()> {
        let phone = self.stage.control("PATCH", "phones/6000000000000001");
        let pin = json!({"pin": pin, "is_pin_enabled": true});
        phone.json(&pin).send().await?.error_for_status()?;
        Ok(())
    }

    /// Waits until the form of this kind is there to be filled in.
    pub async fn until_asked(&self, kind: &str) -> Result<Seen> {
        let test_id = format!("embark-input-{kind}");
        let form = |seen: &Seen| {
            seen.state == "needs_input" && seen.asks.as_deref() == Some(test_id.as_str())
        };
        let seen = self.until_seen(&test_id, form).await?;
        seen.offers("embark-submit");
        Ok(seen)
    }
}
