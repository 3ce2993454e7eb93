//! The doctor: checks an app and a site against the sandbox, and changes nothing.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use serde_json::{Value, json};

async fn report(deployment: &Deployment, path: &str) -> Result<Vec<Value>> {
    let response = deployment.admin_get(&format!("{path}/doctor")).await?;
    let report: Value = response.error_for_status()?.json().await?;
    assert!(report["checked_at"].is_u64(), "{report}");
    Ok(report["checks"].as_array().context("no checks")?.clone())
}

fn state<'a>(checks: &'a [Value], item: &str) -> Option<&'a str> {
    let check = checks.iter().find(|check| check["item"] == item)?;
    check["state"].as_str()
}

#[tokio::test]
async fn app_is_checked_by_what_meta_has() -> Result<()> {
    let deployment = Deployment::start().await?;
    let details = json!({"deauth_callback_url": format!("{}/v1/callbacks/meta/main/deauthorize", deployment.origin)});
    let app = json!({ "details": details });
    deployment
        .patch_sandbox("apps/1000000000000001", app)
        .await?;
    let before = report(&deployment, "apps/main").await?;
    for item in [
        "keys",
        "clock",
        "app_secret",
        "app_details",
        "app_domains",
        "deauthorize_callback",
        "permissions",
        "business_verification",
        "system_token",
        "graph_version",
    ] {
        assert_eq!(state(&before, item), Some("ok"), "{item}: {before:#?}");
    }
    assert_eq!(
        state(&before, "webhook"),
        Some("to_do"),
        "fields are missing"
    );
    deployment
        .admin_put("apps/main/webhook", &json!({}))
        .await?
        .error_for_status()?;
    let details = json!({"privacy_policy_url": "", "app_domains": ["other.example"]});
    let app = json!({"details": details, "permissions": ["whatsapp_business_management"]});
    deployment
        .patch_sandbox("apps/1000000000000001", app)
        .await?;
    let business = json!({"verification_status": "rejected"});
    deployment
        .patch_sandbox("businesses/2000000000000001", business)
        .await?;
    let after = report(&deployment, "apps/main").await?;
    for (item, want) in [
        ("app_secret", "ok"),
        ("webhook", "ok"),
        ("app_details", "to_do"),
        ("app_domains", "to_do"),
        ("permissions", "to_do"),
        ("business_verification", "to_do"),
    ] {
        assert_eq!(state(&after, item), Some(want), "{item}: {after:#?}");
    }
    let secret = json!({"value": "another-secret"});
    deployment
        .admin_put("secrets/app/main/app_secret", &secret)
        .await?;
    let wrong = report(&deployment, "apps/main").await?;
    assert_eq!(state(&wrong, "app_secret"), Some("to_do"), "{wrong:#?}");
    let posts = deployment.call_log().await?;
    let posts = posts.iter().filter(|call| {
        let path = call["path"].as_str().unwrap_or_default();
        call["method"] != "GET" && !path.ends_with("/subscriptions")
    });
    assert_eq!(posts.count(), 0, "nothing is changed at Meta");
    let unknown = deployment.admin_get("apps/none/doctor").await?;
    assert_eq!(unknown.status().as_u16(), 404);
    Ok(())
}

#[tokio::test]
async fn what_meta_does_not_answer_is_unknown() -> Result<()> {
    let deployment = Deployment::start().await?;
    let fault = json!({"path": "*/permissions", "kind": "status", "http": 503, "times": 9});
    deployment.add_fault(fault).await?;
    let checks = report(&deployment, "sites/acme").await?;
    assert_eq!(
        state(&checks, "permissions"),
        Some("unknown"),
        "{checks:#?}"
    );
    assert_eq!(state(&checks, "app_secret"), Some("ok"), "{checks:#?}");
    Ok(())
}

#[tokio::test]
async fn site_is_checked_with_its_app() -> Result<()> {
    let deployment = Deployment::start().await?;
    let settings = json!({"solution_id": "7000000000000001", "es_version": "v3",
        "graph_version": "v21.0"});
    deployment.admin_patch("sites/acme", &settings).await?;
    let checks = report(&deployment, "sites/acme").await?;
    assert_eq!(state(&checks, "app_secret"), Some("ok"));
    for item in [
        "embedded_signup_version",
        "graph_version",
        "solution",
        "site_headers",
    ] {
        assert!(state(&checks, item).is_some(), "{item}: {checks:#?}");
    }
    assert_eq!(state(&checks, "embedded_signup_version"), Some("to_do"));
    let unknown = deployment.admin_get("sites/none/doctor").await?;
    assert_eq!(unknown.status().as_u16(), 404);
    Ok(())
}

#[tokio::test]
async fn checklist_keeps_what_operators_mark_and_follows_the_doctor() -> Result<()> {
    let deployment = Deployment::start().await?;
    let steps = async || -> Result<Vec<Value>> {
        let response = deployment.admin_get("apps/main/checklist").await?;
        let list: Value = response.error_for_status()?.json().await?;
        Ok(list["steps"].as_array().context("no steps")?.clone())
    };
    let step = |steps: &[Value], key: &str| -> Result<Value> {
        let step = steps.iter().find(|step| step["key"] == key);
        step.cloned().context("no such step")
    };
    let mark = async |path: &str, body: Value| -> Result<u16> {
        let path = format!("apps/{path}");
        Ok(deployment.admin_put(&path, &body).await?.status().as_u16())
    };
    for (path, body, status) in [
        ("main/checklist/none", json!({"done": true}), 404),
        ("none/checklist/live", json!({"done": true}), 404),
        ("main/checklist/live", json!({"done": "yes"}), 400),
        ("main/checklist/live", json!({}), 400),
        (
            "main/checklist/live",
            json!({"done": true, "by": "me"}),
            400,
        ),
    ] {
        assert_eq!(mark(path, body).await?, status, "{path}");
    }
    let before = steps().await?;
    assert_eq!(step(&before, "live")?["state"], "open");
    assert_eq!(step(&before, "app_secret")?["state"], "checked");
    assert_eq!(step(&before, "webhook")?["state"], "open");
    assert_eq!(
        mark("main/checklist/live", json!({"done": true})).await?,
        204
    );
    let marked = step(&steps().await?, "live")?;
    assert_eq!(
        (&marked["state"], &marked["done_by"]),
        (&json!("done"), &json!("EMBARK_OPERATOR_TOKEN"))
    );
    // Another mark changes nothing, and what the doctor finds stands above one.
    assert_eq!(
        mark("main/checklist/live", json!({"done": true})).await?,
        204
    );
    assert_eq!(step(&steps().await?, "live")?, marked);
    assert_eq!(
        mark("main/checklist/webhook", json!({"done": true})).await?,
        204
    );
    assert_eq!(step(&steps().await?, "webhook")?["state"], "open");
    assert_eq!(
        mark("main/checklist/live", json!({"done": false})).await?,
        204
    );
    let open = step(&steps().await?, "live")?;
    assert_eq!(
        (&open["state"], &open["done_by"]),
        (&json!("open"), &Value::Null)
    );
    let audit: Value = deployment.admin_get("audit").await?.json().await?;
    let what = &audit["entries"][0]["what"];
    assert_eq!(what, "marked the step live of app main (open)");
    Ok(())
}
