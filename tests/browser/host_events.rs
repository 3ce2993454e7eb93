//! The events that the host page received.

use crate::fixture::BrowserFixture;
use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// In order of arrival; each with `name` and `detail`.
#[derive(Debug)]
pub struct HostEvents(Vec<Value>);

impl BrowserFixture {
    /// All events so far, also those of which the widget's frame has only just told. Asserts that listeners on the element and in the queue got the same ones, and that
    /// none contains a secret.
    pub async fn events(&self) -> Result<HostEvents> {
        self.deliver_messages().await?;
        let both = self
            .until_script("return [window.__events, window.__queue]", |both| {
                both[0].is_array()
            })
            .await?;
        let [events, queue] = serde_json::from_value(both)?;
        assert_eq!(events, queue, "the element's events and the queue's");
        let text = serde_json::to_string(&events)?;
        for secret in self.secrets().await? {
            assert!(!text.contains(&secret), "{secret} is in {text}");
        }
        Ok(HostEvents(events))
    }

    /// Waits until the host page got an event of this name; returns the detail of the last one.
    pub async fn until_event(&self, name: &str) -> Result<Value> {
        self.until(&format!("an event {name}"), async || {
            let events = self.events().await?;
            let last = events.details(name).last();
            last.cloned().with_context(|| format!("only {events:#?}"))
        })
        .await
    }

    /// Waits until the host page got every message that the widget's frame has sent: messages between two windows
    /// arrive in order, so it sends more until one arrives. One that a document sends while it is replaced may be lost.
    pub async fn deliver_messages(&self) -> Result<()> {
        // The widget may have been removed since the driver entered its frame.
        self.enter_host_page().await?;
        if !self.enter_widget().await? || !self.is_framed() {
            return Ok(());
        }
        self.run_on_page(COUNT_DELIVERIES).await?;
        let received = self.run_on_page(DELIVERIES).await?;
        self.until("a message of the frame", async || {
            self.run_in_widget("parent.postMessage({ isDelivery: true }, '*')")
                .await?;
            let count = self.run_on_page(DELIVERIES).await?;
            ensure!(count != received, "it is still {count}");
            Ok(())
        })
        .await
    }

    /// Every code and token that the sandbox issued, and the page's grant.
    async fn secrets(&self) -> Result<Vec<String>> {
        let world: Value = self
            .deployment
            .sandbox_control("GET", "world")
            .send()
            .await?
            .json()
            .await?;
        let mut secrets = Vec::new();
        for (table, field) in [("codes", "code"), ("tokens", "token")] {
            for row in world[table].as_object().context("no such table")?.values() {
                let secret = row[field].as_str().context("no such field")?;
                secrets.push(secret.to_owned());
            }
        }
        let launch = "return document.getElementById('embark-launch')?.textContent";
        self.enter_host_page().await?;
        let launch = match self.enter_widget().await? {
            true => self.run_in_widget(launch).await?,
            false => Value::Null,
        };
        if let Some(launch) = launch.as_str() {
            let launch: Value = serde_json::from_str(launch)?;
            secrets.extend(launch["grant"].as_str().map(str::to_owned));
        }
        Ok(secrets)
    }
}

const DELIVERIES: &str = "return window.__deliveries";
const COUNT_DELIVERIES: &str = "
  if (window.__deliveries === undefined) {
    window.__deliveries = 0;
    addEventListener('message', ({ data }) => (window.__deliveries += data?.isDelivery ? 1 : 0));
  }";

impl HostEvents {
    pub fn names(&self) -> Vec<&str> {
        self.0
            .iter()
            .filter_map(|event| event["name"].as_str())
            .collect()
    }

    /// How many events of this name arrived.
    pub fn count(&self, name: &str) -> usize {
        self.names().iter().filter(|other| **other == name).count()
    }

    /// The details of all events of this name.
    pub fn details<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Value> {
        let named = self.0.iter().filter(move |event| event["name"] == name);
        named.map(|event| &event["detail"])
    }

    /// The detail of the only event of this name; panics if there is not exactly one.
    #[track_caller]
    pub fn only_detail(&self, name: &str) -> &Value {
        assert_eq!(self.count(name), 1, "{name} in {self:#?}");
        let event = self.0.iter().find(|event| event["name"] == name);
        event.map_or(&Value::Null, |event| &event["detail"])
    }
}
