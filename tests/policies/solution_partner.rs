//! Solution Partners: the number connects whether or not the credit line can be shared, and the line is shared at most
//! once, with an account that has no other funding.

use crate::{check, credit_settings, report, run_signup};
use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::{Value, json};

const BOTH: &str = "*/whatsapp_credit_sharing_and_attach";

/// A deployment with the site `credit`, which shares its credit line by this method.
async fn with_credit(method: &str) -> Result<Deployment> {
    let deployment = Deployment::start().await?;
    deployment
        .put_site("credit", &credit_settings(method), &[])
        .await?;
    Ok(deployment)
}

/// `primary_funding_id` of an account; null if it has none.
async fn funding(deployment: &Deployment, waba: &Value) -> Result<Value> {
    let world = deployment.sandbox_world().await?;
    let waba = waba.as_str().unwrap_or_default();
    Ok(world["wabas"][waba]["primary_funding_id"].clone())
}

#[tokio::test]
async fn credit_line_shared_funds_waba_and_report_says_ok() -> Result<()> {
    for method in ["share_and_attach", "share_then_attach"] {
        let deployment = with_credit(method).await?;
        let rule = match method {
            "share_and_attach" => "classic",
            _ => "alternate",
        };
        deployment
            .set_rules(json!({"credit_method": rule, "require_proof": true}))
            .await?;
        let (minted, end) = run_signup(&deployment, "credit", json!({"new": true})).await?;
        assert_eq!(end["status"], "connected", "{end}");
        assert_eq!(end["steps"][4], json!({"step": "credit", "state": "done"}));
        assert!(funding(&deployment, &minted["waba_id"]).await?.is_string());
        let report = report(&deployment, end["id"].as_str().unwrap_or_default()).await?;
        assert_eq!(check(&report, "payment")["state"], "ok", "{report}");
    }
    Ok(())
}

#[tokio::test]
async fn credit_share_refused_still_connects() -> Result<()> {
    let refusals = [
        // The app may use only the other method; the line's terms are not accepted; two errors of Meta's.
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
        let deployment = with_credit("share_and_attach").await?;
        deployment.set_rules(rules.clone()).await?;
        if let Some(fault) = fault {
            deployment.add_fault(fault).await?;
        }
        let (minted, end) = run_signup(&deployment, "credit", json!({"new": true})).await?;
        assert_eq!(end["status"], "connected", "{rules} {end}");
        deployment.assert_effects("*/register", 1).await?;
        assert!(funding(&deployment, &minted["waba_id"]).await?.is_null());
        let report = report(&deployment, end["id"].as_str().unwrap_or_default()).await?;
        let payment = check(&report, "payment");
        assert_eq!(payment["next"], "share_credit", "{report}");
        assert!(payment["advice"].is_string());
        // The customer cannot do it, and is not told that everything is done.
        assert_eq!(report["ready"], false, "{report}");
    }
    Ok(())
}

#[tokio::test]
async fn waba_funded_by_other_line_is_not_changed() -> Result<()> {
    let deployment = with_credit("share_and_attach").await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    let waba = format!("wabas/{}", minted["waba_id"].as_str().unwrap_or_default());
    deployment
        .patch_sandbox(&waba, json!({"primary_funding_id": "7599999999999999"}))
        .await?;
    let widget = deployment.open_widget("credit", SHOP_ORIGIN).await?;
    widget.post_outcome(&minted).await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(end["warnings"], json!(["credit_not_shared"]), "{end}");
    deployment.assert_calls("*/whatsapp_credit*", 0).await?;
    Ok(())
}

#[tokio::test]
async fn credit_reply_lost_is_not_shared_twice() -> Result<()> {
    for (method, path) in [
        ("share_and_attach", BOTH),
        ("share_then_attach", "*/whatsapp_credit_sharing"),
        ("share_then_attach", "*/whatsapp_credit_attach"),
    ] {
        let deployment = with_credit(method).await?;
        deployment
            .add_fault(json!({"path": path, "kind": "answer_lost"}))
            .await?;
        let (minted, end) = run_signup(&deployment, "credit", json!({"new": true})).await?;
        assert_eq!(end["status"], "connected", "{path} {end}");
        assert_eq!(end["warnings"], Value::Null, "{path} {end}");
        assert_eq!(deployment.count_calls(path, Some(true)).await?, 1, "{path}");
        assert!(funding(&deployment, &minted["waba_id"]).await?.is_string());
    }
    Ok(())
}

#[tokio::test]
async fn solution_without_messaging_uses_granular_tasks() -> Result<()> {
    let deployment = Deployment::start().await?;
    let mut settings = credit_settings("share_and_attach");
    settings["solution_id"] = "7000000000000001".into();
    deployment.put_site("credit", &settings, &[]).await?;
    deployment
        .set_rules(json!({"solution_messaging": false}))
        .await?;
    let order = json!({"new": true, "solution_id": "7000000000000001"});
    let (_, end) = run_signup(&deployment, "credit", order).await?;
    assert_eq!(end["warnings"], Value::Null, "{end}");
    let report = report(&deployment, end["id"].as_str().unwrap_or_default()).await?;
    assert_eq!(check(&report, "solution")["value"], "ACTIVE", "{report}");
    Ok(())
}

#[tokio::test]
async fn funding_visible_late_is_waited_for() -> Result<()> {
    let deployment = with_credit("share_and_attach").await?;
    deployment.set_rules(json!({"funding_delay_s": 3})).await?;
    let (_, end) = run_signup(&deployment, "credit", json!({"new": true})).await?;
    assert_eq!(end["status"], "connected", "{end}");
    assert_eq!(deployment.count_calls(BOTH, Some(true)).await?, 1);
    let report = report(&deployment, end["id"].as_str().unwrap_or_default()).await?;
    assert_eq!(check(&report, "payment")["state"], "ok", "{report}");
    Ok(())
}

#[tokio::test]
async fn site_settings_in_conflict_are_refused() -> Result<()> {
    let deployment = Deployment::start().await?;
    let mut install = credit_settings("share_and_attach");
    install["features"] = json!(["app_only_install"]);
    let without = json!({"policy": "solution-partner"});
    let mut foreign = credit_settings("share_and_attach");
    foreign["credit"]["currency"] = "CHF".into();
    let both = json!({"features": ["app_only_install"], "feature_type": "whatsapp_business_app_onboarding"});
    for settings in [install, without, foreign, both] {
        let stored = deployment.put_site("credit", &settings, &[]).await;
        let stored = stored.map_err(|error| error.to_string());
        assert!(
            stored.as_ref().is_err_and(|error| error.contains("400")),
            "{settings} {stored:?}"
        );
    }
    Ok(())
}
