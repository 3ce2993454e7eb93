//! Infobip: told with each form of authorization, heard by webhook, believed when Meta agrees.

use crate::{report, signed_up};
use anyhow::{Context, Result};
use embark_tests::Stage;
use embark_tests::page::Page;
use embark_tests::stage::HOST;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SHARE: &str = "/whatsapp/1/embedded-signup/registrations/share-waba";
const SOLUTION: &str = "7000000000000002";

/// A site of Infobip's, whose news come to us.
pub async fn with_infobip(scheme: &str, secret: &str) -> Result<Stage> {
    on(Stage::new().await?, scheme, secret).await
}

async fn on(stage: Stage, scheme: &str, secret: &str) -> Result<Stage> {
    let settings = json!({"policy": "infobip", "solution_id": SOLUTION, "infobip":
        {"base_url": "https://xk3v.api.infobip.com", "authorization": scheme, "application_id": "sandbox-application"}});
    stage
        .set_up("sent", &settings, &[("infobip", secret)])
        .await?;
    hook(&stage).await?;
    Ok(stage)
}

async fn hook(stage: &Stage) -> Result<String> {
    let drawn = stage.post("sites/sent/infobip/webhook", &json!({})).await?;
    let drawn: Value = drawn.error_for_status()?.json().await?;
    let url = drawn["url"].as_str().context("no address")?.to_owned();
    let order = json!({"webhook": url});
    let put = stage.control("PUT", "infobip").json(&order).send().await?;
    put.error_for_status()?;
    Ok(url)
}

fn order() -> Value {
    json!({"new": true, "solution_id": SOLUTION})
}

/// A signup that has been handed over and waits.
async fn waiting<'s>(stage: &'s Stage) -> Result<(Page<'s>, Value)> {
    let minted = stage.mint(order()).await?;
    let page = stage.page("sent", HOST).await?;
    page.submit(&minted).await?;
    let shown = page.follow(&["waiting", "connected", "failed"]).await?;
    assert_eq!(shown["status"], "waiting", "{shown}");
    assert_eq!(shown["problem"]["code"], "provider_pending");
    Ok((page, minted))
}

async fn tell(url: &str, body: &str) -> Result<u16> {
    let client = reqwest::Client::new();
    let sent = client.post(url).header("content-type", "application/json");
    Ok(sent.body(body.to_owned()).send().await?.status().as_u16())
}

fn news(minted: &Value, status: &str, sender: &str) -> String {
    format!(
        r#"{{"businessAccountId":{},"status":"{status}","createdAt":"2026-01-02T03:04:05.678+0000",
        "lastModifiedAt":"2036-01-02T03:04:05.678+0000","senders":[{{"phoneNumberId":{},"type":"CLOUD","status":"{sender}"}}]}}"#,
        minted["waba_id"].as_str().unwrap_or_default(),
        minted["phone_number_id"],
    )
}

#[tokio::test]
async fn each_form_of_authorization_connects_a_number() -> Result<()> {
    for (scheme, secret) in [
        ("App", "sandbox-infobip-key"),
        ("Basic", "sandbox:sandbox-infobip-password"),
        ("IBSSO", "sandbox-infobip-token"),
        ("Bearer", "sandbox-infobip-token"),
    ] {
        let stage = with_infobip(scheme, secret).await?;
        let (_, end) = signed_up(&stage, "sent", order()).await?;
        assert_eq!(end["status"], "connected", "{scheme} {end}");
        assert_eq!(stage.count(SHARE, Some(true)).await?, 1);
        assert_eq!(stage.count("*/register", None).await?, 0);
        let report = report(&stage, end["id"].as_str().unwrap_or_default()).await?;
        assert_eq!(report["senders"][0]["status"], "FINISHED", "{report}");
    }
    Ok(())
}

#[tokio::test]
async fn any_success_body_counts() -> Result<()> {
    for (body, status) in [
        (json!({}), 200),
        (json!({"anything": [1]}), 202),
        (Value::Null, 204),
    ] {
        let stage = with_infobip("App", "sandbox-infobip-key").await?;
        stage
            .rules(json!({"infobip_answer": body, "infobip_status": status}))
            .await?;
        let (_, end) = signed_up(&stage, "sent", order()).await?;
        assert_eq!(end["status"], "connected", "{status} {end}");
    }
    Ok(())
}

#[tokio::test]
async fn what_infobip_says_in_whatever_order_ends_as_it_should() -> Result<()> {
    for (rule, want) in [
        ("failed", "failed"),
        ("sender_failed", "failed"),
        ("duplicates", "connected"),
        ("out_of_order", "connected"),
    ] {
        let stage = with_infobip("App", "sandbox-infobip-key").await?;
        stage.rules(json!({"infobip_webhook": rule})).await?;
        let (_, end) = signed_up(&stage, "sent", order()).await?;
        assert_eq!(end["status"], want, "{rule} {end}");
        if want == "failed" {
            assert_eq!(end["problem"]["code"], "provider_refused", "{rule} {end}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_finished_that_meta_does_not_confirm_is_not_believed() -> Result<()> {
    let stage = with_infobip("App", "sandbox-infobip-key").await?;
    stage
        .rules(json!({"infobip_after_ms": null, "infobip_webhook": "never"}))
        .await?;
    let url = hook(&stage).await?;
    let (page, minted) = waiting(&stage).await?;
    assert_eq!(
        tell(&url, &news(&minted, "FINISHED", "FINISHED")).await?,
        204
    );
    let started = Instant::now();
    // Meta was asked, and says otherwise.
    let phone = format!(
        "*/{}",
        minted["phone_number_id"].as_str().unwrap_or_default()
    );
    while stage.count(&phone, None).await? == 0 {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "nobody asked Meta"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(page.snapshot().await?["status"], "waiting");
    Ok(())
}

#[tokio::test]
async fn a_webhook_moves_only_what_waits_for_it() -> Result<()> {
    let stage = with_infobip("App", "sandbox-infobip-key").await?;
    stage
        .rules(json!({"infobip_after_ms": null, "infobip_webhook": "never"}))
        .await?;
    let old = hook(&stage).await?;
    let url = hook(&stage).await?;
    let (page, minted) = waiting(&stage).await?;
    let failed = news(&minted, "FAILED", "FAILED");
    let stranger = failed.replace(
        minted["waba_id"].as_str().unwrap_or_default(),
        "5000000000000077",
    );
    let (made_up, short) = (
        format!("{}0", &url[..url.len() - 1]),
        url[..url.len() - 2].to_owned(),
    );
    for (url, body, want) in [
        (old.as_str(), failed.as_str(), 404),
        (&made_up, &failed, 404),
        (&short, &failed, 404),
        (&url, "<html>", 400),
        (&url, "{}", 400),
        (&url, r#"{"businessAccountId":7,"status":"FAILED"}"#, 400),
        (&url, &stranger, 204),
    ] {
        assert_eq!(tell(url, body).await?, want, "{url} {body}");
    }
    assert_eq!(page.snapshot().await?["status"], "waiting");
    assert_eq!(tell(&url, &failed).await?, 204);
    let end = page.follow(&["failed", "connected"]).await?;
    assert_eq!(end["problem"]["code"], "provider_refused", "{end}");
    // Over is over: later news change nothing.
    assert_eq!(
        tell(&url, &news(&minted, "FINISHED", "FINISHED")).await?,
        204
    );
    assert_eq!(page.snapshot().await?["status"], "failed");
    Ok(())
}

#[tokio::test]
async fn news_that_never_come_are_replaced_by_looking() -> Result<()> {
    let stage = on(Stage::local().await?, "App", "sandbox-infobip-key").await?;
    stage.rules(json!({"infobip_webhook": "never"})).await?;
    let (page, minted) = waiting(&stage).await?;
    let phone = minted["phone_number_id"].as_str().unwrap_or_default();
    let started = Instant::now();
    loop {
        let world: Value = stage.control("GET", "world").send().await?.json().await?;
        if world["phones"][phone]["platform_type"] == "CLOUD_API" {
            break;
        }
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "never connected"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stage.ahead(Duration::from_secs(301)).await?;
    let end = page.follow(&["connected", "failed"]).await?;
    assert_eq!(end["status"], "connected", "{end}");
    Ok(())
}

#[tokio::test]
async fn each_refusal_is_told_as_what_it_is() -> Result<()> {
    for (fault, want) in [
        (
            json!({"kind": "status", "http": 401, "body": "{}"}),
            "app_misconfigured",
        ),
        (
            json!({"kind": "status", "http": 403, "body": "{}"}),
            "app_misconfigured",
        ),
        (
            json!({"kind": "status", "http": 400, "body": "{}"}),
            "provider_refused",
        ),
        (json!({"kind": "redirect"}), "provider_refused"),
    ] {
        let stage = with_infobip("App", "sandbox-infobip-key").await?;
        let mut order_of = fault.clone();
        order_of["path"] = SHARE.into();
        stage.fault(order_of).await?;
        let (_, end) = signed_up(&stage, "sent", order()).await?;
        assert_eq!(end["problem"]["code"], want, "{fault} {end}");
        assert_eq!(end["problem"]["step"], "handoff");
        assert_eq!(stage.count("/_sandbox/landing", None).await?, 0);
    }
    // Infobip's own: a wrong key, and an account it was not shared with.
    let stage = with_infobip("App", "another-infobip-key").await?;
    let (_, end) = signed_up(&stage, "sent", order()).await?;
    assert_eq!(end["problem"]["code"], "app_misconfigured", "{end}");
    let stage = with_infobip("App", "sandbox-infobip-key").await?;
    let (_, end) = signed_up(&stage, "sent", json!({"new": true})).await?;
    assert_eq!(end["problem"]["code"], "app_misconfigured", "{end}");
    Ok(())
}

#[tokio::test]
async fn what_passes_is_tried_again_and_what_landed_is_not_told_twice() -> Result<()> {
    for fault in [
        json!({"kind": "status", "http": 503, "body": ""}),
        json!({"kind": "reset"}),
        json!({"kind": "answer_lost"}),
    ] {
        let stage = with_infobip("App", "sandbox-infobip-key").await?;
        let mut order_of = fault.clone();
        order_of["path"] = SHARE.into();
        stage.fault(order_of).await?;
        let (_, end) = signed_up(&stage, "sent", order()).await?;
        assert_eq!(end["status"], "connected", "{fault} {end}");
        assert_eq!(stage.count(SHARE, Some(true)).await?, 1, "{fault}");
    }
    Ok(())
}

#[tokio::test]
async fn an_operator_adds_a_sender_sends_a_message_and_reads_its_report() -> Result<()> {
    let stage = with_infobip("App", "sandbox-infobip-key").await?;
    let (minted, end) = signed_up(&stage, "sent", order()).await?;
    assert_eq!(end["status"], "connected", "{end}");
    let from = end["connected"]["display_phone_number"]
        .as_str()
        .unwrap_or_default();
    let from: String = from.chars().filter(char::is_ascii_digit).collect();
    let text = json!({"from": from, "to": "491512345678", "text": "Hello",
        "business_id": minted["business_id"]});
    let sent = stage.post("sites/sent/infobip/messages", &text).await?;
    let sent: Value = sent.error_for_status()?.json().await?;
    let id = sent["messageId"]
        .as_str()
        .with_context(|| sent.to_string())?;
    let path = format!("sites/sent/infobip/messages/{id}");
    let report: Value = stage.get(&path).await?.error_for_status()?.json().await?;
    let status = &report["results"][0]["status"]["groupName"];
    assert_eq!(status, "DELIVERED", "{report}");

    let template = json!({"from": from, "to": "491512345678", "template": "welcome",
        "language": "en", "placeholders": ["Ada"]});
    let sent = stage.post("sites/sent/infobip/messages", &template).await?;
    let sent: Value = sent.error_for_status()?.json().await?;
    assert!(sent["messages"][0]["messageId"].is_string(), "{sent}");

    let sender = json!({"waba_id": minted["waba_id"], "country_code": "1", "phone_number": "6315550199",
        "display_name": "Lucky Shrub", "type": "EXTERNAL_SMS", "locale": "en"});
    let added = stage.post("sites/sent/infobip/senders", &sender).await?;
    assert!(added.status().is_success(), "{}", added.text().await?);
    // The same once more is Infobip's to refuse.
    let twice = stage.post("sites/sent/infobip/senders", &sender).await?;
    let said: Value = twice.json().await?;
    assert_eq!(said["code"], "provider_refused", "{said}");
    Ok(())
}
