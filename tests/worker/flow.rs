//! Whole signups.

use anyhow::Result;
use embark_tests::Stage;
use embark_tests::page::outcome;
use embark_tests::stage::HOST;
use serde_json::json;

#[tokio::test]
async fn a_code_with_its_ids_ends_connected_in_the_calls_it_takes() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    let (status, snapshot) = page.post("/launched", &json!({})).await?;
    assert_eq!(
        (status.as_u16(), snapshot["status"].as_str()),
        (202, Some("launched"))
    );
    let minted = stage.mint(json!({})).await?;
    let (status, _) = page.submit(&minted).await?;
    assert_eq!(status.as_u16(), 202);
    let end = page.follow(&["connected", "failed", "relaunch"]).await?;
    assert_eq!(end["status"], "connected", "{end}");
    assert_eq!(
        end["connected"]["phone_number_id"],
        minted["phone_number_id"]
    );
    assert_eq!(end["connected"]["business_id"], "4000000000000001");
    let paths = [
        "*/oauth/access_token",
        "*/debug_token",
        "*/phone_numbers",
        "*/register",
    ];
    for path in paths {
        assert_eq!(stage.count(path, None).await?, 1, "{path}");
    }
    // Looked at before it is posted, and read back by the report.
    let log = stage.log().await?;
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
async fn a_code_alone_is_enough() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    let minted = stage.mint(json!({"new": true})).await?;
    page.post("/outcome", &outcome(&minted, false)).await?;
    let end = page.follow(&["connected", "failed", "relaunch"]).await?;
    assert_eq!(end["connected"]["waba_id"], minted["waba_id"], "{end}");
    Ok(())
}

#[tokio::test]
async fn ids_that_come_late_settle_which_account() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    let first = stage.mint(json!({"new": true})).await?;
    let other = stage.mint(json!({"new": true})).await?;
    let both = json!({"wabas": [first["waba_id"], other["waba_id"]]});
    let minted = stage.mint(both).await?;
    page.post("/outcome", &outcome(&minted, false)).await?;
    let ids = json!({"waba_id": other["waba_id"], "phone_number_id": other["phone_number_id"]});
    let (status, _) = page
        .post("/assets", &json!({"event": "FINISH", "ids": ids}))
        .await?;
    assert_eq!(status.as_u16(), 202);
    let end = page
        .follow(&["connected", "failed", "relaunch", "needs_input"])
        .await?;
    assert_eq!(end["connected"]["waba_id"], other["waba_id"], "{end}");
    Ok(())
}

#[tokio::test]
async fn several_accounts_without_a_hint_are_a_question_to_the_person() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    let first = stage.mint(json!({"new": true})).await?;
    let other = stage.mint(json!({"new": true})).await?;
    let minted = stage
        .mint(json!({"wabas": [first["waba_id"], other["waba_id"]]}))
        .await?;
    page.post("/outcome", &outcome(&minted, false)).await?;
    let asked = page.follow(&["needs_input", "failed", "relaunch"]).await?;
    assert_eq!(asked["input"]["kind"], "waba", "{asked}");
    let (status, _) = page
        .post(
            "/input",
            &json!({"kind": "waba", "waba_id": other["waba_id"]}),
        )
        .await?;
    assert_eq!(status.as_u16(), 202);
    let end = page.follow(&["connected", "failed", "relaunch"]).await?;
    assert_eq!(end["connected"]["waba_id"], other["waba_id"], "{end}");
    Ok(())
}

#[tokio::test]
async fn a_wrong_pin_is_asked_for_again() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    let minted = stage.mint(json!({})).await?;
    let phone = minted["phone_number_id"].as_str().unwrap_or_default();
    stage
        .control("PATCH", &format!("phones/{phone}"))
        .json(&json!({"pin": "731904"}))
        .send()
        .await?;
    page.submit(&minted).await?;
    let asked = page.follow(&["needs_input", "connected", "failed"]).await?;
    assert_eq!(asked["input"]["kind"], "pin", "{asked}");
    assert_eq!(
        stage.count("*/register", None).await?,
        0,
        "asked before any call"
    );
    page.post("/input", &json!({"kind": "pin", "pin": "000000"}))
        .await?;
    let again = page.follow(&["needs_input", "connected", "failed"]).await?;
    assert_eq!(again["input"]["error"], "pin_mismatch", "{again}");
    page.post("/input", &json!({"kind": "pin", "pin": "731904"}))
        .await?;
    let end = page.follow(&["connected", "failed", "relaunch"]).await?;
    assert_eq!(end["status"], "connected", "{end}");
    assert_eq!(stage.count("*/register", Some(true)).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_second_launch_under_the_same_signup_connects() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    page.post("/launched", &json!({})).await?;
    let ended = json!({"reason": "cancelled", "current_step": "PHONE_NUMBER_SETUP"});
    let (_, left) = page.post("/ended", &ended).await?;
    assert_eq!(left["status"], "abandoned");
    let (_, again) = page.post("/launched", &json!({})).await?;
    assert_eq!(again["status"], "launched");
    // A code that Meta has let expire sends the person back, under the same signup.
    let stale = stage.mint(json!({})).await?;
    stage.rules(json!({"clock_offset_s": 31})).await?;
    page.submit(&stale).await?;
    let relaunch = page.follow(&["relaunch", "connected", "failed"]).await?;
    assert_eq!(relaunch["problem"]["code"], "code_expired", "{relaunch}");
    page.post("/launched", &json!({})).await?;
    page.submit(&stage.mint(json!({})).await?).await?;
    let end = page.follow(&["connected", "failed", "relaunch"]).await?;
    assert_eq!(
        (&end["status"], &end["id"]),
        (&json!("connected"), &json!(page.signup())),
        "{end}"
    );
    Ok(())
}

#[tokio::test]
async fn what_meta_does_not_answer_is_asked_again_and_done_once() -> Result<()> {
    let stage = Stage::new().await?;
    for (path, kind) in [
        ("*/register", json!({"kind": "answer_lost"})),
        (
            "*/subscribed_apps",
            json!({"kind": "answer_lost", "method": "POST"}),
        ),
        ("*/phone_numbers", json!({"kind": "status", "http": 502})),
        ("*/debug_token", json!({"kind": "truncate"})),
    ] {
        let mut order = kind.clone();
        order["path"] = path.into();
        stage.fault(order).await?;
    }
    let page = stage.page("acme", HOST).await?;
    let minted = stage.mint(json!({"new": true})).await?;
    page.submit(&minted).await?;
    let end = page.follow(&["connected", "failed", "relaunch"]).await?;
    assert_eq!(end["status"], "connected", "{end}");
    assert_eq!(stage.count("*/register", Some(true)).await?, 1);
    assert_eq!(stage.count("*/oauth/access_token", Some(true)).await?, 1);
    Ok(())
}
