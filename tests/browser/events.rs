//! What the host page was told.

use crate::scene::Scene;
use anyhow::{Context, Result};
use serde_json::Value;

/// The events that a page got, in order.
#[derive(Debug)]
pub struct Events(Vec<Value>);

impl Scene {
    /// All events so far. Checks that the element and the queue told the same, and nothing secret.
    pub async fn events(&self) -> Result<Events> {
        let told = self
            .on_page("return [window.__events, window.__queue]")
            .await?;
        let [events, queue] = serde_json::from_value(told)?;
        assert_eq!(events, queue, "the element's events and the queue's");
        let text = serde_json::to_string(&events)?;
        for secret in self.secrets().await? {
            assert!(!text.contains(&secret), "{secret} is in {text}");
        }
        Ok(Events(events))
    }

    /// Every code and token in the sandbox's world, and the page's grant.
    async fn secrets(&self) -> Result<Vec<String>> {
        let world: Value = self
            .stage
            .control("GET", "world")
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
        let launch = self.inside(launch).await.unwrap_or_default();
        if let Some(launch) = launch.as_str() {
            let launch: Value = serde_json::from_str(launch)?;
            secrets.extend(launch["grant"].as_str().map(str::to_owned));
        }
        Ok(secrets)
    }
}

impl Events {
    pub fn names(&self) -> Vec<&str> {
        self.0
            .iter()
            .filter_map(|event| event["name"].as_str())
            .collect()
    }

    /// How often an event came.
    pub fn count(&self, name: &str) -> usize {
        self.names().iter().filter(|told| **told == name).count()
    }

    /// The details of all events of this name.
    pub fn all<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Value> {
        let named = self.0.iter().filter(move |event| event["name"] == name);
        named.map(|event| &event["detail"])
    }

    /// The detail of the one event of this name.
    #[track_caller]
    pub fn one(&self, name: &str) -> &Value {
        assert_eq!(self.count(name), 1, "{name} in {self:#?}");
        let event = self.0.iter().find(|event| event["name"] == name);
        event.map_or(&Value::Null, |event| &event["detail"])
    }
}
