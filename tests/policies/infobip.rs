//! Infobip: the number is handed over with each authorization scheme; webhooks report its state, and Meta's number
//! is read to confirm it.

use crate::{report, run_signup};
use anyhow::{Context, Result};
use embark_tests::deployment::{SHOP_ORIGIN, with_fields};
use embark_tests::{Deployment, WidgetClient};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SHARE: &str = "/whatsapp/1/embedded-signup/registrations/share-waba";
const SOLUTION: &str = "7000000000000002";

/// A deployment with the site `infobip`, to which Infobip sends webhooks. `scheme` is that of the HTTP
/// Authorization header.
pub async fn with_infobip(scheme: &str, secret: &str) -> Result<Deployment> {
    put_infobip_site(Deployment::start().await?, scheme, secret).await
}

async fn put_infobip_site(
    deployment: Deployment,
    scheme: &str,
    secret: &str,
) -> Result<Deployment> {
    let settings = json!({"policy": "infobip", "solution_id": SOLUTION, "infobip":
        {"base_url": "https://xk3v.api.infobip.com", "authorization": scheme, "application_id": "sandbox-application"}});
    deployment
        .put_site("infobip", &settings, &[("infobip", secret)])
        .await?;
    set_webhook(&deployment).await?;
    Ok(deployment)
}

/// Creates a webhook URL, which replaces the one before, and gives it to the sandbox; returns it.
async fn set_webhook(deployment: &Deployment) -> Result<String> {
    let created = deployment
        .admin_post("sites/infobip/infobip/webhook", &json!({}))
        .await?;
    let created: Value = created.error_for_status()?.json().await?;
    let url = created["url"].as_str().context("no URL")?.to_owned();
    let body = json!({"webhook": url});
    let put = deployment
        .sandbox_control("PUT", "infobip")
        .json(&body)
        .send()
        .await?;
    put.error_for_status()?;
    Ok(url)
}

fn code_order() -> Value {
    json!({"new": true, "solution_id": SOLUTION})
}

/// A signup that has handed its number over and waits for Infobip; with its code.
async fn waiting_signup<'d>(deployment: &'d Deployment) -> Result<(WidgetClient<'d>, Value)> {
    let minted = deployment.mint_code(code_order()).await?;
    let widget = deployment.open_widget("infobip", SHOP_ORIGIN).await?;
    widget.post_outcome(&minted).await?;
    let snapshot = widget
        .poll_until(&["waiting", "connected", "failed"])
        .await?;
    assert_eq!(snapshot["status"], "waiting", "{snapshot}");
    assert_eq!(snapshot["problem"]["code"], "provider_pending");
    Ok((widget, minted))
}

/// Sends a webhook; returns the status of the response.
async fn post_webhook(deployment: &Deployment, url: &str, body: &str) -> Result<u16> {
    let sent = deployment
        .client
        .post(url)
        .header("content-type", "application/json");
    Ok(sent.body(body.to_owned()).send().await?.status().as_u16())
}

/// A webhook of Infobip's: the status of the registration, and of its only sender.
fn webhook_body(minted: &Value, status: &str, sender: &str) -> String {
    format!(
        r#"{{"businessAccountId":{},"status":"{status}","createdAt":"2026-01-02T03:04:05.678+0000",
        "lastModifiedAt":"2036-01-02T03:04:05.678+0000","senders":[{{"phoneNumberId":{},"type":"CLOUD","status":"{sender}"}}]}}"#,
        minted["waba_id"].as_str().unwrap_or_default(),
        minted["phone_number_id"],
    )
}

#[tokio::test]
async fn infobip_each_authorization_scheme_connects() -> Result<()> {
    for (scheme, secret) in [
        ("App", "sandbox-infobip-key"),
        ("Basic", "sandbox:sandbox-infobip-password"),
        ("IBSSO", "sandbox-infobip-token"),
        ("Bearer", "sandbox-infobip-token"),
    ] {
        let deployment = with_infobip(scheme, secret).await?;
        let (_, end) = run_signup(&deployment, "infobip", code_order()).await?;
        assert_eq!(end["status"], "connected", "{scheme} {end}");
        deployment.assert_effects(SHARE, 1).await?;
        deployment.assert_calls("*/register", 0).await?;
        let report = report(&deployment, end["id"].as_str().unwrap_or_default()).await?;
        assert_eq!(report["senders"][0]["status"], "FINISHED", "{report}");
    }
    Ok(())
}

#[tokio::test]
async fn infobip_any_2xx_body_is_accepted() -> Result<()> {
    for (body, status) in [
        (json!({}), 200),
        (json!({"anything": [1]}), 202),
        (Value::Null, 204),
    ] {
        let deployment = with_infobip("App", "sandbox-infobip-key").await?;
        deployment
            .set_rules(json!({"infobip_answer": body, "infobip_status": status}))
            .await?;
        let (_, end) = run_signup(&deployment, "infobip", code_order()).await?;
        assert_eq!(end["status"], "connected", "{status} {end}");
    }
    Ok(())
}

#[tokio::test]
async fn infobip_webhooks_failed_repeated_or_reordered_end_correctly() -> Result<()> {
    for (rule, expected) in [
        ("failed", "failed"),
        ("sender_failed", "failed"),
        ("duplicates", "connected"),
        ("out_of_order", "connected"),
    ] {
        let deployment = with_infobip("App", "sandbox-infobip-key").await?;
        deployment
            .set_rules(json!({"infobip_webhook": rule}))
            .await?;
        let (_, end) = run_signup(&deployment, "infobip", code_order()).await?;
        assert_eq!(end["status"], expected, "{rule} {end}");
        if expected == "failed" {
            assert_eq!(end["problem"]["code"], "provider_refused", "{rule} {end}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn infobip_finished_webhook_unconfirmed_by_meta_keeps_waiting() -> Result<()> {
    let deployment = with_infobip("App", "sandbox-infobip-key").await?;
    deployment
        .set_rules(json!({"infobip_after_ms": null, "infobip_webhook": "never"}))
        .await?;
    let url = set_webhook(&deployment).await?;
    let (widget, minted) = waiting_signup(&deployment).await?;
    assert_eq!(
        post_webhook(
            &deployment,
            &url,
            &webhook_body(&minted, "FINISHED", "FINISHED")
        )
        .await?,
        204
    );
    let started = Instant::now();
    // The webhook causes a read of the number, which is not connected at Meta.
    let phone = format!(
        "*/{}",
        minted["phone_number_id"].as_str().unwrap_or_default()
    );
    while deployment.count_calls(&phone, None).await? == 0 {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "Meta was not called"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(widget.snapshot().await?["status"], "waiting");
    Ok(())
}

#[tokio::test]
async fn infobip_webhook_unknown_or_after_end_is_ignored() -> Result<()> {
    let deployment = with_infobip("App", "sandbox-infobip-key").await?;
    deployment
        .set_rules(json!({"infobip_after_ms": null, "infobip_webhook": "never"}))
        .await?;
    let replaced_url = set_webhook(&deployment).await?;
    let url = set_webhook(&deployment).await?;
    let (widget, minted) = waiting_signup(&deployment).await?;
    let failed = webhook_body(&minted, "FAILED", "FAILED");
    let other_waba = failed.replace(
        minted["waba_id"].as_str().unwrap_or_default(),
        "5000000000000077",
    );
    let of_account = json!({"businessAccountId": minted["waba_id"], "status": "finished"});
    let without_senders = of_account.to_string();
    let null_senders = with_fields(of_account, &json!({"senders": null})).to_string();
    let other_digit = if url.ends_with('0') { "1" } else { "0" };
    let (forged_url, short_url) = (
        [&url[..url.len() - 1], other_digit].concat(),
        url[..url.len() - 2].to_owned(),
    );
    for (url, body, expected) in [
        (replaced_url.as_str(), failed.as_str(), 404),
        (&forged_url, &failed, 404),
        (&short_url, &failed, 404),
        (&url, "<html>", 400),
        (&url, "{}", 400),
        (&url, r#"{"businessAccountId":7,"status":"FAILED"}"#, 400),
        (&url, &other_waba, 204),
        // Of our account: what Meta shows decides.
        (&url, &failed.replace("FAILED", "WHATEVER"), 204),
        (&url, &without_senders, 204),
        (&url, &null_senders, 204),
    ] {
        assert_eq!(
            post_webhook(&deployment, url, body).await?,
            expected,
            "{url} {body}"
        );
    }
    assert_eq!(widget.snapshot().await?["status"], "waiting");
    assert_eq!(post_webhook(&deployment, &url, &failed).await?, 204);
    let end = widget.poll_until(&["failed", "connected"]).await?;
    assert_eq!(end["problem"]["code"], "provider_refused", "{end}");
    // After the end of the signup, webhooks change nothing.
    assert_eq!(
        post_webhook(
            &deployment,
            &url,
            &webhook_body(&minted, "FINISHED", "FINISHED")
        )
        .await?,
        204
    );
    assert_eq!(widget.snapshot().await?["status"], "failed");
    Ok(())
}

#[tokio::test]
async fn infobip_webhook_missing_is_replaced_by_polling() -> Result<()> {
    let deployment = put_infobip_site(
        Deployment::start_local().await?,
        "App",
        "sandbox-infobip-key",
    )
    .await?;
    deployment
        .set_rules(json!({"infobip_webhook": "never"}))
        .await?;
    let (widget, minted) = waiting_signup(&deployment).await?;
    let phone = minted["phone_number_id"].as_str().unwrap_or_default();
    let started = Instant::now();
    loop {
        let world = deployment.sandbox_world().await?;
        if world["phones"][phone]["platform_type"] == "CLOUD_API" {
            break;
        }
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "never connected"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    deployment.advance_clock(Duration::from_secs(301)).await?;
    let end = widget.poll_until(&["connected", "failed"]).await?;
    assert_eq!(end["status"], "connected", "{end}");
    Ok(())
}

#[tokio::test]
async fn infobip_refusals_map_to_problem_codes() -> Result<()> {
    for (fault, expected) in [
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
        let deployment = with_infobip("App", "sandbox-infobip-key").await?;
        let mut share_fault = fault.clone();
        share_fault["path"] = SHARE.into();
        deployment.add_fault(share_fault).await?;
        let (_, end) = run_signup(&deployment, "infobip", code_order()).await?;
        assert_eq!(end["problem"]["code"], expected, "{fault} {end}");
        assert_eq!(end["problem"]["step"], "handoff");
        deployment.assert_calls("/_sandbox/landing", 0).await?;
    }
    // Refusals of the sandbox's Infobip itself: a wrong key, and an account that is not shared with Infobip.
    let deployment = with_infobip("App", "another-infobip-key").await?;
    let (_, end) = run_signup(&deployment, "infobip", code_order()).await?;
    assert_eq!(end["problem"]["code"], "app_misconfigured", "{end}");
    let deployment = with_infobip("App", "sandbox-infobip-key").await?;
    let (_, end) = run_signup(&deployment, "infobip", json!({"new": true})).await?;
    assert_eq!(end["problem"]["code"], "app_misconfigured", "{end}");
    Ok(())
}

#[tokio::test]
async fn infobip_transient_failure_is_retried_without_sharing_twice() -> Result<()> {
    for fault in [
        json!({"kind": "status", "http": 503, "body": ""}),
        json!({"kind": "reset"}),
        json!({"kind": "answer_lost"}),
    ] {
        let deployment = with_infobip("App", "sandbox-infobip-key").await?;
        let mut share_fault = fault.clone();
        share_fault["path"] = SHARE.into();
        deployment.add_fault(share_fault).await?;
        let (_, end) = run_signup(&deployment, "infobip", code_order()).await?;
        assert_eq!(end["status"], "connected", "{fault} {end}");
        assert_eq!(
            deployment.count_calls(SHARE, Some(true)).await?,
            1,
            "{fault}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn infobip_operator_adds_sender_and_sends_messages() -> Result<()> {
    let deployment = with_infobip("App", "sandbox-infobip-key").await?;
    let (minted, end) = run_signup(&deployment, "infobip", code_order()).await?;
    assert_eq!(end["status"], "connected", "{end}");
    let from = end["connected"]["display_phone_number"]
        .as_str()
        .unwrap_or_default();
    let from: String = from.chars().filter(char::is_ascii_digit).collect();
    let text = json!({"from": from, "to": "491512345678", "text": "Hello",
        "business_id": minted["business_id"]});
    let sent = deployment
        .admin_post("sites/infobip/infobip/messages", &text)
        .await?;
    let sent: Value = sent.error_for_status()?.json().await?;
    let id = sent["messageId"]
        .as_str()
        .with_context(|| sent.to_string())?;
    let path = format!("sites/infobip/infobip/messages/{id}");
    let report: Value = deployment
        .admin_get(&path)
        .await?
        .error_for_status()?
        .json()
        .await?;
    let status = &report["results"][0]["status"]["groupName"];
    assert_eq!(status, "DELIVERED", "{report}");

    let template = json!({"from": from, "to": "491512345678", "template": "welcome",
        "language": "en", "placeholders": ["Ada"]});
    let sent = deployment
        .admin_post("sites/infobip/infobip/messages", &template)
        .await?;
    let sent: Value = sent.error_for_status()?.json().await?;
    assert!(sent["messages"][0]["messageId"].is_string(), "{sent}");

    let sender = json!({"waba_id": minted["waba_id"], "country_code": "1", "phone_number": "6315550199",
        "display_name": "Lucky Shrub", "type": "EXTERNAL_SMS", "locale": "en"});
    let added = deployment
        .admin_post("sites/infobip/infobip/senders", &sender)
        .await?;
    assert!(added.status().is_success(), "{}", added.text().await?);
    // Infobip refuses to add the same sender again.
    let again = deployment
        .admin_post("sites/infobip/infobip/senders", &sender)
        .await?;
    let problem: Value = again.json().await?;
    assert_eq!(problem["code"], "provider_refused", "{problem}");
    Ok(())
}
