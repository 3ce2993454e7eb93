//! A key of Workers KV, which is eventually consistent: a write becomes visible after a delay, and the result of a
//! read is cached for a minute, the absence of a value included
//! (<https://developers.cloudflare.com/kv/concepts/how-kv-works/>).

use crate::random::Random;
use core::time::Duration;
use embark_onboarding::time::UnixMillis;

/// One key.
pub struct KvKey<T> {
    /// Oldest first.
    writes: Vec<(UnixMillis, T)>,
    /// The result of the last read, and until when it is returned again.
    cached: Option<(UnixMillis, Option<T>)>,
    /// How long a write takes to become visible.
    propagation: Duration,
}

/// A read failed; whether there is a value is not known.
#[derive(Debug)]
pub struct KvFailed;

impl<T: Clone> KvKey<T> {
    pub fn new(random: &Random) -> Self {
        Self {
            writes: vec![],
            cached: None,
            propagation: Duration::from_secs(random.pick(&[0, 0, 1, 20, 60])),
        }
    }

    pub fn put(&mut self, value: T, now: UnixMillis) {
        self.writes.push((now, value));
    }

    /// The value that is visible now. `None`: none is.
    pub fn read(&mut self, now: UnixMillis) -> Option<T> {
        if let Some((until, value)) = &self.cached
            && now < *until
        {
            return value.clone();
        }
        let visible = |(at, _): &&(UnixMillis, T)| *at + self.propagation <= now;
        let value = self.writes.iter().rev().find(visible);
        let value = value.map(|(_, value)| value.clone());
        self.cached = Some((now + CACHE_TIME, value.clone()));
        value
    }
}

const CACHE_TIME: Duration = Duration::from_secs(60);
/// After this time every read returns a write: the longest propagation and the cache.
pub const WRITE_VISIBLE_AFTER: Duration = Duration::from_secs(120);
