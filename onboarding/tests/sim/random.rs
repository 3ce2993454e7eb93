//! The random numbers of a history. The same seed gives the same numbers on every machine: the generator is
//! value-stable, and nothing else of the `rand` family is used, whose distributions may change.

use core::ops::RangeInclusive;
use core::time::Duration;
use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::{Rng, SeedableRng};
use std::cell::RefCell;

/// A seeded generator.
pub struct Random(RefCell<Pcg64Mcg>);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(RefCell::new(Pcg64Mcg::seed_from_u64(seed)))
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&self, bound: u64) -> u64 {
        self.0.borrow_mut().next_u64() % bound
    }

    /// A number of the range.
    pub fn within(&self, range: RangeInclusive<u64>) -> u64 {
        range.start() + self.below(range.end() - range.start() + 1)
    }

    /// A duration of whole milliseconds within the range.
    pub fn millis(&self, range: RangeInclusive<u64>) -> Duration {
        Duration::from_millis(self.within(range))
    }

    /// True in `permille` of a thousand cases.
    pub fn chance(&self, permille: u64) -> bool {
        permille > 0 && self.below(1_000) < permille
    }

    /// One of the values, which are not empty. A value listed more often is more likely.
    pub fn pick<T: Copy>(&self, values: &[T]) -> T {
        values[self.below(values.len() as u64) as usize]
    }

    /// The position of one of `length` things.
    pub fn index(&self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// 32 bytes, as the rules ask for.
    pub fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.0.borrow_mut().fill_bytes(&mut bytes);
        bytes
    }
}
