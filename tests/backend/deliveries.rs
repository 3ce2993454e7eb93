//! Events as the endpoint of a site gets them, and what follows when it does not take them.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::backend::ENDPOINT;
use embark_tests::workerd::Queues;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test]
async fn signup_is_delivered_and_the_published_library_verifies_it() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_endpoint("acme").await?;
    let end = deployment.connect("acme", json!({})).await?;
    let received = deployment
        .wait_for_events(&["signup.launched", "signup.connected"])
        .await?;
    for event in &received {
        assert_eq!(event["verified"], true, "{event:#}");
        assert_eq!(event["id"], event["body"]["id"]);
        assert_eq!(event["path"], "/receiver/events");
    }
    let connected = received
        .iter()
        .find(|event| event["body"]["type"] == "signup.connected");
    let data = &connected.context("not connected")?["body"]["data"];
    assert_eq!(
        data["connected"]["waba_id"], end["connected"]["waba_id"],
        "{data}"
    );
    assert_eq!(data["phone_number_id"], end["connected"]["phone_number_id"]);
    assert_eq!(data["signup"], end["id"]);
    deployment
        .event_in_state("signup.connected", "delivered")
        .await?;
    let ids: BTreeSet<_> = received
        .iter()
        .filter_map(|event| event["id"].as_str())
        .collect();
    assert_eq!(ids.len(), received.len(), "each was delivered once");
    Ok(())
}

#[tokio::test]
async fn failed_delivery_is_repeated_under_the_same_id() -> Result<()> {
    failure_is_repeated(Queues::One).await
}

#[tokio::test]
async fn failed_delivery_is_repeated_without_a_queue() -> Result<()> {
    failure_is_repeated(Queues::Absent).await
}

async fn failure_is_repeated(queues: Queues) -> Result<()> {
    let deployment = Deployment::start_with_queues(queues).await?;
    deployment.put_endpoint("acme").await?;
    deployment
        .set_receiver(json!({"replies": [
            {"status": 500}, {"status": 302, "headers": {"location": "https://elsewhere.example/"}}
        ]}))
        .await?;
    let test = deployment
        .admin_post("sites/acme/endpoint/test", &json!({}))
        .await?;
    assert_eq!(test.status().as_u16(), 202);
    let failed = deployment
        .event_in_state("endpoint.test", "pending")
        .await?;
    assert!(failed["delivery"]["next_attempt_at"].is_u64(), "{failed}");
    for _ in 0..400 {
        if deployment.received().await?.len() >= 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let received = deployment.received().await?;
    let ids: BTreeSet<_> = received
        .iter()
        .filter_map(|event| event["id"].as_str())
        .collect();
    assert_eq!((received.len(), ids.len()), (2, 1), "{received:#?}");
    let endpoint: Value = deployment
        .admin_get("sites/acme/endpoint")
        .await?
        .json()
        .await?;
    assert!(endpoint["failures"].as_u64() >= Some(1), "{endpoint}");
    // The redirect was not followed.
    assert!(
        received
            .iter()
            .all(|event| event["path"] == "/receiver/events")
    );
    Ok(())
}

#[tokio::test]
async fn receiver_that_is_too_slow_gets_the_event_again_and_one_in_time_once() -> Result<()> {
    slow_receiver(Queues::One).await
}

#[tokio::test]
async fn receiver_that_is_too_slow_gets_the_event_again_without_a_queue() -> Result<()> {
    slow_receiver(Queues::Absent).await
}

/// It answers 200 after the 15 seconds that it may take, then within them.
async fn slow_receiver(queues: Queues) -> Result<()> {
    let deployment = Deployment::start_with_queues(queues).await?;
    deployment.put_endpoint("acme").await?;
    deployment
        .set_receiver(json!({"replies": [
            {"status": 200, "delay_ms": 17_000}, {"status": 200, "delay_ms": 4_000}
        ]}))
        .await?;
    let path = "sites/acme/endpoint/test";
    deployment.admin_post(path, &json!({})).await?;
    let delivered = deployment
        .event_in_state("endpoint.test", "delivered")
        .await?;
    assert_eq!(delivered["delivery"]["attempts"], 2, "{delivered}");
    // One too many would come now.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let received = deployment.received().await?;
    let ids: BTreeSet<_> = received.iter().map(|event| event["id"].as_str()).collect();
    assert_eq!((received.len(), ids.len()), (2, 1), "{received:#?}");
    assert!(received.iter().all(|event| event["verified"] == true));
    // The first was waited for as long as it may take, and the second began after it.
    let second = received[1]["at_ms"].as_u64().context("no time")?;
    assert!((19_500..35_000).contains(&second), "{second}");
    Ok(())
}

#[tokio::test]
async fn endpoint_that_is_gone_is_switched_off_and_its_events_are_replayed_later() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_endpoint("acme").await?;
    deployment
        .set_receiver(json!({"replies": [{"status": 410}]}))
        .await?;
    deployment
        .admin_post("sites/acme/endpoint/test", &json!({}))
        .await?;
    let dead = deployment.event_in_state("endpoint.test", "dead").await?;
    assert_eq!(dead["delivery"]["error"], "status 410");
    let endpoint: Value = deployment
        .admin_get("sites/acme/endpoint")
        .await?
        .json()
        .await?;
    assert_eq!(
        (&endpoint["disabled"], &endpoint["dead"]),
        (&json!("gone"), &json!(1))
    );
    let list: Value = deployment
        .admin_get("sites/acme/events")
        .await?
        .json()
        .await?;
    let names: Vec<_> = list["events"]
        .as_array()
        .context("no list")?
        .iter()
        .map(|event| &event["type"])
        .collect();
    assert_eq!(names, ["endpoint.test", "endpoint.disabled"]);

    // Putting the address switches it on, with the same secret.
    let put = deployment
        .admin_put("sites/acme/endpoint", &json!({"url": ENDPOINT}))
        .await?;
    let details: Value = put.json().await?;
    assert_eq!(
        (&details["secret"], &details["disabled"]),
        (&Value::Null, &Value::Null)
    );
    let backend = deployment.backend("acme", &["write", "read"]).await?;
    let dead = backend.get("/events?delivery=dead").await?;
    assert_eq!(dead["events"].as_array().map(Vec::len), Some(1));
    let replay = backend
        .send(
            reqwest::Method::POST,
            "/events/replay",
            Some(&json!({"dead": true})),
        )
        .await?;
    assert_eq!(replay.json::<Value>().await?["replayed"], 1);
    deployment
        .event_in_state("endpoint.test", "delivered")
        .await?;
    let received = deployment.received().await?;
    assert!(
        received.iter().all(|event| event["verified"] == true),
        "{received:#?}"
    );
    Ok(())
}

#[tokio::test]
async fn rotated_secret_signs_beside_the_one_before() -> Result<()> {
    let deployment = Deployment::start().await?;
    let first = deployment.put_endpoint("acme").await?;
    let rotated = deployment
        .admin_post("sites/acme/endpoint/secret", &json!({}))
        .await?;
    let details: Value = rotated.json().await?;
    let second = details["secret"].as_str().context("no secret")?;
    assert_ne!(first, second);
    // A receiver with either of them verifies.
    for secret in [first.as_str(), second] {
        deployment
            .set_receiver(json!({"secrets": [secret]}))
            .await?;
        deployment
            .sandbox_control("DELETE", "receiver")
            .send()
            .await?;
        deployment
            .admin_post("sites/acme/endpoint/test", &json!({}))
            .await?;
        let received = deployment.wait_for_events(&["endpoint.test"]).await?;
        assert_eq!(
            (&received[0]["verified"], &received[0]["signatures"]),
            (&json!(true), &json!(2))
        );
    }
    Ok(())
}

#[tokio::test]
async fn addresses_that_are_not_public_are_refused() -> Result<()> {
    let deployment = Deployment::start().await?;
    for url in [
        "http://partner.example/",
        "https://127.0.0.1/",
        "https://localhost/x",
        "ftp://x.example",
        "x",
    ] {
        let refused = deployment
            .admin_put("sites/acme/endpoint", &json!({"url": url}))
            .await?;
        assert_eq!(refused.status().as_u16(), 400, "{url}");
    }
    for (method, path) in [
        ("GET", "endpoint"),
        ("POST", "endpoint/test"),
        ("POST", "endpoint/secret"),
    ] {
        let path = format!("sites/acme/{path}");
        let response = match method {
            "GET" => deployment.admin_get(&path).await?,
            _ => deployment.admin_post(&path, &json!({})).await?,
        };
        assert_eq!(response.status().as_u16(), 404, "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn events_survive_a_kill_and_are_delivered_after_it() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_endpoint("acme").await?;
    // The receiver is slow: workerd is killed while the delivery is on its way.
    deployment
        .set_receiver(json!({"replies": [{"status": 204, "delay_ms": 10_000}]}))
        .await?;
    deployment
        .admin_post("sites/acme/endpoint/test", &json!({}))
        .await?;
    deployment.wait_for_events(&["endpoint.test"]).await?;
    deployment.workerd.kill().await?;
    deployment.workerd.restart().await?;
    // The alarm sends it again, 45 s after the first time.
    let mut received = vec![];
    for _ in 0..1_800 {
        received = deployment.received().await?;
        if received.len() >= 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let ids: BTreeSet<_> = received
        .iter()
        .filter_map(|event| event["id"].as_str())
        .collect();
    assert_eq!((received.len(), ids.len()), (2, 1), "{received:#?}");
    deployment
        .event_in_state("endpoint.test", "delivered")
        .await?;
    Ok(())
}
