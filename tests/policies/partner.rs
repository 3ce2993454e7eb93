//! Solution Partners: whatever becomes of the credit line, the number is connected; and what is paid for is
//! paid for once, by the right line.

use crate::{credit, line, report, signed_up};
use anyhow::Result;
use embark_tests::Stage;
use serde_json::{Value, json};

const BOTH: &str = "*/whatsapp_credit_sharing_and_attach";

async fn staged(method: &str) -> Result<Stage> {
    let stage = Stage::new().await?;
    stage.set_up("paid", &credit(method), &[]).await?;
    Ok(stage)
}

async fn funding(stage: &Stage, waba: &Value) -> Result<Value> {
    let world: Value = stage.control("GET", "world").send().await?.json().await?;
    let waba = waba.as_str().unwrap_or_default();
    Ok(world["wabas"][waba]["primary_funding_id"].clone())
}

#[tokio::test]
async fn the_account_is_paid_from_the_line_and_says_so() -> Result<()> {
    for method in ["share_and_attach", "share_then_attach"] {
        let stage = staged(method).await?;
        let rule = match method {
            "share_and_attach" => "classic",
            _ => "alternate",
        };
        stage
            .rules(json!({"credit_method": rule, "require_proof": true}))
            .await?;
        let (minted, end) = signed_up(&stage, "paid", json!({"new": true})).await?;
        assert_eq!(end["status"], "connected", "{end}");
        assert_eq!(end["steps"][4], json!({"step": "credit", "state": "done"}));
        assert!(funding(&stage, &minted["waba_id"]).await?.is_string());
        let report = report(&stage, end["id"].as_str().unwrap_or_default()).await?;
        assert_eq!(line(&report, "payment")["state"], "ok", "{report}");
    }
    Ok(())
}

#[tokio::test]
async fn a_share_that_is_refused_does_not_cost_the_signup() -> Result<()> {
    let refusals = [
        // The other method is the one that Meta switched on; terms not accepted.
        (json!({"credit_method": "alternate"}), None),
        (json!({"credit_terms_accepted": false}), None),
        (
            json!({}),
            Some(json!({"path": BOTH, "kind": "error", "http": 403, "code": 200, "times": null})),
        ),
        (
            json!({}),
            Some(
                json!({"path": "*/assigned_users", "kind": "error", "http": 401, "code": 190, "times": null}),
            ),
        ),
    ];
    for (rules, fault) in refusals {
        let stage = staged("share_and_attach").await?;
        stage.rules(rules.clone()).await?;
        if let Some(fault) = fault {
            stage.fault(fault).await?;
        }
        let (minted, end) = signed_up(&stage, "paid", json!({"new": true})).await?;
        assert_eq!(end["status"], "connected", "{rules} {end}");
        assert_eq!(stage.count("*/register", Some(true)).await?, 1);
        assert!(funding(&stage, &minted["waba_id"]).await?.is_null());
        let report = report(&stage, end["id"].as_str().unwrap_or_default()).await?;
        let payment = line(&report, "payment");
        assert_eq!(payment["next"], "share_credit", "{report}");
        assert!(payment["advice"].is_string());
    }
    Ok(())
}

#[tokio::test]
async fn another_line_is_left_alone() -> Result<()> {
    let stage = staged("share_and_attach").await?;
    let minted = stage.mint(json!({"new": true})).await?;
    let waba = format!("wabas/{}", minted["waba_id"].as_str().unwrap_or_default());
    stage
        .patch(&waba, json!({"primary_funding_id": "7599999999999999"}))
        .await?;
    let page = stage.page("paid", embark_tests::stage::HOST).await?;
    page.submit(&minted).await?;
    let end = page.follow(&["connected", "failed", "relaunch"]).await?;
    assert_eq!(end["warnings"], json!(["credit_not_shared"]), "{end}");
    assert_eq!(stage.count("*/whatsapp_credit*", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn an_answer_that_is_lost_shares_nothing_twice() -> Result<()> {
    for (method, path) in [
        ("share_and_attach", BOTH),
        ("share_then_attach", "*/whatsapp_credit_sharing"),
        ("share_then_attach", "*/whatsapp_credit_attach"),
    ] {
        let stage = staged(method).await?;
        stage
            .fault(json!({"path": path, "kind": "answer_lost"}))
            .await?;
        let (minted, end) = signed_up(&stage, "paid", json!({"new": true})).await?;
        assert_eq!(end["status"], "connected", "{path} {end}");
        assert_eq!(end["warnings"], Value::Null, "{path} {end}");
        assert_eq!(stage.count(path, Some(true)).await?, 1, "{path}");
        assert!(funding(&stage, &minted["waba_id"]).await?.is_string());
    }
    Ok(())
}

#[tokio::test]
async fn inside_a_solution_without_messaging_the_tasks_are_granular() -> Result<()> {
    let stage = Stage::new().await?;
    let mut settings = credit("share_and_attach");
    settings["solution_id"] = "7000000000000001".into();
    stage.set_up("paid", &settings, &[]).await?;
    stage.rules(json!({"solution_messaging": false})).await?;
    let order = json!({"new": true, "solution_id": "7000000000000001"});
    let (_, end) = signed_up(&stage, "paid", order).await?;
    assert_eq!(end["warnings"], Value::Null, "{end}");
    let report = report(&stage, end["id"].as_str().unwrap_or_default()).await?;
    assert_eq!(line(&report, "solution")["value"], "ACTIVE", "{report}");
    Ok(())
}

#[tokio::test]
async fn what_shows_late_is_waited_for() -> Result<()> {
    let stage = staged("share_and_attach").await?;
    stage.rules(json!({"funding_delay_s": 3})).await?;
    let (_, end) = signed_up(&stage, "paid", json!({"new": true})).await?;
    assert_eq!(end["status"], "connected", "{end}");
    assert_eq!(stage.count(BOTH, Some(true)).await?, 1);
    let report = report(&stage, end["id"].as_str().unwrap_or_default()).await?;
    assert_eq!(line(&report, "payment")["state"], "ok", "{report}");
    Ok(())
}

#[tokio::test]
async fn settings_that_do_not_go_together_are_refused() -> Result<()> {
    let stage = Stage::new().await?;
    let mut install = credit("share_and_attach");
    install["features"] = json!(["app_only_install"]);
    let without = json!({"policy": "solution-partner"});
    let mut foreign = credit("share_and_attach");
    foreign["credit"]["currency"] = "CHF".into();
    let both = json!({"features": ["app_only_install"], "feature_type": "whatsapp_business_app_onboarding"});
    for settings in [install, without, foreign, both] {
        let said = stage.set_up("paid", &settings, &[]).await;
        let said = said.map_err(|error| error.to_string());
        assert!(
            said.as_ref().is_err_and(|said| said.contains("400")),
            "{settings} {said:?}"
        );
    }
    Ok(())
}
