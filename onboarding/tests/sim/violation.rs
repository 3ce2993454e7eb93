//! The result of checking what must hold.

use std::fmt;

/// An invariant that does not hold.
#[derive(Debug, Clone)]
pub struct Violation {
    /// The name of its function.
    pub invariant: &'static str,
    /// Where, and what was found instead.
    pub detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant, self.detail)
    }
}

/// The result of checking an invariant.
pub type Check = Result<(), Violation>;

/// `detail` is built for a violation only.
pub fn ensure(holds: bool, invariant: &'static str, detail: impl FnOnce() -> String) -> Check {
    if holds {
        return Ok(());
    }
    Err(Violation {
        invariant,
        detail: detail(),
    })
}
