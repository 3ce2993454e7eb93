//! KV as it is: a write is seen elsewhere after a while, and what was read there, even that there was
//! nothing, is read again from a cache for a minute.

use crate::dice::Dice;
use embark_edge::run::Ms;

pub struct Kv<T> {
    written: Vec<(Ms, Option<T>)>,
    /// Until when this is what a read sees.
    cached: Option<(Ms, Option<T>)>,
    /// How long a write takes to arrive.
    lag: Ms,
}

impl<T: Clone> Kv<T> {
    pub fn new(dice: &Dice) -> Self {
        let (written, cached) = (vec![], None);
        let lag = dice.pick(&[0, 0, 1_000, 20_000, 60_000]);
        Self {
            written,
            cached,
            lag,
        }
    }

    pub fn put(&mut self, value: T, now: Ms) {
        self.written.push((now, Some(value)));
    }

    pub fn read(&mut self, now: Ms) -> Option<T> {
        if let Some((until, value)) = &self.cached
            && now < *until
        {
            return value.clone();
        }
        let arrived = self
            .written
            .iter()
            .rev()
            .find(|(at, _)| at + self.lag <= now);
        let value = arrived.and_then(|(_, value)| value.clone());
        self.cached = Some((now + CACHED_MS, value.clone()));
        value
    }
}

const CACHED_MS: Ms = 60_000;
/// After this long every read sees a write.
pub const SETTLED_MS: Ms = 120_000;
