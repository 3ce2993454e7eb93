//! Messages: events of the sites that have them forwarded, sent straight to the address of those that have one, and not kept
//! for all others.

use crate::events;
use crate::meta::{callback, change, connect, connect_webhook, send};
use anyhow::{Result, ensure};
use embark_tests::Deployment;
use embark_tests::deployment::{APP_ID, SHOP_ORIGIN};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn messages_are_events_of_a_site_that_has_them_forwarded() -> Result<()> {
    let deployment = Deployment::start().await?;
    connect_webhook(&deployment).await?;
    deployment
        .put_site("acme", &json!({"messages": {"mode": "forward"}}), &[])
        .await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    let message = json!({"messages": [{"id": "wamid.1", "text": {"body": "Größe 😀"}}], "later": 9007199254740993_u64});
    let status = json!({"statuses": [{"id": "wamid.1", "status": "read"}]});
    let changes = [
        change(&waba, "messages", message.clone()),
        change(&waba, "messages", status.clone()),
        change("5900000000000001", "messages", message.clone()),
    ];
    let sent = send(&deployment, json!({"changes": changes, "copies": 3})).await?;
    assert!(sent.iter().all(|one| one["status"] == 200), "{sent:?}");
    let received = events::wait_for(&deployment, "message.received", 1).await?;
    assert_eq!(received[0]["data"]["waba_id"], waba);
    assert_eq!(
        received[0]["data"]["meta"],
        json!({"field": "messages", "value": message})
    );
    let statuses = events::wait_for(&deployment, "message.status", 1).await?;
    assert_eq!(
        statuses[0]["data"]["meta"],
        json!({"field": "messages", "value": status})
    );
    Ok(())
}

/// A site with an address of its own gets its messages there, and everything else as events. Where it is changed to `forward`, the
/// address is taken away at Meta, and messages come as events.
#[tokio::test]
async fn messages_go_straight_to_the_sites_own_address_until_it_has_none() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    connect_webhook(&deployment).await?;
    let verify_token = json!({"verify_token": VERIFY_TOKEN});
    deployment.set_receiver(verify_token).await?;
    let url = address(&deployment);
    let settings = json!({"messages": {"mode": "override", "callback_url": url}});
    let secrets = [("messages_verify_token", VERIFY_TOKEN)];
    deployment.put_site("acme", &settings, &secrets).await?;
    let (waba, signup) = connect(&deployment, json!({"new": true})).await?;
    assert_eq!(override_at_meta(&deployment, &waba).await?, url);
    let line = report_line(&deployment, &signup, "ok").await?;
    assert_eq!(line["value"], url);
    let subscribed = format!("*/{waba}/subscribed_apps");
    deployment.assert_effects(&subscribed, 2).await?;
    let log = deployment.call_log().await?;
    assert!(!json!(log).to_string().contains(VERIFY_TOKEN));

    let message = json!({"messages": [{"id": "wamid.1", "text": {"body": "hello"}}]});
    let changes = || {
        let violation =
            json!({"event": "ACCOUNT_VIOLATION", "violation_info": {"violation_type": "ADULT"}});
        [
            change(&waba, "messages", message.clone()),
            change(&waba, "account_update", violation),
        ]
    };
    let sent = send(&deployment, json!({"changes": changes()})).await?;
    assert_eq!(sent.len(), 2, "{sent:?}");
    events::wait_for(&deployment, "account.violation", 1).await?;
    let received = deployment.received().await?;
    let [straight] = received.as_slice() else {
        anyhow::bail!("{received:?}");
    };
    assert_eq!(straight["path"], "/receiver/messages");
    assert_eq!(straight["verified"], true, "signed by Meta");
    let value = &straight["body"]["entry"][0]["changes"][0]["value"];
    assert_eq!(*value, message);
    events::wait_for(&deployment, "message.", 0).await?;

    let forward = json!({"messages": {"mode": "forward"}});
    let patched = deployment.admin_patch("sites/acme", &forward).await?;
    patched.error_for_status()?;
    assert_eq!(override_at_meta(&deployment, &waba).await?, url, "not yet");
    let applied = deployment
        .admin_post("sites/acme/messages", &json!({}))
        .await?;
    let applied: Value = applied.error_for_status()?.json().await?;
    assert_eq!(applied, json!({"numbers": 1}));
    let started = Instant::now();
    while override_at_meta(&deployment, &waba).await? != Value::Null {
        ensure!(started.elapsed() < Duration::from_secs(20), "still there");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // An object that forwards reads the setting once a minute; this one has read none yet.
    let sent = send(&deployment, json!({"changes": changes()})).await?;
    let app = callback(&deployment, "main");
    assert!(sent.iter().all(|one| one["url"] == app), "{sent:?}");
    events::wait_for(&deployment, "message.received", 1).await?;
    assert_eq!(deployment.received().await?.len(), 1);

    // A site that the number was transferred from changes nothing any more.
    deployment.put_app_and_site("rival", &[SHOP_ORIGIN]).await?;
    let number = deployment.number_of(&waba).await?;
    let transfer = format!("numbers/{number}/transfer");
    let order = json!({"site": "rival"});
    let transferred = deployment.admin_post(&transfer, &order).await?;
    transferred.error_for_status()?;
    deployment.admin_patch("sites/acme", &settings).await?;
    let applied = deployment
        .admin_post("sites/acme/messages", &json!({}))
        .await?;
    let applied: Value = applied.error_for_status()?.json().await?;
    let nothing = json!({"numbers": 0, "owned_elsewhere": [number]});
    assert_eq!(applied, nothing);
    Ok(())
}

/// The former site gets neither messages nor events of an account of which it has no number any more, and not its token.
#[tokio::test]
async fn messages_of_a_transferred_number_reach_its_new_site_alone() -> Result<()> {
    let deployment = Deployment::start().await?;
    connect_webhook(&deployment).await?;
    let forward = json!({"messages": {"mode": "forward"}});
    for site in ["acme", "rival"] {
        deployment.put_site(site, &forward, &[]).await?;
    }
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    let number = deployment.number_of(&waba).await?;
    let backend = deployment.backend("acme", &["token"]).await?;
    let token = format!("/wabas/{waba}/token");
    backend.get(&token).await?;
    let transfer = async |site: &str| -> Result<()> {
        let path = format!("numbers/{number}/transfer");
        let transferred = deployment.admin_post(&path, &json!({"site": site})).await?;
        transferred.error_for_status()?;
        Ok(())
    };
    let changes = |id: &str| {
        let message = json!({"metadata": {"phone_number_id": number}, "messages": [{"id": id}]});
        let violation = json!({"event": "ACCOUNT_VIOLATION",
            "violation_info": {"violation_type": id}});
        json!({"changes": [
            change(&waba, "messages", message),
            change(&waba, "account_update", violation),
        ]})
    };
    for _ in 0..2 {
        transfer("rival").await?;
    }
    send(&deployment, changes("wamid.1")).await?;
    events::wait_for_site(&deployment, "rival", "message.received", 1).await?;
    events::wait_for_site(&deployment, "rival", "account.violation", 1).await?;
    events::wait_for(&deployment, "message.received", 0).await?;
    events::wait_for(&deployment, "account.violation", 0).await?;
    let refusal = backend.refusal(Method::GET, &token).await?;
    assert_eq!(refusal, (404, "not_found".to_owned()));

    transfer("acme").await?;
    send(&deployment, changes("wamid.2")).await?;
    events::wait_for(&deployment, "message.received", 1).await?;
    events::wait_for(&deployment, "account.violation", 1).await?;
    events::wait_for_site(&deployment, "rival", "message.received", 1).await?;
    events::wait_for_site(&deployment, "rival", "account.violation", 1).await?;
    backend.get(&token).await?;
    Ok(())
}

/// An address that does not answer Meta's handshake harms nothing: an event says why, and once it answers, the operator's
/// next report sets it.
#[tokio::test]
async fn address_that_fails_the_handshake_is_a_problem_of_the_operators() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let url = address(&deployment);
    let settings = json!({"messages": {"mode": "override", "callback_url": url}});
    let put = deployment.admin_patch("sites/acme", &settings).await?;
    let put: Value = put.error_for_status()?.json().await?;
    let warning = put["warning"].as_str().unwrap_or_default();
    assert!(warning.contains("messages_verify_token"), "{put}");
    let secrets = [("messages_verify_token", VERIFY_TOKEN)];
    deployment.put_site("acme", &settings, &secrets).await?;
    let (waba, signup) = connect(&deployment, json!({"new": true})).await?;
    let failed = events::wait_for(&deployment, "messages.override_failed", 1).await?;
    let problem = &failed[0]["data"]["problem"];
    assert_eq!(problem["code"], "override_refused", "{failed:?}");
    assert_eq!(
        (&problem["remedy"], &problem["meta_code"]),
        (&json!("operator"), &json!("2200"))
    );
    let line = report_line(&deployment, &signup, "problem").await?;
    assert_eq!(line["next"], "set_messages_override");
    assert_eq!(override_at_meta(&deployment, &waba).await?, Value::Null);

    let verify_token = json!({"verify_token": VERIFY_TOKEN});
    deployment.set_receiver(verify_token).await?;
    let path = format!("signups/{signup}/report");
    deployment.admin_post(&path, &json!({})).await?;
    report_line(&deployment, &signup, "ok").await?;
    assert_eq!(override_at_meta(&deployment, &waba).await?, url);
    Ok(())
}

#[tokio::test]
async fn address_of_the_private_network_is_refused() -> Result<()> {
    let deployment = Deployment::start().await?;
    for url in [
        "https://10.0.0.1/",
        "https://localhost/",
        "ftp://crm.example/",
        "",
    ] {
        let settings = json!({"messages": {"mode": "override", "callback_url": url}});
        let refused = deployment.admin_patch("sites/acme", &settings).await?;
        assert_eq!(refused.status(), 400, "{url}");
        let problem: Value = refused.json().await?;
        assert_eq!(problem["code"], "bad_request");
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.starts_with("messages.callback_url"), "{problem}");
    }
    Ok(())
}

/// An address of the partner's, which the sandbox plays. Only the build for local use takes one over plain HTTP.
fn address(deployment: &Deployment) -> String {
    let sandbox = deployment.sandbox.url().replace("127.0.0.1", "localhost");
    format!("{sandbox}/receiver/messages")
}

/// The account's address in place of the app's; `null`: it has none.
async fn override_at_meta(deployment: &Deployment, waba: &str) -> Result<Value> {
    let world = deployment.sandbox_world().await?;
    Ok(world["wabas"][waba]["subscriptions"][APP_ID]["override_callback_uri"].clone())
}

/// The line of the operator's report, once it has this state.
async fn report_line(deployment: &Deployment, signup: &str, state: &str) -> Result<Value> {
    let started = Instant::now();
    loop {
        let path = format!("signups/{signup}/report");
        let report: Value = deployment.admin_get(&path).await?.json().await?;
        let lines = report["lines"].as_array().into_iter().flatten();
        let line = lines
            .clone()
            .find(|line| line["item"] == "messages_override" && line["state"] == state);
        if let Some(line) = line {
            return Ok(line.clone());
        }
        ensure!(started.elapsed() < Duration::from_secs(20), "{report}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

const VERIFY_TOKEN: &str = "handshake-secret";
