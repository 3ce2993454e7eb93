//! Everything Meta may say at the end of its window, one after the other on one page.

use crate::scene::Scene;
use anyhow::Result;
use serde_json::{Value, json};

#[tokio::test]
async fn however_somebody_leaves_it_is_told_and_goes_on() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    let mut button = "embark-button";
    for (press, rules, want) in [
        (
            "report",
            json!({"left": "ERROR"}),
            json!({"reason": "error", "error_code": "524126"}),
        ),
        (
            "report",
            json!({"data": {"error_code": 2655011}}),
            json!({"reason": "error", "error_code": "2655011"}),
        ),
        (
            "report",
            json!({"left": "ERROR", "as_object": true, "data": {"error_code": null, "error_id": "3441041"}}),
            json!({"reason": "error", "error_code": "3441041"}),
        ),
        (
            "report",
            json!({"noise": true, "data": {"error_code": null, "session_id": 7}}),
            json!({"reason": "error", "error_code": null, "session_id": null}),
        ),
        (
            "cancel",
            json!({"data": {"current_step": "A_SCREEN_OF_TOMORROW"}}),
            json!({"reason": "cancelled", "step": "A_SCREEN_OF_TOMORROW"}),
        ),
        (
            "cancel",
            json!({"noise": true, "data": {"current_step": 7}}),
            json!({"reason": "cancelled", "step": null}),
        ),
        (
            "cancel",
            json!({"left": "ERROR", "data": {"current_step": null}}),
            json!({"reason": "cancelled", "step": null}),
        ),
    ] {
        scene.only_rules(rules.clone()).await?;
        scene.click(button).await?;
        let popup = scene.popup().await?;
        popup.up_to("PERMISSIONS").await?;
        popup.press(press).await?;
        popup.gone().await?;
        scene.until(&["cancelled"]).await?.offers("embark-restart");
        let events = scene.events().await?;
        let told = events.all("cancelled").last().cloned().unwrap_or_default();
        for (key, value) in want.as_object().into_iter().flatten() {
            assert_eq!(&told[key], value, "{key} for {rules}: {told}");
        }
        button = "embark-restart";
    }
    assert_eq!(scene.events().await?.count("cancelled"), 7);
    assert_eq!(scene.stage.count("*/oauth/access_token", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn every_finish_is_a_success_whatever_else_it_says() -> Result<()> {
    let scene = Scene::open("/").await?;
    scene.until(&["ready"]).await?;
    let arrays = json!({"ad_account_ids": [], "page_ids": ["100000000000009"], "dataset_ids": ["1"], "catalog_ids": [],
        "instagram_account_ids": [7, null], "waba_ids": ["5000000000000001"]});
    for rules in [
        json!({"finish": "FINISH_OBO_MIGRATION"}),
        json!({"finish": "FINISH_GRANT_ONLY_API_ACCESS"}),
        json!({"finish": "FINISH_OF_TOMORROW", "noise": true}),
        json!({"finish": "FINISH_ONLY_WABA", "data": {"phone_number_id": null, "business_id": null}}),
        json!({"finish": "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING", "data": {"is_wa_login_user": true}}),
        json!({"data": arrays, "as_object": true, "noise": true}),
        // Digits are lost in numbers: no ids, then, but a signup all the same.
        json!({"data": {"waba_id": 5000000000000001u64, "phone_number_id": 6000000000000001u64, "business_id": []}}),
        json!({"data": {"waba_id": null, "phone_number_id": null, "business_id": null}}),
    ] {
        scene.only_rules(rules.clone()).await?;
        scene.click("embark-button").await?;
        scene.popup().await?.finish().await?;
        let seen = scene
            .until(&["connected", "failed", "relaunch", "needs_input"])
            .await?;
        assert_eq!(seen.state, "connected", "{rules}");
        let events = scene.events().await?;
        let told = events.all("connected").last().cloned().unwrap_or_default();
        assert_eq!(told["phone_number_id"], "6000000000000001", "{rules}");
        scene.click("embark-restart").await?;
        scene.until(&["ready"]).await?;
    }
    assert_eq!(scene.events().await?.count("connected"), 8);
    assert_eq!(scene.stage.count("*/register", None).await?, 1);
    Ok(())
}

impl Scene {
    /// These rules for Meta's events, and none of the ones before.
    async fn only_rules(&self, rules: Value) -> Result<()> {
        let mut all =
            json!({"finish": null, "left": null, "data": {}, "as_object": false, "noise": false});
        for (name, rule) in rules.as_object().into_iter().flatten() {
            all[name] = rule.clone();
        }
        self.stage.rules(all).await
    }
}
