//! Every form of the message that Meta's popup sends at its end, each in turn on the same page.

use crate::fixture::BrowserFixture;
use anyhow::Result;
use serde_json::{Value, json};

#[tokio::test]
async fn popup_left_in_any_way_is_reported_and_can_be_resumed() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture.until_state(&["ready"]).await?;
    let mut button = "embark-button";
    for (button_at_meta, rules, expected) in [
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
        fixture.set_event_rules(rules.clone()).await?;
        fixture.click(button).await?;
        let popup = fixture.popup().await?;
        popup.continue_to("PERMISSIONS").await?;
        popup.click(button_at_meta).await?;
        popup.wait_until_closed().await?;
        fixture
            .until_state(&["cancelled"])
            .await?
            .assert_enabled("embark-restart");
        let events = fixture.events().await?;
        let detail = events
            .details("cancelled")
            .last()
            .cloned()
            .unwrap_or_default();
        for (key, value) in expected.as_object().into_iter().flatten() {
            assert_eq!(&detail[key], value, "{key} for {rules}: {detail}");
        }
        button = "embark-restart";
    }
    assert_eq!(fixture.events().await?.count("cancelled"), 7);
    fixture
        .deployment
        .assert_calls("*/oauth/access_token", 0)
        .await?;
    Ok(())
}

#[tokio::test]
async fn popup_finish_of_any_kind_connects() -> Result<()> {
    let fixture = BrowserFixture::open("/").await?;
    fixture.until_state(&["ready"]).await?;
    let arrays = json!({"ad_account_ids": [], "page_ids": ["100000000000009"], "dataset_ids": ["1"], "catalog_ids": [],
        "instagram_account_ids": [7, null], "waba_ids": ["5000000000000001"]});
    for rules in [
        json!({"finish": "FINISH_OBO_MIGRATION"}),
        json!({"finish": "FINISH_GRANT_ONLY_API_ACCESS"}),
        json!({"finish": "FINISH_OF_TOMORROW", "noise": true}),
        json!({"finish": "FINISH_ONLY_WABA", "data": {"phone_number_id": null, "business_id": null}}),
        json!({"finish": "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING", "data": {"is_wa_login_user": true}}),
        json!({"data": arrays, "as_object": true, "noise": true}),
        // Ids that are JSON numbers may have lost digits: they are ignored, and the signup connects without.
        json!({"data": {"waba_id": 5000000000000001u64, "phone_number_id": 6000000000000001u64, "business_id": []}}),
        json!({"data": {"waba_id": null, "phone_number_id": null, "business_id": null}}),
    ] {
        fixture.set_event_rules(rules.clone()).await?;
        fixture.click("embark-button").await?;
        fixture.popup().await?.finish().await?;
        let dom = fixture
            .until_state(&["connected", "failed", "relaunch", "needs_input"])
            .await?;
        assert_eq!(dom.state, "connected", "{rules}");
        let events = fixture.events().await?;
        let detail = events
            .details("connected")
            .last()
            .cloned()
            .unwrap_or_default();
        assert_eq!(detail["phone_number_id"], "6000000000000001", "{rules}");
        fixture.click("embark-restart").await?;
        fixture.until_state(&["ready"]).await?;
    }
    assert_eq!(fixture.events().await?.count("connected"), 8);
    fixture.deployment.assert_calls("*/register", 1).await?;
    Ok(())
}

impl BrowserFixture {
    /// Replaces the rules for the popup's final message by these.
    async fn set_event_rules(&self, rules: Value) -> Result<()> {
        let mut all =
            json!({"finish": null, "left": null, "data": {}, "as_object": false, "noise": false});
        for (name, rule) in rules.as_object().into_iter().flatten() {
            all[name] = rule.clone();
        }
        self.deployment.set_rules(all).await
    }
}
