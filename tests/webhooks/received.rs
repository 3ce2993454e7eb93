//! What was answered with 200 is stored, once, whatever fails.

use crate::events;
use crate::meta::{body, change, connect, connect_webhook, now, post_signed, send};
use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::{Value, json};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

#[tokio::test]
async fn webhook_sent_several_times_is_one_event_with_metas_change() -> Result<()> {
    let deployment = Deployment::start().await?;
    connect_webhook(&deployment).await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    let review = change(
        &waba,
        "account_review_update",
        json!({"decision": "APPROVED", "note": "Größe 😀"}),
    );
    let message = change(
        &waba,
        "messages",
        json!({"messages": [{"id": "wamid.1", "text": {"body": "private-words"}}]}),
    );
    let sent = send(
        &deployment,
        json!({"changes": [review, message], "copies": 5}),
    )
    .await?;
    assert!(
        sent.iter()
            .all(|one| one["status"] == 200 && one["attempts"] == 1),
        "{sent:?}"
    );
    let reviewed = events::wait_for(&deployment, "account.reviewed", 1).await?;
    let event: &Value = &reviewed[0];
    assert_eq!(
        event["data"]["meta"],
        json!({"field": "account_review_update", "value": review["value"]})
    );
    assert_eq!(event["data"]["waba_id"], waba);
    let timestamp = event["timestamp"].as_str().unwrap_or_default();
    let at = OffsetDateTime::parse(timestamp, &Rfc3339)?;
    assert_eq!(review["time"], at.unix_timestamp());
    // The sandbox has sent it by itself when the code was issued.
    events::wait_for(&deployment, "account.added", 1).await?;
    events::wait_for(&deployment, "account.other", 0).await?;
    assert!(
        !stores(&deployment, "private-words")?,
        "messages are not stored"
    );
    Ok(())
}

#[tokio::test]
async fn webhook_is_repeated_until_it_is_stored() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    connect_webhook(&deployment).await?;
    deployment
        .set_rules(json!({"webhook_retry_ms": 50}))
        .await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    events::wait_for(&deployment, "account.added", 1).await?;
    let fail = format!("{}/v1/local/waba", deployment.origin);
    let failed = deployment
        .client
        .post(fail)
        .json(&json!({"fail": 3}))
        .send()
        .await?;
    assert!(failed.status().is_success());
    let alert = change(
        &waba,
        "account_alerts",
        json!({"alert_info": {"alert_type": "x"}}),
    );
    let sent = send(&deployment, json!({"changes": [alert]})).await?;
    assert_eq!(
        (&sent[0]["status"], &sent[0]["attempts"]),
        (&json!(200), &json!(4))
    );
    events::wait_for(&deployment, "account.alert", 1).await?;
    Ok(())
}

#[tokio::test]
async fn largest_batch_of_many_accounts_is_stored_or_repeated() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    connect_webhook(&deployment).await?;
    deployment
        .set_rules(json!({"webhook_retry_ms": 50}))
        .await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    let mut changes = vec![];
    for number in 0..960 {
        changes.push(change(&waba, "next_years_field", json!({"n": number})));
    }
    for number in 0..40_u64 {
        let other = (5_900_000_000_000_000 + number).to_string();
        changes.push(change(
            &other,
            "messages",
            json!({"messages": [{"id": format!("wamid.{number}")}]}),
        ));
    }
    let fail = format!("{}/v1/local/waba", deployment.origin);
    deployment
        .client
        .post(fail)
        .json(&json!({"fail": 1}))
        .send()
        .await?;
    let sent = send(
        &deployment,
        json!({"changes": changes, "batch": 1_000, "shuffle": true, "copies": 2, "pad_to": 3 << 20}),
    )
    .await?;
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|one| one["status"] == 200), "{sent:?}");
    let is_repeated = |one: &Value| {
        one["attempts"]
            .as_u64()
            .is_some_and(|attempts| attempts > 1)
    };
    assert!(sent.iter().any(is_repeated), "{sent:?}");
    events::wait_for(&deployment, "account.other", 960).await?;
    Ok(())
}

#[tokio::test]
async fn burst_of_shuffled_and_doubled_webhooks_is_each_change_once() -> Result<()> {
    let deployment = Deployment::start().await?;
    connect_webhook(&deployment).await?;
    deployment
        .set_rules(json!({"webhook_retry_ms": 50}))
        .await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    let alert = |number: u64| {
        change(
            &waba,
            "account_alerts",
            json!({"alert_info": {"n": number}}),
        )
    };
    let changes: Vec<Value> = (0..120).map(alert).collect();
    let burst =
        json!({"changes": changes, "batch": 3, "shuffle": true, "copies": 4, "at_once": 64});
    let sent = send(&deployment, burst).await?;
    assert_eq!(sent.len(), 160);
    assert!(sent.iter().all(|one| one["status"] == 200), "{sent:?}");
    events::wait_for(&deployment, "account.alert", 120).await?;
    // Just under Meta's largest body, and just over it.
    let one = change(
        &waba,
        "account_review_update",
        json!({"decision": "APPROVED"}),
    );
    for (pad_to, status) in [((3 << 20) - 1, 200), (3 << 20, 200), ((3 << 20) + 1, 413)] {
        let request = json!({"changes": [one], "pad_to": pad_to, "copies": 2});
        let sent = send(&deployment, request).await?;
        assert_eq!((sent.len(), &sent[0]["bytes"]), (2, &json!(pad_to)));
        assert!(
            sent.iter().all(|one| one["status"] == status),
            "{pad_to} {sent:?}"
        );
    }
    events::wait_for(&deployment, "account.reviewed", 1).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_survive_kills_and_are_delivered_once() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    connect_webhook(&deployment).await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    events::wait_for(&deployment, "account.added", 1).await?;
    let bodies: Vec<String> = (0..60)
        .map(|number| {
            body(&change(
                &waba,
                "account_alerts",
                json!({"n": number, "at": now()}),
            ))
        })
        .collect();
    let mut accepted = 0;
    for (number, text) in bodies.iter().enumerate() {
        // Every change is sent until it is answered with 200; the process dies beside some.
        let kill = async {
            if number % 20 == 10 {
                tokio::time::sleep(Duration::from_millis(3)).await;
                deployment.workerd.kill().await?;
                deployment.workerd.restart().await?;
            }
            anyhow::Ok(())
        };
        let send = async {
            loop {
                if let Ok(200) = post_signed(&deployment, text).await {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(30)).await;
            }
        };
        let (killed, ()) = tokio::join!(kill, send);
        killed?;
        accepted += 1;
    }
    assert_eq!(accepted, bodies.len());
    // Once more, in case the first 200 was for nothing.
    for text in &bodies {
        assert_eq!(post_signed(&deployment, text).await?, 200);
    }
    events::wait_for(&deployment, "account.alert", bodies.len()).await?;
    Ok(())
}

/// In the long form more events are pending than one alarm sends.
#[tokio::test]
async fn owner_that_does_not_reply_keeps_no_event_from_another() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    connect_webhook(&deployment).await?;
    deployment.put_app_and_site("rival", &[SHOP_ORIGIN]).await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    // With another number, the other site becomes an owner of the account beside the first.
    let second = json!({"id": "6000000000000077", "waba_id": waba,
        "display_phone_number": "+1 631-555-0177", "verified_name": "Lucky Shrub",
        "code_verification_status": "VERIFIED"});
    let seed = deployment.sandbox_control("POST", "seed");
    let seed = seed.json(&json!({"phones": [second]}));
    seed.send().await?.error_for_status()?;
    let code = json!({"waba_id": waba, "phone_number_id": "6000000000000077"});
    deployment.connect("rival", code).await?;
    deployment
        .inject("sites", &json!({"unreachable": ["rival"]}))
        .await?;
    let count = std::env::var("EMBARK_PENDING_EVENTS").ok();
    let count = count.map_or(Ok(60), |count| count.parse())?;
    let alert = |number| change(&waba, "account_alerts", json!({"n": number}));
    let changes: Vec<Value> = (0..count).map(alert).collect();
    let sent = send(&deployment, json!({"changes": changes, "batch": 200})).await?;
    assert!(sent.iter().all(|one| one["status"] == 200), "{sent:?}");
    events::wait_for(&deployment, "account.alert", count).await?;
    deployment
        .inject("sites", &json!({"unreachable": []}))
        .await?;
    events::wait_for_site(&deployment, "rival", "account.alert", count).await?;
    events::wait_for(&deployment, "account.alert", count).await?;
    Ok(())
}

/// Whether any file of the objects has this text.
fn stores(deployment: &Deployment, text: &str) -> Result<bool> {
    let mut folders = vec![deployment.workerd.storage.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path)?;
            if bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
