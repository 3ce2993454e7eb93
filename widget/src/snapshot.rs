//! The Worker's snapshot of a signup, as the widget reads it. A newer Worker may send steps, problem codes and kinds
//! of input that this build does not know, so these stay text.

use crate::meta_message::Cancellation;
use embark_protocol::{enums::Open, report, requests::EndReason, snapshot};

pub type Snapshot = snapshot::Snapshot<Open>;
pub type StepProgress = snapshot::StepProgress<Open>;
pub type InputPrompt = snapshot::InputPrompt<Open>;
pub type ReadinessReport = report::ReadinessReport<Open>;
pub type Check = report::Check<Open>;

/// The kind of input that the signup asks for. Empty if it asks for nothing.
pub fn input_kind(snapshot: &Snapshot) -> &str {
    let input = snapshot.input.as_ref();
    input.map_or("", |input| &input.kind)
}

/// Why the person left Meta's popup: the reason of the `cancelled` event, and Meta's details.
pub fn cancellation(snapshot: &Snapshot) -> (String, Cancellation) {
    match snapshot.ended.clone() {
        Some(ended) => (
            ended.reason,
            Cancellation {
                current_step: ended.current_step,
                error_code: ended.error_code,
                error_message: ended.error_message,
                session_id: ended.session_id,
            },
        ),
        None => (
            EndReason::Cancelled.as_str().to_owned(),
            Cancellation::default(),
        ),
    }
}
