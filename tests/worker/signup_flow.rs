//! Signups from the launch document to their end, each by the requests that the widget sends.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::widget_client::outcome_body;
use serde_json::json;

#[tokio::test]
async fn code_with_ids_connects_with_minimal_calls() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let (status, snapshot) = widget.post("/launched", &json!({})).await?;
    assert_eq!(
        (status.as_u16(), snapshot["status"].as_str()),
        (202, Some("launched"))
    );
    let minted = deployment.mint_code(json!({})).await?;
    let (status, _) = widget.post_outcome(&minted).await?;
    assert_eq!(status.as_u16(), 202);
    let end = widget.poll_until_end().await?;
    assert_eq!(end["status"], "connected", "{end}");
    assert_eq!(
        end["connected"]["phone_number_id"],
        minted["phone_number_id"]
    );
    assert_eq!(end["connected"]["business_id"], "4000000000000001");
    for path in [
        "*/oauth/access_token",
        "*/debug_token",
        "*/phone_numbers",
        "*/register",
    ] {
        deployment.assert_calls(path, 1).await?;
    }
    // The subscription is also read, before the POST and by the report.
    let log = deployment.call_log().await?;
    let posts = log.iter().filter(|call| call["method"] == "POST");
    let posted: Vec<_> = posts
        .filter_map(|call| call["path"].as_str()?.rsplit('/').next())
        .collect();
    assert_eq!(
        posted
            .iter()
            .filter(|name| **name == "subscribed_apps")
            .count(),
        1,
        "{posted:?}"
    );
    for call in log.iter().filter(|call| call["token_kind"] == "business") {
        assert_eq!(call["proof"], "ok", "{call}");
    }
    Ok(())
}

#[tokio::test]
async fn code_without_ids_connects() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    widget
        .post("/outcome", &outcome_body(&minted, false))
        .await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(end["connected"]["waba_id"], minted["waba_id"], "{end}");
    Ok(())
}

#[tokio::test]
async fn ids_after_code_choose_account() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let first = deployment.mint_code(json!({"new": true})).await?;
    let other = deployment.mint_code(json!({"new": true})).await?;
    let both = json!({"wabas": [first["waba_id"], other["waba_id"]]});
    let minted = deployment.mint_code(both).await?;
    widget
        .post("/outcome", &outcome_body(&minted, false))
        .await?;
    let ids = json!({"waba_id": other["waba_id"], "phone_number_id": other["phone_number_id"]});
    let (status, _) = widget
        .post("/assets", &json!({"event": "FINISH", "ids": ids}))
        .await?;
    assert_eq!(status.as_u16(), 202);
    let end = widget
        .poll_until(&["connected", "failed", "relaunch", "needs_input"])
        .await?;
    assert_eq!(end["connected"]["waba_id"], other["waba_id"], "{end}");
    Ok(())
}

#[tokio::test]
async fn several_accounts_without_ids_ask_for_account() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let first = deployment.mint_code(json!({"new": true})).await?;
    let other = deployment.mint_code(json!({"new": true})).await?;
    let minted = deployment
        .mint_code(json!({"wabas": [first["waba_id"], other["waba_id"]]}))
        .await?;
    widget
        .post("/outcome", &outcome_body(&minted, false))
        .await?;
    let asked = widget
        .poll_until(&["needs_input", "failed", "relaunch"])
        .await?;
    assert_eq!(asked["input"]["kind"], "waba", "{asked}");
    let (status, _) = widget
        .post(
            "/input",
            &json!({"kind": "waba", "waba_id": other["waba_id"]}),
        )
        .await?;
    assert_eq!(status.as_u16(), 202);
    let end = widget.poll_until_end().await?;
    assert_eq!(end["connected"]["waba_id"], other["waba_id"], "{end}");
    Ok(())
}

#[tokio::test]
async fn wrong_pin_is_asked_for_again() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({})).await?;
    let phone = minted["phone_number_id"].as_str().unwrap_or_default();
    let row = format!("phones/{phone}");
    deployment
        .patch_sandbox(&row, json!({"pin": "731904"}))
        .await?;
    widget.post_outcome(&minted).await?;
    let asked = widget
        .poll_until(&["needs_input", "connected", "failed"])
        .await?;
    assert_eq!(asked["input"]["kind"], "pin", "{asked}");
    assert_eq!(
        deployment.count_calls("*/register", None).await?,
        0,
        "asked before the first attempt"
    );
    widget
        .post("/input", &json!({"kind": "pin", "pin": "000000"}))
        .await?;
    let again = widget
        .poll_until(&["needs_input", "connected", "failed"])
        .await?;
    assert_eq!(again["input"]["error"], "pin_mismatch", "{again}");
    widget
        .post("/input", &json!({"kind": "pin", "pin": "731904"}))
        .await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(end["status"], "connected", "{end}");
    deployment.assert_effects("*/register", 1).await?;
    Ok(())
}

#[tokio::test]
async fn wait_in_metas_usage_header_is_kept_in_full() -> Result<()> {
    let deployment = Deployment::start().await?;
    let usage =
        json!({"5000000000000001": [{"type": "whatsapp", "estimated_time_to_regain_access": 7}]});
    deployment
        .add_fault(json!({"path": "*/subscribed_apps", "method": "POST", "kind": "error", "http": 400, "code": 80008,
            "headers": {"x-business-use-case-usage": usage.to_string()}}))
        .await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    widget.post_outcome(&minted).await?;
    let waiting = widget.poll_until(&["waiting", "failed"]).await?;
    let wait_ms = waiting["wait_ms"].as_u64().unwrap_or_default();
    assert!((410_000..=425_000).contains(&wait_ms), "{waiting}");
    Ok(())
}

#[tokio::test]
async fn second_launch_of_same_signup_connects() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget.post("/launched", &json!({})).await?;
    let cancelled = json!({"reason": "cancelled", "current_step": "PHONE_NUMBER_SETUP"});
    let (_, ended) = widget.post("/ended", &cancelled).await?;
    assert_eq!(ended["status"], "abandoned");
    let (_, again) = widget.post("/launched", &json!({})).await?;
    assert_eq!(again["status"], "launched");
    // An expired code asks the person to launch the same signup again.
    let expired = deployment.mint_code(json!({})).await?;
    deployment.set_rules(json!({"clock_offset_s": 31})).await?;
    widget.post_outcome(&expired).await?;
    let relaunch = widget.poll_until_end().await?;
    assert_eq!(relaunch["problem"]["code"], "code_expired", "{relaunch}");
    widget.post("/launched", &json!({})).await?;
    widget
        .post_outcome(&deployment.mint_code(json!({})).await?)
        .await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(
        (&end["status"], &end["id"]),
        (&json!("connected"), &json!(widget.signup_id())),
        "{end}"
    );
    Ok(())
}

#[tokio::test]
async fn lost_replies_are_retried_and_take_effect_once() -> Result<()> {
    let deployment = Deployment::start().await?;
    for (path, fault) in [
        ("*/register", json!({"kind": "answer_lost"})),
        (
            "*/subscribed_apps",
            json!({"kind": "answer_lost", "method": "POST"}),
        ),
        ("*/phone_numbers", json!({"kind": "status", "http": 502})),
        ("*/debug_token", json!({"kind": "truncate"})),
    ] {
        let mut fault = fault.clone();
        fault["path"] = path.into();
        deployment.add_fault(fault).await?;
    }
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    widget.post_outcome(&minted).await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(end["status"], "connected", "{end}");
    deployment.assert_effects("*/register", 1).await?;
    deployment.assert_effects("*/oauth/access_token", 1).await?;
    Ok(())
}
