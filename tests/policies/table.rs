//! docs/policies.md says which calls each policy makes, in which order and with which token. It is held
//! against the sandbox's log of a real signup.

use crate::infobip::with_infobip;
use crate::{coexistence, credit, handoff, report};
use anyhow::{Context, Result};
use embark_tests::Stage;
use embark_tests::stage::{APP_ID, HOST};
use embark_tests::tools::from_env;
use serde_json::{Value, json};

/// A stage and its calls, each as `POST /{waba}/… token`, sorted.
type Stages = Vec<(String, Vec<String>)>;

fn documented(name: &str) -> Result<Stages> {
    let text = std::fs::read_to_string(from_env("EMBARK_DOCS")?.join("policies.md"))?;
    let mark = format!("<!-- calls: {name} -->");
    let (_, rest) = text.split_once(&mark).with_context(|| mark.clone())?;
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

/// What was really called since `after`, cut into the documented stages.
async fn happened(stage: &Stage, minted: &Value, like: &Stages) -> Result<Stages> {
    let log = stage.log().await?;
    let calls = log.iter().map(|entry| spelled(entry, minted));
    let mut calls = calls.collect::<Vec<_>>().into_iter();
    let mut stages: Stages = like
        .iter()
        .map(|(name, wanted)| {
            let mut some: Vec<String> = calls.by_ref().take(wanted.len()).collect();
            some.sort();
            (name.clone(), some)
        })
        .collect();
    let more: Vec<String> = calls.collect();
    if !more.is_empty() {
        stages.push(("more".into(), more));
    }
    Ok(stages)
}

/// One entry of the log with names in place of ids.
fn spelled(entry: &Value, minted: &Value) -> String {
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

/// One signup of a fresh stage, held against the table of this name.
async fn hold(stage: &Stage, name: &str, site: &str, minted: Value) -> Result<()> {
    let page = stage.page(site, HOST).await?;
    page.submit(&minted).await?;
    let end = page.follow(&["connected", "failed", "relaunch"]).await?;
    assert_eq!(end["status"], "connected", "{end}");
    report(stage, page.signup()).await?;
    let wanted = documented(name)?;
    let seen = happened(stage, &minted, &wanted).await?;
    assert_eq!(seen, wanted, "{name}");
    Ok(())
}

#[tokio::test]
async fn a_tech_provider() -> Result<()> {
    let stage = Stage::new().await?;
    let minted = stage.mint(json!({"new": true})).await?;
    hold(&stage, "tech-provider", "acme", minted).await
}

#[tokio::test]
async fn a_solution_partner_by_either_method() -> Result<()> {
    for method in ["share_and_attach", "share_then_attach"] {
        let stage = Stage::new().await?;
        stage.set_up("paid", &credit(method), &[]).await?;
        let minted = stage.mint(json!({"new": true})).await?;
        let name = format!("solution-partner {method}");
        hold(&stage, &name, "paid", minted).await?;
    }
    Ok(())
}

#[tokio::test]
async fn infobip() -> Result<()> {
    let stage = with_infobip("App", "sandbox-infobip-key").await?;
    // One piece of news, and late enough that the order's answer is stored: one look follows.
    stage
        .rules(
            json!({"infobip_after_ms": 0, "infobip_webhook_ms": 400, "infobip_webhook": "normal"}),
        )
        .await?;
    let minted = stage
        .mint(json!({"new": true, "solution_id": "7000000000000002"}))
        .await?;
    hold(&stage, "infobip", "sent", minted).await
}

#[tokio::test]
async fn a_handoff_to_twilio() -> Result<()> {
    let stage = handoff::with_twilio().await?;
    stage.rules(json!({"provider_after_ms": 0})).await?;
    let minted = stage.mint(json!({"new": true})).await?;
    hold(&stage, "handoff", "told", minted).await
}

#[tokio::test]
async fn a_number_that_stays_in_the_app() -> Result<()> {
    let stage = Stage::new().await?;
    let minted = coexistence::coexisting(&stage).await?;
    hold(&stage, "coexistence", "acme", minted).await
}
