//! `docs/policies.md` lists the calls that each policy makes, in which order and with which token: compares each
//! list with the sandbox's log of a signup.

use crate::infobip::with_infobip;
use crate::{coexistence, credit_settings, handoff, report};
use anyhow::{Context, Result, ensure};
use embark_tests::Deployment;
use embark_tests::deployment::{APP_ID, SHOP_ORIGIN};
use embark_tests::environment::path_from_env;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// Stages in order, each with its calls as `POST /{waba}/… token`, sorted: their order within a stage is open.
type Stages = Vec<(String, Vec<String>)>;

/// The table behind `<!-- calls: {name} -->`.
fn documented_stages(name: &str) -> Result<Stages> {
    let text = std::fs::read_to_string(path_from_env("EMBARK_DOCS")?.join("policies.md"))?;
    let marker = format!("<!-- calls: {name} -->");
    let (_, rest) = text.split_once(&marker).with_context(|| marker.clone())?;
    let mut stages = Stages::new();
    for row in rest.trim_start().lines().skip(2) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, stage, call, token, _] = cells.as_slice() else {
            break;
        };
        let call = format!("{} {token}", call.trim_matches('`'));
        match stages.last_mut() {
            Some((last, calls)) if last == stage => calls.push(call),
            _ => stages.push(((*stage).to_owned(), vec![call])),
        }
    }
    stages.iter_mut().for_each(|(_, calls)| calls.sort());
    Ok(stages)
}

/// The calls in the log, divided into stages of the documented lengths; further calls are a stage `more`.
async fn logged_stages(
    deployment: &Deployment,
    minted: &Value,
    documented: &Stages,
) -> Result<Stages> {
    let log = deployment.call_log().await?;
    let calls = log.iter().map(|entry| with_placeholders(entry, minted));
    let mut calls = calls.collect::<Vec<_>>().into_iter();
    let mut stages: Stages = documented
        .iter()
        .map(|(name, documented)| {
            let mut stage: Vec<String> = calls.by_ref().take(documented.len()).collect();
            stage.sort();
            (name.clone(), stage)
        })
        .collect();
    let more: Vec<String> = calls.collect();
    if !more.is_empty() {
        stages.push(("more".into(), more));
    }
    Ok(stages)
}

/// An entry of the log as the documentation writes it: placeholders for ids, no Graph API version.
fn with_placeholders(entry: &Value, minted: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let known = [
        ("{waba}", text(&minted["waba_id"])),
        ("{phone}", text(&minted["phone_number_id"])),
        ("{app}", APP_ID.to_owned()),
        ("{credit}", "8100000000000001".to_owned()),
        ("{solution}", "7000000000000002".to_owned()),
    ];
    let path = text(&entry["path"]);
    let parts = path.split('/').filter(|part| !part.is_empty());
    let parts = parts.filter(|part| !part.starts_with('v') || !part.contains('.'));
    let named = parts.map(|part| {
        let name = known.iter().find(|(_, id)| id == part);
        match name {
            Some((name, _)) => (*name).to_owned(),
            None if part.len() > 12 && part.bytes().all(|byte| byte.is_ascii_digit()) => {
                "{allocation}".to_owned()
            }
            None if part.starts_with("XE") => "{sender}".to_owned(),
            None => part.to_owned(),
        }
    });
    let path: Vec<String> = named.collect();
    let (method, token) = (text(&entry["method"]), text(&entry["token_kind"]));
    format!("{method} /{} {token}", path.join("/"))
}

/// Runs a signup and asserts that its calls are those of the table of this name.
async fn assert_calls_match_docs(
    deployment: &Deployment,
    name: &str,
    site: &str,
    minted: Value,
) -> Result<()> {
    let widget = deployment.open_widget(site, SHOP_ORIGIN).await?;
    widget.post_outcome(&minted).await?;
    let end = widget.poll_until_end().await?;
    assert_eq!(end["status"], "connected", "{end}");
    report(deployment, widget.signup_id()).await?;
    let documented = documented_stages(name)?;
    let logged = logged_stages(deployment, &minted, &documented).await?;
    assert_eq!(logged, documented, "{name}");
    Ok(())
}

#[tokio::test]
async fn tech_provider_calls_match_docs() -> Result<()> {
    let deployment = Deployment::start().await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    assert_calls_match_docs(&deployment, "tech-provider", "acme", minted).await
}

#[tokio::test]
async fn solution_partner_calls_match_docs() -> Result<()> {
    for method in ["share_and_attach", "share_then_attach"] {
        let deployment = Deployment::start().await?;
        deployment
            .put_site("credit", &credit_settings(method), &[])
            .await?;
        let minted = deployment.mint_code(json!({"new": true})).await?;
        let name = format!("solution-partner {method}");
        assert_calls_match_docs(&deployment, &name, "credit", minted).await?;
    }
    Ok(())
}

#[tokio::test]
async fn infobip_calls_match_docs() -> Result<()> {
    let deployment = with_infobip("App", "sandbox-infobip-key").await?;
    // One webhook, sent after the reply to the order is stored: it causes exactly one read of the number.
    deployment
        .set_rules(
            json!({"infobip_after_ms": 0, "infobip_webhook_ms": 400, "infobip_webhook": "normal"}),
        )
        .await?;
    let minted = deployment
        .mint_code(json!({"new": true, "solution_id": "7000000000000002"}))
        .await?;
    // The site reads the state of its solution before any signup.
    let started = Instant::now();
    while deployment.count_calls("*/7000000000000002", None).await? == 0 {
        ensure!(started.elapsed() < Duration::from_secs(20), "not read");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_calls_match_docs(&deployment, "infobip", "infobip", minted).await
}

#[tokio::test]
async fn twilio_handoff_calls_match_docs() -> Result<()> {
    let deployment = handoff::with_twilio().await?;
    deployment
        .set_rules(json!({"provider_after_ms": 0}))
        .await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    assert_calls_match_docs(&deployment, "handoff", "handoff", minted).await
}

#[tokio::test]
async fn coexistence_calls_match_docs() -> Result<()> {
    let deployment = Deployment::start().await?;
    let minted = coexistence::mint_coexistence_code(&deployment).await?;
    assert_calls_match_docs(&deployment, "coexistence", "acme", minted).await
}
