//! Workers KV, which is eventually consistent: a write becomes visible after a delay, and the result of a read is cached
//! for a minute, the absence of a value included (<https://developers.cloudflare.com/kv/concepts/how-kv-works/>).

use core::time::Duration;
use embark_onboarding::time::UnixMillis;
use std::collections::BTreeMap;

/// The namespace.
pub struct Kv {
    entries: BTreeMap<String, KvEntry>,
    /// How long a write takes to become visible.
    propagation: Duration,
}

#[derive(Default)]
struct KvEntry {
    /// In the order in which KV took them, which need not be that in which they were sent.
    writes: Vec<(UnixMillis, String)>,
    /// The result of the last read, and until when it is returned again.
    cached: Option<(UnixMillis, Option<String>)>,
}

impl Kv {
    pub fn new(propagation: Duration) -> Self {
        Self {
            entries: BTreeMap::new(),
            propagation,
        }
    }

    /// KV takes a write.
    pub fn write(&mut self, key: &str, value: String, now: UnixMillis) {
        let entry = self.entries.entry(key.to_owned()).or_default();
        entry.writes.push((now, value));
    }

    /// What a read returns now. `None`: no value is visible.
    pub fn read(&mut self, key: &str, now: UnixMillis) -> Option<String> {
        let propagation = self.propagation;
        let entry = self.entries.entry(key.to_owned()).or_default();
        if let Some((until, value)) = &entry.cached
            && now < *until
        {
            return value.clone();
        }
        let visible = |(at, _): &&(UnixMillis, String)| *at + propagation <= now;
        let value = entry.writes.iter().rev().find(visible);
        let value = value.map(|(_, value)| value.clone());
        entry.cached = Some((now + CACHE_TIME, value.clone()));
        value
    }

    /// The value that every read returns in the end. `None`: there is none.
    pub fn last_write(&self, key: &str) -> Option<&str> {
        let (_, value) = self.entries.get(key)?.writes.last()?;
        Some(value)
    }
}

const CACHE_TIME: Duration = Duration::from_secs(60);
