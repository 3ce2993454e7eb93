//! The webhook of an app at Meta: compared, set with the operator's consent, and read by the readiness report.

use crate::meta::{callback, connect};
use anyhow::{Result, ensure};
use embark_tests::Deployment;
use embark_tests::deployment::APP_ID;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn compared(deployment: &Deployment) -> Result<Value> {
    let response = deployment.admin_get("apps/main/webhook").await?;
    Ok(response.error_for_status()?.json().await?)
}

/// The kinds of the differences, each once.
fn kinds(status: &Value) -> Vec<&str> {
    let differences = status["differences"].as_array().into_iter().flatten();
    let mut kinds: Vec<&str> = differences
        .filter_map(|difference| difference["kind"].as_str())
        .collect();
    kinds.dedup();
    kinds
}

/// The line of the readiness report, once it is complete.
async fn report_line(deployment: &Deployment, signup: &str) -> Result<Value> {
    let started = Instant::now();
    loop {
        let response = deployment
            .admin_get(&format!("signups/{signup}/report"))
            .await?;
        let report: Value = response.json().await?;
        let lines = report["lines"].as_array().into_iter().flatten();
        let mut lines = lines.filter(|line| line["item"] == "app_webhook");
        if let Some(line) = lines.next() {
            return Ok(line.clone());
        }
        ensure!(started.elapsed() < Duration::from_secs(20), "{report}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn webhook_is_compared_and_set_with_the_operators_consent() -> Result<()> {
    let deployment = Deployment::start().await?;
    let app = format!("apps/{APP_ID}");
    let other = json!({"webhook_url": "https://crm.example/hook?key=s3cret", "webhook_fields": ["messages", "calls"]});
    deployment.patch_sandbox(&app, other).await?;
    let before = compared(&deployment).await?;
    assert_eq!(before["callback_url"], callback(&deployment, "main"));
    assert_eq!(
        kinds(&before),
        ["other_address", "missing_field"],
        "{before}"
    );
    let subscriptions = format!("*/{APP_ID}/subscriptions");
    deployment.assert_effects(&subscriptions, 0).await?;

    let (_, signup) = connect(&deployment, json!({"new": true})).await?;
    let line = report_line(&deployment, &signup).await?;
    assert_eq!(
        (&line["state"], &line["next"]),
        (&json!("problem"), &json!("set_webhook"))
    );
    assert_eq!(
        line["value"], "https://crm.example/hook",
        "its query may be secret"
    );

    let set = deployment
        .admin_put("apps/main/webhook", &json!({}))
        .await?;
    let set: Value = set.error_for_status()?.json().await?;
    assert_eq!(kinds(&set), [] as [&str; 0], "{set}");
    let fields = set["at_meta"]["fields"].to_string();
    assert!(fields.contains("calls"), "what was there is kept: {fields}");
    assert_eq!(compared(&deployment).await?, set);
    // Set again, it changes nothing; the verify token is the same.
    let again = deployment
        .admin_put("apps/main/webhook", &json!({}))
        .await?;
    assert_eq!(again.status().as_u16(), 200);
    deployment.assert_effects(&subscriptions, 1).await
}

#[tokio::test]
async fn webhook_that_meta_does_not_take_is_a_problem() -> Result<()> {
    let deployment = Deployment::start().await?;
    let put = async || -> Result<(u16, Value)> {
        let response = deployment
            .admin_put("apps/main/webhook", &json!({}))
            .await?;
        Ok((response.status().as_u16(), response.json().await?))
    };
    for (http, meta_code, status, code) in [
        (400, 2_200, 502, "meta_refused"),
        (500, 2, 503, "meta_unavailable"),
        (400, 190, 500, "app_misconfigured"),
    ] {
        let fault = json!({"path": "*/subscriptions", "method": "POST", "kind": "error", "http": http,
            "code": meta_code, "times": 1});
        deployment.add_fault(fault).await?;
        let (found, problem) = put().await?;
        assert_eq!(
            (found, &problem["code"]),
            (status, &json!(code)),
            "{problem}"
        );
        assert_eq!(problem["meta_code"], meta_code.to_string(), "{problem}");
    }
    // Done, and the answer lost: what is read back counts.
    let lost = json!({"path": "*/subscriptions", "method": "POST", "kind": "status", "http": 503, "effect": true, "times": 1});
    deployment.add_fault(lost).await?;
    assert_eq!(put().await?.0, 200);
    for (method, path) in [("GET", "apps/other/webhook"), ("PUT", "apps/other/webhook")] {
        let response = match method {
            "GET" => deployment.admin_get(path).await?,
            _ => deployment.admin_put(path, &json!({})).await?,
        };
        assert_eq!(response.status().as_u16(), 404, "{method}");
    }
    Ok(())
}
