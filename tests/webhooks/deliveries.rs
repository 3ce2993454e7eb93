//! What Meta sent reaches the endpoint, whatever fails in between: the receiver, and the Worker's process.

use crate::meta::{change, connect, connect_webhook, send};
use anyhow::{Context, Result, ensure};
use embark_tests::Deployment;
use embark_tests::workerd::Queues;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_arrive_under_one_id_each_despite_faults_and_kills() -> Result<()> {
    survives(Queues::One).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_arrive_under_one_id_each_without_a_queue() -> Result<()> {
    survives(Queues::Absent).await
}

/// Meta's changes come shuffled and twice; the receiver fails, is busy, hangs and resets; the process is killed several times.
async fn survives(queues: Queues) -> Result<()> {
    let deployment = Deployment::start_local_with_queues(queues).await?;
    connect_webhook(&deployment).await?;
    let rules = json!({"webhook_retry_ms": 50, "webhook_retries": 12});
    deployment.set_rules(rules).await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    deployment.put_endpoint("acme").await?;
    let count = changes();
    let all: Vec<Value> = (0..count)
        .map(|number| change(&waba, "account_alerts", json!({"n": number})))
        .collect();
    let mut clock = Clock {
        ahead: Duration::ZERO,
    };
    for part in all.chunks(count.div_ceil(ROUNDS)) {
        deployment.set_receiver(faults(part.len())).await?;
        let batch = part.len().min(1_000);
        let webhooks = json!({"changes": part, "batch": batch, "shuffle": true, "copies": 2});
        let kill = async {
            tokio::time::sleep(Duration::from_millis(700)).await;
            deployment.workerd.kill().await?;
            deployment.workerd.restart().await
        };
        let (sent, killed) = tokio::join!(send(&deployment, webhooks), kill);
        killed?;
        let sent = sent?;
        ensure!(sent.iter().all(|one| one["status"] == 200), "{sent:?}");
        clock.advance(&deployment, Duration::from_secs(50)).await?;
    }
    // The receiver is well again: what is left comes by the schedule.
    deployment.set_receiver(json!({"replies": []})).await?;
    let started = Instant::now();
    loop {
        let (pending, dead) = deployment.delivery_counts("acme").await?;
        ensure!(dead == 0, "{dead} were given up");
        if pending == 0 && arrived(&deployment).await?.len() >= count {
            break;
        }
        ensure!(
            started.elapsed() < Duration::from_secs(300),
            "{pending} pending"
        );
        clock.advance(&deployment, Duration::from_mins(6)).await?;
    }
    let arrived = arrived(&deployment).await?;
    let numbers: BTreeSet<u64> = arrived.keys().copied().collect();
    ensure!(
        numbers == (0..count as u64).collect(),
        "{} numbers",
        numbers.len()
    );
    let one_id_each = arrived.values().all(|ids| ids.len() == 1);
    ensure!(one_id_each, "a change under several ids");
    let ids: BTreeSet<&String> = arrived.values().flatten().collect();
    ensure!(ids.len() == count, "changes under one id");
    let received = deployment.received().await?;
    ensure!(received.iter().all(|delivery| delivery["verified"] == true));
    let times = received
        .iter()
        .filter(|delivery| delivery["body"]["type"] == "account.alert");
    println!(
        "{count} changes, {ROUNDS} kills, {queues:?}: {} deliveries",
        times.count()
    );
    Ok(())
}

/// The ids that each change was taken under, by the number in it.
async fn arrived(deployment: &Deployment) -> Result<BTreeMap<u64, BTreeSet<String>>> {
    let mut arrived: BTreeMap<u64, BTreeSet<String>> = BTreeMap::new();
    for delivery in deployment.received().await? {
        let was_taken = delivery["status"]
            .as_u64()
            .is_some_and(|status| status < 300);
        if was_taken && delivery["body"]["type"] == "account.alert" {
            let number = &delivery["body"]["data"]["meta"]["value"]["n"];
            let id = delivery["id"].as_str().context("no id")?.to_owned();
            let ids = arrived.entry(number.as_u64().context("no number")?);
            ids.or_default().insert(id);
        }
    }
    Ok(arrived)
}

/// What the receiver does with so many deliveries.
fn faults(count: usize) -> Value {
    let taken = count / 12 + 1;
    json!({"any_time": true, "replies": [
        {"status": 204, "times": taken},
        {"status": 500, "times": 4},
        {"status": 204, "times": taken},
        {"status": 200, "reset": true, "times": 3},
        {"status": 204, "times": taken},
        {"status": 503, "headers": {"retry-after": "2"}, "times": 3},
        {"status": 204, "times": taken},
        {"status": 200, "delay_ms": 16_000, "times": 2},
        {"status": 204, "times": taken},
        // The endpoint counts as unreachable.
        {"status": 502, "times": 8},
    ]})
}

/// The Worker's clock, which a kill sets back.
struct Clock {
    ahead: Duration,
}

impl Clock {
    /// Moves it, has the site look for what is due, and waits while that makes progress.
    async fn advance(&mut self, deployment: &Deployment, by: Duration) -> Result<()> {
        self.ahead += by;
        deployment.advance_clock(self.ahead).await?;
        let path = "sites/acme/endpoint/test";
        let test = deployment.admin_post(path, &json!({})).await?;
        test.error_for_status()?;
        let (mut pending, _) = deployment.delivery_counts("acme").await?;
        loop {
            tokio::time::sleep(Duration::from_millis(400)).await;
            let (left, _) = deployment.delivery_counts("acme").await?;
            if left >= pending || left == 0 {
                return Ok(());
            }
            pending = left;
        }
    }
}

/// How many changes Meta sends.
fn changes() -> usize {
    let given = std::env::var("EMBARK_WEBHOOK_CHANGES").ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(400)
}

const ROUNDS: usize = 4;
