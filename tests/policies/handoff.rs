//! Other providers by template: the ready-made ones against their stand-ins, and a made-up one that answers
//! to order.

use crate::signed_up;
use anyhow::{Context, Result};
use embark_tests::Stage;
use embark_tests::tools::from_env;
use serde_json::{Value, json};

fn ready_made(name: &str, constants: Value) -> Result<Value> {
    let path = from_env("EMBARK_DOCS")?.join("handoff").join(name);
    let mut template: Value = serde_json::from_slice(&std::fs::read(path)?)?;
    if let Some(constants) = constants.as_object() {
        template["constants"] = Value::Object(constants.clone());
    }
    // Looked at quickly: a test does not wait a quarter of a minute.
    if template["status"].is_object() {
        template["status"]["every_s"] = 5.into();
    }
    Ok(json!({"policy": "handoff", "handoff": template}))
}

pub async fn with_twilio() -> Result<Stage> {
    let stage = Stage::new().await?;
    let secret = (
        "twilio",
        "AC00000000000000000000000000000001:sandbox-twilio-token",
    );
    stage
        .set_up("told", &ready_made("twilio.json", Value::Null)?, &[secret])
        .await?;
    Ok(stage)
}

async fn with_sinch() -> Result<Stage> {
    let stage = Stage::new().await?;
    let constants = json!({"project": "p-1", "region": "EU", "meta_local_storage": "DE"});
    let secret = ("sinch", "sandbox-sinch-key:sandbox-sinch-secret");
    stage
        .set_up("told", &ready_made("sinch.json", constants)?, &[secret])
        .await?;
    Ok(stage)
}

#[tokio::test]
async fn twilio_and_sinch_take_a_number_over() -> Result<()> {
    for stage in [with_twilio().await?, with_sinch().await?] {
        let (_, end) = signed_up(&stage, "told", json!({"new": true})).await?;
        assert_eq!(end["status"], "connected", "{end}");
        assert_eq!(stage.count("*/register", None).await?, 0);
        let told = stage.log().await?;
        let told: Vec<_> = told
            .iter()
            .filter(|entry| entry["token_kind"] == "provider" && entry["method"] == "POST")
            .collect();
        assert_eq!(told.len(), 1, "{told:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_terminal_failure_is_the_providers_word() -> Result<()> {
    for (stage, word) in [
        (with_twilio().await?, "OFFLINE"),
        (with_sinch().await?, "ERROR"),
    ] {
        stage.rules(json!({"provider_fails": true})).await?;
        let (_, end) = signed_up(&stage, "told", json!({"new": true})).await?;
        assert_eq!(end["problem"]["code"], "provider_refused", "{end}");
        assert_eq!(end["problem"]["detail"], word, "{end}");
    }
    Ok(())
}

#[tokio::test]
async fn gupshup_says_success_or_not() -> Result<()> {
    for (fails, want) in [(false, "connected"), (true, "failed")] {
        let stage = Stage::new().await?;
        let template = ready_made(
            "gupshup-unverified.json",
            json!({"app": "a-1", "region": "EU"}),
        )?;
        stage
            .set_up("told", &template, &[("gupshup", "sandbox-gupshup-token")])
            .await?;
        stage.rules(json!({"provider_fails": fails})).await?;
        let (_, end) = signed_up(&stage, "told", json!({"new": true})).await?;
        assert_eq!(end["status"], want, "{end}");
    }
    Ok(())
}

/// A site whose provider gives these answers, in this order.
async fn with_made_up(more: Value, answers: Value) -> Result<Stage> {
    let stage = Stage::new().await?;
    let mut template = json!({"url": "https://provider.example/provider/senders",
        "headers": {"authorization": "Bearer {secret:provider}", "x-request-id": "{signup_id}"},
        "json": {"waba": "{waba_id}", "number": "{phone_e164}", "name": "{display_name}", "in": "{const:region}"},
        "constants": {"region": "EU"}});
    for (name, value) in more.as_object().context("an object")? {
        template[name] = value.clone();
    }
    let settings = json!({"policy": "handoff", "handoff": template});
    stage
        .set_up("told", &settings, &[("provider", "a-made-up-secret")])
        .await?;
    let order = json!({"answers": answers});
    let put = stage.control("PUT", "provider").json(&order).send().await?;
    put.error_for_status()?;
    Ok(stage)
}

#[tokio::test]
async fn the_template_is_filled_in_and_its_secret_is_seen_by_nobody() -> Result<()> {
    let stage = with_made_up(json!({}), json!([{"path": "*", "status": 201, "body": {}}])).await?;
    let (minted, end) = signed_up(&stage, "told", json!({"new": true})).await?;
    assert_eq!(end["status"], "connected", "{end}");
    let log = stage.log().await?;
    let told = log
        .iter()
        .find(|entry| entry["path"] == "/provider/senders");
    let told = told.context("not told")?;
    assert_eq!(told["body"]["waba"], minted["waba_id"]);
    assert_eq!(told["body"]["in"], "EU");
    let number = told["body"]["number"].as_str().unwrap_or_default();
    assert!(
        number.starts_with('+') && number[1..].bytes().all(|byte| byte.is_ascii_digit()),
        "{told}"
    );
    assert_eq!(told["headers"]["x-request-id"], end["id"]);
    assert_eq!(told["host"], "provider.example");
    let (text, kept) = (serde_json::to_string(&log)?, stage.workerd.log());
    assert!(!text.contains("a-made-up-secret") && !kept.contains("a-made-up-secret"));
    assert!(!end.to_string().contains("a-made-up-secret"));
    Ok(())
}

#[tokio::test]
async fn answers_mean_what_the_template_says() -> Result<()> {
    let success = json!({"success": {"pointer": "/state", "values": ["taken"]}, "already": [409]});
    let asks = json!({"status": {"url": "https://provider.example/provider/senders/{answer:/id}", "pointer": "/state",
        "done": ["ready"], "failed": ["lost"], "every_s": 5, "deadline_s": 60}});
    let put = |status: u16, body: Value| json!({"method": "POST", "path": "*", "status": status, "body": body});
    let get = |body: Value| json!({"method": "GET", "path": "*", "status": 200, "body": body});
    let working = put(202, json!({"id": "s-1", "state": "working"}));
    for (more, answers, want) in [
        (
            &success,
            json!([put(200, json!({"state": "taken"}))]),
            "connected",
        ),
        (
            &success,
            json!([put(200, json!({"state": "no"}))]),
            "provider_refused",
        ),
        (&success, json!([put(409, json!({}))]), "connected"),
        (&success, json!([put(422, json!({}))]), "provider_refused"),
        (&success, json!([put(401, json!({}))]), "app_misconfigured"),
        (
            &success,
            json!([
                put(503, json!({})),
                json!({"method": "POST", "path": "*", "status": 429, "headers": {"retry-after": "1"}, "body": {}}),
                put(200, json!({"state": "taken"}))
            ]),
            "connected",
        ),
        (
            &asks,
            json!([working, get(json!({"state": "ready"}))]),
            "connected",
        ),
        (
            &asks,
            json!([working, get(json!({"state": "lost"}))]),
            "provider_refused",
        ),
        (
            &asks,
            json!([put(202, json!({"state": "working"}))]),
            "provider_refused",
        ),
    ] {
        let stage = with_made_up(more.clone(), answers.clone()).await?;
        let (_, end) = signed_up(&stage, "told", json!({"new": true})).await?;
        let said = match end["problem"]["code"].as_str() {
            Some(code) => code,
            None => end["status"].as_str().unwrap_or_default(),
        };
        assert_eq!(said, want, "{answers} {end}");
    }
    Ok(())
}

#[tokio::test]
async fn redirects_are_not_followed_and_private_hosts_are_not_called() -> Result<()> {
    let away = json!([{"path": "*", "status": 302, "headers": {"location": "https://provider.example/provider/elsewhere"}}]);
    let stage = with_made_up(json!({}), away).await?;
    let (_, end) = signed_up(&stage, "told", json!({"new": true})).await?;
    assert_eq!(end["problem"]["code"], "provider_refused", "{end}");
    assert_eq!(stage.count("/provider/elsewhere", None).await?, 0);
    for url in [
        "http://provider.example/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://printer.local/",
    ] {
        let settings = json!({"policy": "handoff", "handoff": {"url": url}});
        let said = stage.set_up("inside", &settings, &[]).await;
        assert!(
            said.is_err_and(|said| said.to_string().contains("400")),
            "{url}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn a_secret_that_is_not_there_is_the_operators() -> Result<()> {
    let stage = Stage::new().await?;
    let template = json!({"url": "https://provider.example/provider/senders",
        "headers": {"authorization": "Bearer {secret:provider}"}});
    stage
        .set_up(
            "told",
            &json!({"policy": "handoff", "handoff": template}),
            &[],
        )
        .await?;
    let (_, end) = signed_up(&stage, "told", json!({"new": true})).await?;
    assert_eq!(end["problem"]["code"], "app_misconfigured", "{end}");
    assert_eq!(stage.count("/provider/*", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn we_register_first_where_the_template_wants_it() -> Result<()> {
    let answers = json!([{"path": "*", "status": 200, "body": {}}]);
    let stage = with_made_up(json!({"skip_register": false}), answers).await?;
    let (_, end) = signed_up(&stage, "told", json!({"new": true})).await?;
    assert_eq!(end["status"], "connected", "{end}");
    let log = stage.log().await?;
    let at = |end: &str| {
        log.iter().position(|entry| {
            entry["path"]
                .as_str()
                .is_some_and(|path| path.ends_with(end))
        })
    };
    assert!(at("/register") < at("/provider/senders") && at("/register").is_some());
    Ok(())
}
