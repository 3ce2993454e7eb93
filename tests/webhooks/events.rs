//! The events that a site has, and what is stored on disk.

use anyhow::{Context, Result, ensure};
use embark_tests::Deployment;
use serde_json::Value;
use std::path::Path;
use std::time::{Duration, Instant};

/// Every event of a site, the oldest first.
async fn all(deployment: &Deployment, site: &str) -> Result<Vec<Value>> {
    let (mut all, mut after) = (vec![], 0);
    loop {
        let path = format!("sites/{site}/events?limit=500&after={after}");
        let response = deployment.admin_get(&path).await?.error_for_status()?;
        let page: Value = response.json().await?;
        let events = page["events"].as_array().context("no list")?;
        if events.is_empty() {
            return Ok(all);
        }
        all.extend_from_slice(events);
        after = page["next"].as_u64().context("no cursor")?;
    }
}

/// Waits until the site `acme` has so many events whose type begins like this, and a moment longer; returns them.
pub async fn wait_for(deployment: &Deployment, prefix: &str, count: usize) -> Result<Vec<Value>> {
    wait_for_site(deployment, "acme", prefix, count).await
}

/// The same for any site.
pub async fn wait_for_site(
    deployment: &Deployment,
    site: &str,
    prefix: &str,
    count: usize,
) -> Result<Vec<Value>> {
    let of_type = async || -> Result<Vec<Value>> {
        let mut events = all(deployment, site).await?;
        events.retain(|event| {
            let event_type = event["type"].as_str().unwrap_or_default();
            event_type.starts_with(prefix)
        });
        Ok(events)
    };
    let started = Instant::now();
    while of_type().await?.len() < count && started.elapsed() < WITHIN {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // One too many would come now.
    tokio::time::sleep(Duration::from_millis(400)).await;
    let events = of_type().await?;
    ensure!(
        events.len() == count,
        "{} of {count} events {prefix}",
        events.len()
    );
    Ok(events)
}

/// Longer than events are sent again after, which is a minute, twice.
const WITHIN: Duration = Duration::from_secs(200);

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
