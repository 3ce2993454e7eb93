//! Other providers by template: the templates of `docs/handoff` against the sandbox's providers, and a template for a
//! provider with scripted replies.

use crate::run_signup;
use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::{SHOP_ORIGIN, with_fields};
use embark_tests::environment::path_from_env;
use serde_json::{Value, json};

/// Settings of a site with this template of `docs/handoff`.
fn docs_template(name: &str, constants: Value) -> Result<Value> {
    let path = path_from_env("EMBARK_DOCS")?.join("handoff").join(name);
    let mut template: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    if let Some(constants) = constants.as_object() {
        template["constants"] = Value::Object(constants.clone());
    }
    // A short interval, so that the test does not wait 15 s.
    if template["status"].is_object() {
        template["status"]["every_s"] = 5.into();
    }
    Ok(json!({"policy": "handoff", "handoff": template}))
}

pub async fn with_twilio() -> Result<Deployment> {
    let deployment = Deployment::start().await?;
    let secret = (
        "twilio",
        "AC00000000000000000000000000000001:sandbox-twilio-token",
    );
    deployment
        .put_site(
            "handoff",
            &docs_template("twilio.json", Value::Null)?,
            &[secret],
        )
        .await?;
    Ok(deployment)
}

async fn with_sinch() -> Result<Deployment> {
    let deployment = Deployment::start().await?;
    let constants = json!({"project": "p-1", "region": "EU", "meta_local_storage": "DE"});
    let secret = ("sinch", "sandbox-sinch-key:sandbox-sinch-secret");
    deployment
        .put_site(
            "handoff",
            &docs_template("sinch.json", constants)?,
            &[secret],
        )
        .await?;
    Ok(deployment)
}

#[tokio::test]
async fn twilio_and_sinch_accepting_number_connects() -> Result<()> {
    for deployment in [with_twilio().await?, with_sinch().await?] {
        let (_, end) = run_signup(&deployment, "handoff", json!({"new": true})).await?;
        assert_eq!(end["status"], "connected", "{end}");
        deployment.assert_calls("*/register", 0).await?;
        let log = deployment.call_log().await?;
        let orders: Vec<_> = log
            .iter()
            .filter(|entry| entry["token_kind"] == "provider" && entry["method"] == "POST")
            .collect();
        assert_eq!(orders.len(), 1, "{orders:?}");
    }
    Ok(())
}

#[tokio::test]
async fn provider_failed_status_is_shown_as_detail() -> Result<()> {
    for (deployment, status) in [
        (with_twilio().await?, "OFFLINE"),
        (with_sinch().await?, "ERROR"),
    ] {
        deployment
            .set_rules(json!({"provider_fails": true}))
            .await?;
        let (_, end) = run_signup(&deployment, "handoff", json!({"new": true})).await?;
        assert_eq!(end["problem"]["code"], "provider_refused", "{end}");
        assert_eq!(end["problem"]["detail"], status, "{end}");
    }
    Ok(())
}

#[tokio::test]
async fn gupshup_success_field_decides_outcome() -> Result<()> {
    for (fails, expected) in [(false, "connected"), (true, "failed")] {
        let deployment = Deployment::start().await?;
        let template = docs_template(
            "gupshup-unverified.json",
            json!({"app": "a-1", "region": "EU"}),
        )?;
        deployment
            .put_site(
                "handoff",
                &template,
                &[("gupshup", "sandbox-gupshup-token")],
            )
            .await?;
        deployment
            .set_rules(json!({"provider_fails": fails}))
            .await?;
        let (_, end) = run_signup(&deployment, "handoff", json!({"new": true})).await?;
        assert_eq!(end["status"], expected, "{end}");
    }
    Ok(())
}

/// A deployment whose site has these additional template fields, and whose provider gives these replies in order.
async fn with_scripted_provider(fields: Value, replies: Value) -> Result<Deployment> {
    let deployment = Deployment::start().await?;
    let template = json!({"url": "https://provider.example/provider/senders",
        "headers": {"authorization": "Bearer {secret:provider}", "x-request-id": "{signup_id}"},
        "json": {"waba": "{waba_id}", "number": "{phone_e164}", "name": "{display_name}", "in": "{const:region}"},
        "constants": {"region": "EU"}});
    let template = with_fields(template, &fields);
    let settings = json!({"policy": "handoff", "handoff": template});
    deployment
        .put_site("handoff", &settings, &[("provider", "a-made-up-secret")])
        .await?;
    let script = json!({"answers": replies});
    let put = deployment
        .sandbox_control("PUT", "provider")
        .json(&script)
        .send()
        .await?;
    put.error_for_status()?;
    Ok(deployment)
}

#[tokio::test]
async fn template_placeholders_are_filled_and_secret_is_not_exposed() -> Result<()> {
    let deployment =
        with_scripted_provider(json!({}), json!([{"path": "*", "status": 201, "body": {}}]))
            .await?;
    let (minted, end) = run_signup(&deployment, "handoff", json!({"new": true})).await?;
    assert_eq!(end["status"], "connected", "{end}");
    let log = deployment.call_log().await?;
    let order = log
        .iter()
        .find(|entry| entry["path"] == "/provider/senders");
    let order = order.context("no order")?;
    assert_eq!(order["body"]["waba"], minted["waba_id"]);
    assert_eq!(order["body"]["in"], "EU");
    let number = order["body"]["number"].as_str().unwrap_or_default();
    assert!(
        number.starts_with('+') && number[1..].bytes().all(|byte| byte.is_ascii_digit()),
        "{order}"
    );
    assert_eq!(order["headers"]["x-request-id"], end["id"]);
    assert_eq!(order["host"], "provider.example");
    let texts = [
        serde_json::to_string(&log)?,
        deployment.workerd.log(),
        end.to_string(),
    ];
    assert!(!texts.iter().any(|text| text.contains("a-made-up-secret")));
    Ok(())
}

#[tokio::test]
async fn provider_replies_are_classified_by_template() -> Result<()> {
    let success = json!({"success": {"pointer": "/state", "values": ["taken"]}, "already": [409]});
    let polled = json!({"status": {"url": "https://provider.example/provider/senders/{answer:/id}", "pointer": "/state",
        "done": ["ready"], "failed": ["lost"], "every_s": 5, "deadline_s": 60}});
    let on_post = |status: u16, body: Value| json!({"method": "POST", "path": "*", "status": status, "body": body});
    let on_get = |body: Value| json!({"method": "GET", "path": "*", "status": 200, "body": body});
    let working = on_post(202, json!({"id": "s-1", "state": "working"}));
    for (fields, replies, expected) in [
        (
            &success,
            json!([on_post(200, json!({"state": "taken"}))]),
            "connected",
        ),
        (
            &success,
            json!([on_post(200, json!({"state": "no"}))]),
            "provider_refused",
        ),
        (&success, json!([on_post(409, json!({}))]), "connected"),
        (
            &success,
            json!([on_post(422, json!({}))]),
            "provider_refused",
        ),
        (
            &success,
            json!([on_post(401, json!({}))]),
            "app_misconfigured",
        ),
        (
            &success,
            json!([
                on_post(503, json!({})),
                json!({"method": "POST", "path": "*", "status": 429, "headers": {"retry-after": "1"}, "body": {}}),
                on_post(200, json!({"state": "taken"}))
            ]),
            "connected",
        ),
        (
            &polled,
            json!([working, on_get(json!({"state": "ready"}))]),
            "connected",
        ),
        (
            &polled,
            json!([working, on_get(json!({"state": "lost"}))]),
            "provider_refused",
        ),
        (
            &polled,
            json!([on_post(202, json!({"state": "working"}))]),
            "provider_refused",
        ),
    ] {
        let deployment = with_scripted_provider(fields.clone(), replies.clone()).await?;
        let (_, end) = run_signup(&deployment, "handoff", json!({"new": true})).await?;
        let outcome = match end["problem"]["code"].as_str() {
            Some(code) => code,
            None => end["status"].as_str().unwrap_or_default(),
        };
        assert_eq!(outcome, expected, "{replies} {end}");
    }
    Ok(())
}

#[tokio::test]
async fn provider_redirect_and_private_host_are_refused() -> Result<()> {
    let redirect = json!([{"path": "*", "status": 302, "headers": {"location": "https://provider.example/provider/elsewhere"}}]);
    let deployment = with_scripted_provider(json!({}), redirect).await?;
    let (_, end) = run_signup(&deployment, "handoff", json!({"new": true})).await?;
    assert_eq!(end["problem"]["code"], "provider_refused", "{end}");
    deployment.assert_calls("/provider/elsewhere", 0).await?;
    for url in [
        "http://provider.example/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://printer.local/",
    ] {
        let settings = json!({"policy": "handoff", "handoff": {"url": url}});
        let stored = deployment.put_site("private-host", &settings, &[]).await;
        assert!(
            stored.is_err_and(|error| error.to_string().contains("400")),
            "{url}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn template_secret_missing_is_app_misconfigured() -> Result<()> {
    let deployment = Deployment::start().await?;
    let url = "https://provider.example/provider/senders";
    let put = async |template: Value| {
        let settings = json!({"policy": "handoff", "handoff": template});
        deployment.put_site("handoff", &settings, &[]).await
    };
    // A page that was opened before the template named a secret: those after it are refused.
    put(json!({"url": url})).await?;
    let widget = deployment.open_widget("handoff", SHOP_ORIGIN).await?;
    put(json!({"url": url, "headers": {"authorization": "Bearer {secret:provider}"}})).await?;
    widget
        .post_outcome(&deployment.mint_code(json!({"new": true})).await?)
        .await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(end["problem"]["code"], "app_misconfigured", "{end}");
    deployment.assert_calls("/provider/*", 0).await?;
    Ok(())
}

#[tokio::test]
async fn template_without_skip_register_registers_first() -> Result<()> {
    let replies = json!([{"path": "*", "status": 200, "body": {}}]);
    let deployment = with_scripted_provider(json!({"skip_register": false}), replies).await?;
    let (_, end) = run_signup(&deployment, "handoff", json!({"new": true})).await?;
    assert_eq!(end["status"], "connected", "{end}");
    let log = deployment.call_log().await?;
    let position = |suffix: &str| {
        log.iter().position(|entry| {
            entry["path"]
                .as_str()
                .is_some_and(|path| path.ends_with(suffix))
        })
    };
    let registered = position("/register");
    assert!(registered.is_some() && registered < position("/provider/senders"));
    Ok(())
}
