//! The events that sites have, read from what is stored on disk.

use anyhow::{Result, ensure};
use embark_tests::Deployment;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// The events of the site `acme`, by id. Several rows with the same id are one: the database and its log have both.
pub fn on_disk(deployment: &Deployment) -> Result<BTreeMap<String, Value>> {
    let mut events = BTreeMap::new();
    for (_, bytes) in databases(deployment.workerd.storage.path(), "Site")? {
        let starts = bytes.windows(START.len()).enumerate();
        for (at, _) in starts.filter(|(_, window)| *window == START) {
            let rest = bytes.get(at..).unwrap_or_default();
            let mut documents = serde_json::Deserializer::from_slice(rest).into_iter::<Value>();
            let Some(Ok(event)) = documents.next() else {
                continue;
            };
            if let (Some(id), "acme") = (event["id"].as_str(), event["site"].as_str().unwrap_or(""))
            {
                events.insert(id.to_owned(), event.clone());
            }
        }
    }
    Ok(events)
}

/// Waits until the site has so many events whose name begins like this, and a moment longer; returns them.
pub async fn wait_for(deployment: &Deployment, prefix: &str, count: usize) -> Result<Vec<Value>> {
    let named = |events: BTreeMap<String, Value>| {
        let is_named = |event: &Value| {
            let name = event["name"].as_str().unwrap_or_default();
            name.starts_with(prefix)
        };
        let events = events.into_values();
        events.filter(is_named).collect::<Vec<_>>()
    };
    let started = Instant::now();
    while named(on_disk(deployment)?).len() < count && started.elapsed() < Duration::from_secs(40) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // One too many would come now.
    tokio::time::sleep(Duration::from_millis(400)).await;
    let events = named(on_disk(deployment)?);
    ensure!(
        events.len() == count,
        "{} of {count} events {prefix}",
        events.len()
    );
    Ok(events)
}

/// Name and bytes of every database of the objects of a class, and of its log.
pub fn databases(folder: &Path, class: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let mut folders = vec![folder.to_owned()];
    let mut files = vec![];
    while let Some(folder) = folders.pop() {
        let is_class = folder.to_string_lossy().ends_with(class);
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                folders.push(path);
            } else if is_class && name.contains(".sqlite") {
                files.push((name.into_owned(), std::fs::read(&path)?));
            }
        }
    }
    Ok(files)
}

const START: &[u8] = b"{\"id\":\"";
