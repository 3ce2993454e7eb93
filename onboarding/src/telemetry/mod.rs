//! What a deployment says of itself while it runs: lines of its log, data points of its metrics, and the durations of a
//! response. All of them are made of one [`LogEvent`], as plain values; nothing of a request is in them but what these types
//! have a field for, and a [`Secret`](crate::crypto::Secret) fits into none.

mod data_point;
mod event;
mod line;
mod server_timing;

pub use data_point::DataPoint;
pub use event::{
    CallApi, CallEvent, CallOutcome, CronEvent, FailureEvent, LogEvent, LogLevel, QueueEvent,
    RequestEvent, SignupEndedEvent,
};
pub use line::{LogLine, LogSetting, Subject, json_error};
pub use server_timing::{Span, Spans};
