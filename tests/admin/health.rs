//! The health of a deployment: with which nothing is wrong, and with which something is.

use crate::console::Console;
use crate::operators::add_operator;
use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::{OPERATOR_TOKEN, SHOP_ORIGIN};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn report(deployment: &Deployment) -> Result<Value> {
    let response = deployment.admin_get("health").await?;
    assert_eq!(response.status().as_u16(), 200);
    Ok(response.json().await?)
}

fn check<'a>(report: &'a Value, item: &str) -> Result<&'a Value> {
    let checks = report["checks"].as_array().context("no checks")?;
    let check = checks.iter().find(|check| check["item"] == item);
    check.with_context(|| format!("no {item}: {report:#}"))
}

/// The report once the check of an item is in this state.
async fn report_with(deployment: &Deployment, item: &str, state: &str) -> Result<Value> {
    let begun = Instant::now();
    loop {
        let report = report(deployment).await?;
        if check(&report, item)?["state"] == state {
            return Ok(report);
        }
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(20), "{report:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test]
async fn nothing_is_wrong_with_a_deployment_that_works() -> Result<()> {
    let deployment = Deployment::start().await?;
    let first = report(&deployment).await?;
    assert_eq!(check(&first, "cron")?["state"], "unknown", "{first:#}");
    deployment.workerd.fire_cron().await?;
    let healthy = report_with(&deployment, "cron", "ok").await?;
    assert_eq!(healthy["status"], "ok", "{healthy:#}");
    assert_eq!(healthy["sites"], 1);
    assert_eq!(healthy["version"], "0.1.0");
    assert!(healthy["checked_at"].is_u64() && healthy.get("next").is_none());
    for check in healthy["checks"].as_array().context("no checks")? {
        assert_eq!(check["state"], "ok", "{check}");
        assert!(check.get("fix").is_none(), "{check}");
    }
    // Asking an object that stores nothing leaves nothing stored.
    for class in ["Run", "Phone", "Waba"] {
        assert_eq!(
            deployment.workerd.count_stored_objects(class)?,
            0,
            "{class}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn secrets_that_no_key_opens_are_named_with_their_page() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.workerd.kill().await?;
    let other_key = "UPDATE record SET json = replace(json, '\"v1.1.', '\"v1.9.')";
    deployment.workerd.run_sql("Partner", other_key)?;
    deployment.workerd.restart().await?;
    let report = report(&deployment).await?;
    assert_eq!(report["status"], "degraded", "{report:#}");
    let secrets = check(&report, "secrets")?;
    assert_eq!(secrets["state"], "to_do");
    let finding = secrets["finding"].as_str().unwrap_or_default();
    assert!(
        finding.contains("App main") && finding.contains("app_secret"),
        "{finding}"
    );
    assert_eq!(secrets["page"], "/console/apps/main");
    assert_eq!(check(&report, "kv")?["state"], "ok");
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let page = console.get("/console/health").await?.text().await?;
    assert!(page.contains("Something is wrong."), "{page}");
    assert!(page.contains("href=\"/console/apps/main\""), "{page}");
    Ok(())
}

#[tokio::test]
async fn endpoint_that_is_switched_off_is_found() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_endpoint("acme").await?;
    let gone = json!({"replies": [{"status": 410}]});
    deployment.set_receiver(gone).await?;
    deployment
        .admin_post("sites/acme/endpoint/test", &json!({}))
        .await?;
    let report = report_with(&deployment, "endpoints", "to_do").await?;
    assert_eq!(report["status"], "degraded");
    let endpoints = check(&report, "endpoints")?;
    let finding = endpoints["finding"].as_str().unwrap_or_default();
    assert!(
        finding.contains("Site acme") && finding.contains("410"),
        "{finding}"
    );
    assert_eq!(endpoints["page"], "/console/sites/acme");
    Ok(())
}

#[tokio::test]
async fn object_that_does_not_reply_is_a_problem_and_not_the_end_of_the_report() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    deployment
        .inject("sites", &json!({"unreachable": ["acme"]}))
        .await?;
    let report = report(&deployment).await?;
    let objects = check(&report, "objects")?;
    assert_eq!(objects["state"], "to_do", "{report:#}");
    let finding = objects["finding"].as_str().unwrap_or_default();
    assert!(finding.contains("Site acme"), "{finding}");
    assert_eq!(check(&report, "secrets")?["state"], "ok");
    Ok(())
}

#[tokio::test]
async fn sites_are_looked_at_page_by_page_and_viewers_may_look() -> Result<()> {
    let deployment = Deployment::start().await?;
    for number in 0..40 {
        let site = format!("shop-{number:02}");
        deployment.put_app_and_site(&site, &[SHOP_ORIGIN]).await?;
    }
    let (_, token) = add_operator(&deployment, "Vera", "viewer").await?;
    let get = async |path: &str| -> Result<Value> {
        let url = deployment.operator_url(&format!("/v1/admin/{path}"));
        let request = deployment.client.get(url).bearer_auth(&token);
        Ok(request.send().await?.error_for_status()?.json().await?)
    };
    let first = get("health").await?;
    assert_eq!(
        (&first["sites"], &first["next"]),
        (&json!(41), &json!("shop-38"))
    );
    let last = get("health?after=shop-38").await?;
    assert!(last.get("next").is_none(), "{last:#}");
    let finding = &check(&last, "objects")?["finding"];
    assert_eq!(
        finding,
        "Every class of objects replies, and so does 1 site."
    );
    let bad = deployment.admin_get("health?after=Not_A_Site").await?;
    assert_eq!(bad.status().as_u16(), 400);
    let url = deployment.operator_url("/v1/admin/health");
    let nobody = deployment.client.get(url).send().await?;
    assert_eq!(nobody.status().as_u16(), 401);
    Ok(())
}
