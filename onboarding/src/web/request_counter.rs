//! Counts requests by a key within a fixed window: what limits requests where the platform's rate limiter is missing or
//! does not answer. Held in memory by each instance of the Worker.

use crate::time::UnixMillis;
use core::time::Duration;
use std::collections::BTreeMap;

/// The counts of the current window.
#[derive(Debug)]
pub struct RequestCounter {
    limit: u32,
    window: Duration,
    began_at: UnixMillis,
    counts: BTreeMap<String, u32>,
}

impl RequestCounter {
    /// A counter that takes `limit` requests of each key in each window.
    pub fn new(limit: u32, window: Duration) -> Self {
        Self {
            limit,
            window,
            began_at: UnixMillis(0),
            counts: BTreeMap::new(),
        }
    }

    /// Whether the key has used its limit up. Counts nothing. A key that was not counted by itself has not, whatever the
    /// others have done.
    pub fn is_exhausted(&mut self, key: &str, now: UnixMillis) -> bool {
        self.begin_window(now);
        self.counts.get(key).copied().unwrap_or(0) >= self.limit
    }

    /// Counts a request. Returns whether it is within the limit.
    pub fn count(&mut self, key: &str, now: UnixMillis) -> bool {
        self.begin_window(now);
        let slot = self.slot(key).to_owned();
        let count = self.counts.entry(slot).or_insert(0);
        *count = count.saturating_add(1);
        *count <= self.limit
    }

    /// The key that requests of `key` are counted under: itself, or the empty one, which all keys share that are new once
    /// [`MAX_KEYS`] are counted.
    fn slot<'k>(&self, key: &'k str) -> &'k str {
        if self.counts.len() < MAX_KEYS || self.counts.contains_key(key) {
            key
        } else {
            ""
        }
    }

    fn begin_window(&mut self, now: UnixMillis) {
        if now.since(self.began_at) >= self.window || now < self.began_at {
            self.began_at = now;
            self.counts.clear();
        }
    }
}

/// A bound on memory.
const MAX_KEYS: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn key_is_limited_until_the_window_ends() {
        let mut counter = RequestCounter::new(2, MINUTE);
        let at = |seconds: u64| UnixMillis(1_000_000 + seconds * 1_000);
        for (key, seconds, within) in [
            ("a", 0, true),
            ("a", 1, true),
            ("a", 2, false),
            ("b", 3, true),
            ("a", 59, false),
            ("a", 60, true),
        ] {
            assert_eq!(counter.count(key, at(seconds)), within, "{key} {seconds}");
        }
        assert!(!counter.is_exhausted("a", at(61)));
        counter.count("a", at(61));
        assert!(counter.is_exhausted("a", at(61)));
        assert!(!counter.is_exhausted("a", at(0)), "the clock was put back");
    }

    #[test]
    fn keys_beyond_the_most_that_are_kept_share_one_count() {
        let mut counter = RequestCounter::new(1, MINUTE);
        let now = UnixMillis(1_000_000);
        for number in 0..MAX_KEYS {
            assert!(counter.count(&number.to_string(), now));
        }
        assert!(counter.count("one more", now));
        assert!(!counter.count("and another", now));
        assert!(!counter.is_exhausted("of somebody else", now));
        assert!(counter.is_exhausted("0", now));
        assert_eq!(counter.counts.len(), MAX_KEYS + 1);
    }
}
