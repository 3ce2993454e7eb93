//! What a receiver may do to a delivery, and an operator to the endpoint while one is on its way.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::workerd::Queues;
use serde_json::{Value, json};
use std::time::Duration;

async fn test_event(deployment: &Deployment) -> Result<()> {
    let body = json!({});
    let sent = deployment.admin_post("sites/acme/endpoint/test", &body);
    sent.await?.error_for_status()?;
    Ok(())
}

async fn endpoint(deployment: &Deployment) -> Result<Value> {
    let response = deployment.admin_get("sites/acme/endpoint").await?;
    Ok(response.error_for_status()?.json().await?)
}

#[tokio::test]
async fn status_counts_whatever_the_body_is() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_endpoint("acme").await?;
    let replies = json!({"replies": [
        {"status": 500, "body_bytes": 3_000_000}, {"status": 410, "body_bytes": 3_000_000}
    ]});
    deployment.set_receiver(replies).await?;
    test_event(&deployment).await?;
    let mut error = Value::Null;
    for _ in 0..200 {
        let failed = deployment
            .event_in_state("endpoint.test", "pending")
            .await?;
        error = failed["delivery"]["error"].clone();
        if error != Value::Null {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(error, "status 500");
    test_event(&deployment).await?;
    deployment.event_in_state("endpoint.test", "dead").await?;
    assert_eq!(endpoint(&deployment).await?["disabled"], "gone");
    Ok(())
}

#[tokio::test]
async fn receiver_that_hangs_at_one_event_gets_the_others() -> Result<()> {
    others_are_not_held_up(Queues::Concurrent).await
}

#[tokio::test]
async fn receiver_that_hangs_at_one_event_gets_the_others_without_a_queue() -> Result<()> {
    others_are_not_held_up(Queues::Absent).await
}

async fn others_are_not_held_up(queues: Queues) -> Result<()> {
    let deployment = Deployment::start_with_queues(queues).await?;
    deployment.put_endpoint("acme").await?;
    let slow = json!({"replies": [{"status": 204, "delay_ms": 12_000}]});
    deployment.set_receiver(slow).await?;
    test_event(&deployment).await?;
    deployment.wait_for_events(&["endpoint.test"]).await?;
    let started = std::time::Instant::now();
    for _ in 0..4 {
        test_event(&deployment).await?;
    }
    while deployment.received().await?.len() < 5 {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "they wait for the first"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

#[tokio::test]
async fn late_reply_of_an_earlier_address_says_nothing_of_the_present_one() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_endpoint("acme").await?;
    let gone = json!({"replies": [{"status": 410, "delay_ms": 2_000}]});
    deployment.set_receiver(gone).await?;
    test_event(&deployment).await?;
    deployment.wait_for_events(&["endpoint.test"]).await?;
    let moved = json!({"url": "https://partner.example/receiver/moved"});
    deployment.admin_put("sites/acme/endpoint", &moved).await?;
    deployment
        .event_in_state("endpoint.test", "delivered")
        .await?;
    let paths: Vec<_> = deployment.received().await?;
    let paths: Vec<_> = paths.iter().map(|event| &event["path"]).collect();
    assert_eq!(paths, ["/receiver/events", "/receiver/moved"]);
    let endpoint = endpoint(&deployment).await?;
    assert_eq!(
        (&endpoint["disabled"], &endpoint["failures"]),
        (&Value::Null, &json!(0))
    );
    Ok(())
}

#[tokio::test]
async fn endpoint_deleted_during_a_delivery_leaves_a_dead_letter_to_be_replayed() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_endpoint("acme").await?;
    let slow = json!({"replies": [{"status": 500, "delay_ms": 1_500}]});
    deployment.set_receiver(slow).await?;
    test_event(&deployment).await?;
    deployment.wait_for_events(&["endpoint.test"]).await?;
    deployment.admin_delete("sites/acme/endpoint").await?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    deployment.event_in_state("endpoint.test", "dead").await?;
    let replay = json!({"dead": true});
    let refused = deployment
        .admin_post("sites/acme/events/replay", &replay)
        .await?;
    assert_eq!(refused.status().as_u16(), 404);
    deployment.event_in_state("endpoint.test", "dead").await?;
    for (body, detail) in [
        (json!({}), "sequences"),
        (json!([]), "object"),
        (json!({"sequences": [1], "dead": true}), "not both"),
        (json!({"sequences": vec![1; 101]}), "100"),
    ] {
        let refused = deployment
            .admin_post("sites/acme/events/replay", &body)
            .await?;
        let problem: Value = refused.json().await?;
        let found = problem["detail"].as_str().unwrap_or_default();
        assert!(found.contains(detail), "{body}: {problem}");
    }
    // The secret of the new endpoint is another one.
    deployment.put_endpoint("acme").await?;
    let again = json!({"sequences": [1, 1, 1]});
    let replayed = deployment
        .admin_post("sites/acme/events/replay", &again)
        .await?;
    assert_eq!(replayed.json::<Value>().await?["replayed"], 1);
    deployment
        .event_in_state("endpoint.test", "delivered")
        .await?;
    Ok(())
}
