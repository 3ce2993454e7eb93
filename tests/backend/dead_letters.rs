//! Events that are given up, and messages that the queue gives up: none is lost, and each can be replayed.

use anyhow::{Context, Result, ensure};
use embark_tests::Deployment;
use embark_tests::backend::Backend;
use embark_tests::workerd::Queues;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

#[tokio::test]
async fn event_that_is_not_taken_for_three_days_is_a_dead_letter_and_can_be_replayed() -> Result<()>
{
    given_up_and_replayed(Queues::One).await
}

#[tokio::test]
async fn event_that_is_not_taken_for_three_days_is_a_dead_letter_without_a_queue() -> Result<()> {
    given_up_and_replayed(Queues::Absent).await
}

async fn given_up_and_replayed(queues: Queues) -> Result<()> {
    let deployment = Deployment::start_local_with_queues(queues).await?;
    deployment.put_endpoint("acme").await?;
    let refuse = json!([{"status": 500, "times": 10_000}]);
    deployment
        .set_receiver(json!({"any_time": true, "replies": refuse}))
        .await?;
    for _ in 0..EVENTS {
        let path = "sites/acme/endpoint/test";
        deployment.admin_post(path, &json!({})).await?;
    }
    let backend = deployment.backend("acme", &["read", "write"]).await?;
    let mut site = SiteInTime {
        deployment: &deployment,
        backend: &backend,
        ahead: Duration::ZERO,
    };
    while site.dead().await?.len() < EVENTS {
        // An endpoint that cannot be reached gets one event at a time, once an hour.
        ensure!(site.ahead < Duration::from_hours(5 * 24), "not given up");
        site.advance(Duration::from_hours(5)).await?;
    }
    ensure!(site.ahead >= Duration::from_hours(72), "{:?}", site.ahead);
    for event in site.dead().await? {
        let delivery = &event["delivery"];
        assert_eq!(delivery["error"], "status 500", "{event}");
        assert!(delivery["attempts"].as_u64() >= Some(3), "{event}");
        assert!(delivery["next_attempt_at"].is_null(), "{event}");
    }
    let sent = deployment.received().await?.len();
    site.advance(Duration::from_hours(1)).await?;
    assert_eq!(deployment.received().await?.len(), sent, "it is given up");

    // The receiver is well again: one by one, then all.
    deployment.set_receiver(json!({"replies": []})).await?;
    let before: BTreeSet<String> = ids(&deployment).await?;
    let first = site.dead().await?[0].clone();
    let one = json!({"sequences": [first["data"]["sequence"]]});
    assert_eq!(site.replay(&one).await?, 1);
    site.until_dead_are(EVENTS - 1).await?;
    let taken = deployment.received().await?;
    let taken = taken.last().context("none")?;
    assert_eq!(
        (&taken["id"], &taken["status"]),
        (&first["id"], &json!(204))
    );
    assert_eq!(site.replay(&json!({"dead": true})).await?, 2);
    site.until_dead_are(0).await?;
    assert_eq!(deployment.received().await?.len(), sent + EVENTS);
    assert_eq!(ids(&deployment).await?, before, "under the same ids");
    Ok(())
}

/// The queue's own dead letters: a message that the consumer cannot process so often that the queue gives it up is named in
/// the list, and the event comes all the same.
#[tokio::test]
async fn message_that_the_queue_gives_up_is_listed_and_its_event_is_delivered_once() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    deployment.put_endpoint("acme").await?;
    deployment.set_receiver(json!({"any_time": true})).await?;
    // The first time and `max_retries`.
    deployment.inject("consumer", &json!({"fail": 6})).await?;
    let path = "sites/acme/endpoint/test";
    deployment.admin_post(path, &json!({})).await?;
    let started = Instant::now();
    let listed = loop {
        let event = deployment
            .event_in_state("endpoint.test", "pending")
            .await?;
        if event["delivery"]["error"].is_string() {
            break event;
        }
        ensure!(started.elapsed() < Duration::from_secs(60), "{event}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    let error = "the queue has given up the message; it is sent again";
    assert_eq!(listed["delivery"]["error"], error);
    assert_eq!(listed["delivery"]["attempts"], 0, "{listed}");
    assert!(deployment.received().await?.is_empty());
    // Five pauses of five seconds.
    assert!(started.elapsed() >= Duration::from_secs(24));

    let backend = deployment.backend("acme", &["read", "write"]).await?;
    let mut site = SiteInTime {
        deployment: &deployment,
        backend: &backend,
        ahead: Duration::ZERO,
    };
    site.advance(Duration::from_mins(1)).await?;
    let delivered = deployment
        .event_in_state("endpoint.test", "delivered")
        .await?;
    assert!(delivered["delivery"]["error"].is_null(), "{delivered}");
    assert_eq!(deployment.received().await?.len(), 1);
    Ok(())
}

async fn ids(deployment: &Deployment) -> Result<BTreeSet<String>> {
    let received = deployment.received().await?;
    let ids = received
        .iter()
        .filter_map(|event| event["id"].as_str())
        .map(str::to_owned);
    Ok(ids.collect())
}

/// The site `acme`, whose clock is moved.
struct SiteInTime<'a> {
    deployment: &'a Deployment,
    backend: &'a Backend<'a>,
    ahead: Duration,
}

impl SiteInTime<'_> {
    /// Moves the clock, has the site look for what is due, and waits until that is over.
    async fn advance(&mut self, by: Duration) -> Result<()> {
        self.ahead += by;
        self.deployment.advance_clock(self.ahead).await?;
        // There is no such event: this replays none.
        self.replay(&json!({"sequences": [1_000_000]})).await?;
        let mut last = usize::MAX;
        loop {
            tokio::time::sleep(Duration::from_millis(400)).await;
            let received = self.deployment.received().await?.len();
            if received == last {
                return Ok(());
            }
            last = received;
        }
    }

    /// How many events are replayed.
    async fn replay(&self, which: &Value) -> Result<u64> {
        let path = "/events/replay";
        let response = self.backend.send(Method::POST, path, Some(which)).await?;
        let replayed: Value = response.error_for_status()?.json().await?;
        replayed["replayed"].as_u64().context("no count")
    }

    /// The dead letters, as the back end lists them.
    async fn dead(&self) -> Result<Vec<Value>> {
        let page = self.backend.get("/events?delivery=dead").await?;
        let events = page["events"].as_array().context("no list")?;
        Ok(events.clone())
    }

    /// Waits until so many dead letters are left, and nothing is pending.
    async fn until_dead_are(&mut self, count: usize) -> Result<()> {
        for _ in 0..10 {
            self.advance(Duration::from_hours(1)).await?;
            let (pending, dead) = self.deployment.delivery_counts("acme").await?;
            if pending == 0 && dead == count as u64 {
                return Ok(());
            }
        }
        anyhow::bail!("{:#?}", self.dead().await?)
    }
}

const EVENTS: usize = 3;
