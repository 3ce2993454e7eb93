//! One fault, at one operation of a signup. An operation is a call to Meta or to a provider, a request to
//! another Durable Object, or a save of the signup's record.

/// Where an operation fails. A crash ends the process: the record is opened again as it was last saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultPoint {
    /// The process crashes before the operation.
    CrashBefore,
    /// The operation takes effect; the process crashes before it receives the reply.
    CrashAfter,
    /// The request is lost: the operation takes no effect, and there is no reply.
    RequestLost,
    /// The reply is lost: the operation takes effect, and there is no reply.
    ReplyLost,
}

impl FaultPoint {
    /// Every point.
    pub const ALL: [Self; 4] = [
        Self::CrashBefore,
        Self::CrashAfter,
        Self::RequestLost,
        Self::ReplyLost,
    ];

    /// Whether the operation takes effect.
    pub fn takes_effect(self) -> bool {
        matches!(self, Self::CrashAfter | Self::ReplyLost)
    }
}

/// A fault to come.
#[derive(Debug, Clone, Copy)]
pub struct PlannedFault {
    /// How many operations succeed before.
    pub operation: u32,
    /// Where that operation fails.
    pub point: FaultPoint,
}

/// The operation that failed.
#[derive(Debug, Clone, Copy)]
pub struct FailedOperation {
    /// The name of the call or request, or `save`.
    pub name: &'static str,
    /// Where it failed.
    pub point: FaultPoint,
    /// Whether it was the save that stores the business token for the first time.
    pub stores_token: bool,
}

impl FailedOperation {
    /// Whether Meta has exchanged the authorization code and the token is lost.
    pub fn loses_token(&self) -> bool {
        match self.name {
            "exchange" => self.point.takes_effect(),
            _ => self.stores_token && !self.point.takes_effect(),
        }
    }
}
