//! Which request of a step is under way, for steps that make several under one effect id. Any two that differ get
//! different numbers; the numbers are never stored.

use super::connect::{RegisterPhase, RegisterState, SubscribeState, Verification};

impl SubscribeState {
    /// The request that this state waits for.
    pub(in crate::signup) const fn request(&self) -> u8 {
        match self {
            Self::Posting { .. } => 1,
            Self::Reading { .. } => 2,
            Self::Todo | Self::Retry { .. } | Self::Done | Self::Skipped => 0,
        }
    }
}

impl RegisterState {
    /// The request of the verification, or the read of the number, that this state waits for.
    pub(in crate::signup) const fn request(&self) -> u8 {
        if self.rereads_first {
            5
        } else {
            self.phase.request()
        }
    }
}

impl RegisterPhase {
    const fn request(&self) -> u8 {
        match self {
            Self::Rereading { .. } => 1,
            Self::Verifying(Verification::RequestingCode { .. }) => 2,
            Self::Verifying(Verification::SubmittingCode { .. }) => 3,
            Self::Verifying(Verification::ReadingNumber { .. }) => 4,
            _ => 0,
        }
    }
}
