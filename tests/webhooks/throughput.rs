//! How many events a second are delivered to a receiver that takes 100 ms, alone and beside a site whose receiver hangs.
//! Consumers run beside each other as Cloudflare's do, each with six connections.

use crate::events;
use crate::meta::{change, connect, connect_webhook, send};
use anyhow::{Context, Result, ensure};
use embark_tests::Deployment;
use embark_tests::backend::ENDPOINT;
use embark_tests::workerd::Queues;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_receiver_gets_many_events_at_a_time_also_beside_one_that_hangs() -> Result<()> {
    let deployment = Deployment::start_with_queues(Queues::Concurrent).await?;
    connect_webhook(&deployment).await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    // What came before the endpoint has no delivery, and gets no 410.
    for kind in ["signup.connected", "account.added"] {
        deployment.wait_for_listed_event("acme", kind).await?;
    }
    // They wait as dead letters, so that nothing but their delivery is measured.
    deployment.put_endpoint("acme").await?;
    deployment
        .set_receiver(json!({"replies": [{"status": 410}]}))
        .await?;
    deployment
        .admin_post("sites/acme/endpoint/test", &json!({}))
        .await?;
    deployment.event_in_state("endpoint.test", "dead").await?;
    let count = events_to_deliver();
    let changes: Vec<Value> = (0..count)
        .map(|number| change(&waba, "account_alerts", json!({"n": number})))
        .collect();
    for part in changes.chunks(250) {
        send(&deployment, json!({"changes": part, "batch": 250})).await?;
        // A connection that was idle while they were sent may be closing.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    events::wait_for(&deployment, "account.alert", count).await?;

    let alone = measure(&deployment, count, "alone").await?;
    // Another site has events too, and its receiver answers nothing.
    let hung = "https://partner.example/receiver/hangs";
    deployment.put_site("hung", &json!({}), &[]).await?;
    deployment
        .admin_put("sites/hung/endpoint", &json!({"url": hung}))
        .await?;
    let hangs =
        json!({"status": 204, "delay_ms": 60_000, "times": 100_000, "path": "/receiver/hangs"});
    let replies = json!({"replies": [hangs, slow()]});
    deployment.set_receiver(replies).await?;
    for _ in 0..30 {
        deployment
            .admin_post("sites/hung/endpoint/test", &json!({}))
            .await?;
    }
    let sequences: Vec<u64> = (1..=count as u64).collect();
    let beside = measure_again(&deployment, &sequences, count).await?;
    for (name, measured) in [("alone", &alone), ("beside one that hangs", &beside)] {
        ensure!(
            measured.at_once >= 20,
            "{name}: {} at once",
            measured.at_once
        );
        ensure!(
            measured.longest_pause_ms < 10_000,
            "{name}: held up for {} ms",
            measured.longest_pause_ms
        );
    }
    Ok(())
}

struct Measured {
    /// How many deliveries were on their way at a time.
    at_once: u64,
    longest_pause_ms: u64,
}

/// Delivers what was given up.
async fn measure(deployment: &Deployment, count: usize, name: &str) -> Result<Measured> {
    deployment
        .set_receiver(json!({"replies": [slow()]}))
        .await?;
    deployment
        .sandbox_control("DELETE", "receiver")
        .send()
        .await?;
    deployment
        .admin_put("sites/acme/endpoint", &json!({"url": ENDPOINT}))
        .await?;
    deployment
        .admin_post("sites/acme/events/replay", &json!({"dead": true}))
        .await?
        .error_for_status()?;
    wait_and_count(deployment, count, name).await
}

/// Delivers these again.
async fn measure_again(
    deployment: &Deployment,
    sequences: &[u64],
    count: usize,
) -> Result<Measured> {
    deployment
        .sandbox_control("DELETE", "receiver")
        .send()
        .await?;
    for part in sequences.chunks(100) {
        let replay = json!({"sequences": part});
        deployment
            .admin_post("sites/acme/events/replay", &replay)
            .await?
            .error_for_status()?;
    }
    wait_and_count(deployment, count, "beside one that hangs").await
}

async fn wait_and_count(deployment: &Deployment, count: usize, name: &str) -> Result<Measured> {
    let started = Instant::now();
    while deployment.delivery_counts("acme").await?.0 > 0 {
        ensure!(
            started.elapsed() < Duration::from_secs(240),
            "{name}: not over"
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let mut received = deployment.received().await?;
    received.retain(|delivery| delivery["path"] == "/receiver/events");
    ensure!(received.len() >= count, "{} of {count}", received.len());
    let number = |delivery: &Value, field: &str| delivery[field].as_u64().context("no number");
    let times: Vec<u64> = received
        .iter()
        .map(|delivery| number(delivery, "at_ms"))
        .collect::<Result<_>>()?;
    let first = times.first().context("none")?;
    let span_ms = times.last().context("none")?.saturating_sub(*first).max(1);
    let pauses = times.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    let at_once: Vec<u64> = received
        .iter()
        .map(|delivery| number(delivery, "at_once"))
        .collect::<Result<_>>()?;
    let measured = Measured {
        at_once: at_once.into_iter().max().unwrap_or_default(),
        longest_pause_ms: pauses.max().unwrap_or_default(),
    };
    let rate = received.len() as u64 * 1_000 / span_ms;
    println!(
        "{name}: {} events, {rate}/s, {} at once",
        received.len(),
        measured.at_once
    );
    Ok(measured)
}

fn slow() -> Value {
    json!({"status": 204, "delay_ms": 100, "times": 100_000})
}

fn events_to_deliver() -> usize {
    let given = std::env::var("EMBARK_DELIVERIES").ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(1_000)
}
