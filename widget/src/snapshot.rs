//! The Worker's snapshot of a signup, as the widget reads it. A newer Worker may send steps, problem codes and kinds
//! of input that this build does not know, so these stay text.

use embark_protocol::requests::EndReason;
use embark_view::model::Snapshot;

/// The kind of input that the signup asks for. Empty if it asks for nothing.
pub fn input_kind(snapshot: &Snapshot) -> &str {
    let input = snapshot.input.as_ref();
    input.map_or("", |input| &input.kind)
}

/// Why the person left Meta's popup: the reason of the `cancelled` event.
pub fn end_reason(snapshot: &Snapshot) -> &str {
    let ended = snapshot.ended.as_ref();
    ended.map_or(EndReason::Cancelled.as_str(), |ended| &ended.reason)
}
