//! The Worker's snapshot of a signup (`protocol::snapshot`), as the widget reads it. Names of steps and
//! problem codes stay strings: a newer Worker may send some that this build does not know.

use crate::{
    error::Problem,
    json_value::JsonValue,
    meta_message::{Cancellation, read_cancellation},
};
use alloc::string::String;
use embark_protocol::SignupStatus;

#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// Id of the signup.
    pub id: String,
    /// Increases with every visible change.
    pub seq: u32,
    pub status: SignupStatus,
    /// What the signup asks a person for (`protocol::snapshot::InputPrompt`). `None` if nothing.
    pub input: Option<JsonValue>,
    /// The whole document.
    pub doc: JsonValue,
}

impl Snapshot {
    /// Reads the document. `None` without id, sequence number or status.
    pub fn read(doc: JsonValue) -> Option<Self> {
        Some(Self {
            id: doc.string("id")?,
            seq: doc.integer("seq")?,
            status: parse_status(&doc.string("status")?),
            input: doc.get("input"),
            doc,
        })
    }

    /// Milliseconds until the next poll.
    pub fn poll_after_ms(&self) -> u32 {
        self.doc.integer("poll_after_ms").unwrap_or(1_000)
    }

    /// Number of launches under this signup.
    pub fn attempt(&self) -> u32 {
        self.doc.integer("attempt").unwrap_or_default()
    }

    pub fn problem(&self) -> Option<Problem> {
        Problem::read(&self.doc.get("problem")?)
    }

    /// Why the person left Meta's popup: the reason of the `cancelled` event, and Meta's details.
    pub fn cancellation(&self) -> (String, Cancellation) {
        let left = self.doc.get("left");
        let reason = left.as_ref().and_then(|left| left.string("reason"));
        (
            reason.unwrap_or_else(|| String::from("cancelled")),
            left.as_ref().map(read_cancellation).unwrap_or_default(),
        )
    }

    /// The `kind` of `input`. Empty if nothing is asked for.
    pub fn input_kind(&self) -> String {
        self.input
            .as_ref()
            .map(|input| input.string_or_empty("kind"))
            .unwrap_or_default()
    }
}

/// The status as it is written in documents and events.
pub fn status_text(status: SignupStatus) -> &'static str {
    match status {
        SignupStatus::Launched => "launched",
        SignupStatus::Running => "running",
        SignupStatus::Waiting => "waiting",
        SignupStatus::NeedsInput => "needs_input",
        SignupStatus::Connected => "connected",
        SignupStatus::ConnectedWithoutNumber => "connected_without_number",
        SignupStatus::Relaunch => "relaunch",
        SignupStatus::Failed => "failed",
        SignupStatus::Abandoned => "abandoned",
    }
}

/// An unknown status reads as running: polling continues until a known status ends it.
fn parse_status(text: &str) -> SignupStatus {
    const KNOWN: [SignupStatus; 8] = [
        SignupStatus::Launched,
        SignupStatus::Waiting,
        SignupStatus::NeedsInput,
        SignupStatus::Connected,
        SignupStatus::ConnectedWithoutNumber,
        SignupStatus::Relaunch,
        SignupStatus::Failed,
        SignupStatus::Abandoned,
    ];
    KNOWN
        .into_iter()
        .find(|status| status_text(*status) == text)
        .unwrap_or(SignupStatus::Running)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn status_texts_equal_protocol() {
        for word in [
            "launched",
            "running",
            "waiting",
            "needs_input",
            "connected",
            "connected_without_number",
            "relaunch",
            "failed",
            "abandoned",
        ] {
            assert_eq!(
                serde_json::from_value::<SignupStatus>(word.into()).ok(),
                Some(parse_status(word))
            );
            assert_eq!(status_text(parse_status(word)), word);
        }
    }

    #[test]
    fn snapshot_with_unknown_status_reads_as_running() {
        let doc = json!({"id": "x", "seq": 3, "status": "meditating", "steps": 7, "more": {}});
        let read = Snapshot::read(JsonValue(doc)).unwrap();
        assert_eq!(
            (read.status, read.poll_after_ms(), read.problem()),
            (SignupStatus::Running, 1_000, None)
        );
        assert_eq!(read.doc.items("steps").count(), 0);
    }

    #[test]
    fn document_without_required_fields_is_refused() {
        for bad in [
            json!(null),
            json!({}),
            json!({"id": "x", "seq": "3", "status": "running"}),
            json!([]),
        ] {
            assert_eq!(Snapshot::read(JsonValue(bad.clone())), None, "{bad}");
        }
    }
}
