//! The edge's snapshot of a run (`protocol::snapshot`), as the widget reads it. Words the widget does not
//! know stay words: a newer edge may name steps and problems that this build has never heard of.

use crate::{
    doc::Doc,
    error::Problem,
    listen::{Cancel, cancel},
};
use alloc::string::String;
use embark_protocol::Status;

#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    pub id: String,
    pub seq: u32,
    pub status: Status,
    /// What a person is asked for: `protocol::snapshot::Need`.
    pub need: Option<Doc>,
    /// The whole of it.
    pub doc: Doc,
}

impl Snapshot {
    pub fn read(doc: Doc) -> Option<Self> {
        Some(Self {
            id: doc.text_of("id")?,
            seq: doc.number_of("seq")?,
            status: status(&doc.text_of("status")?),
            need: doc.get("input"),
            doc,
        })
    }

    pub fn poll_after_ms(&self) -> u32 {
        self.doc.number_of("poll_after_ms").unwrap_or(1_000)
    }

    /// How often the popup was opened under this signup.
    pub fn attempt(&self) -> u32 {
        self.doc.number_of("attempt").unwrap_or_default()
    }

    pub fn problem(&self) -> Option<Problem> {
        Problem::read(&self.doc.get("problem")?)
    }

    /// Why the person left Meta's window: a word of ours, and Meta's.
    pub fn left(&self) -> (String, Cancel) {
        let left = self.doc.get("left");
        let reason = left.as_ref().and_then(|left| left.text_of("reason"));
        (
            reason.unwrap_or_else(|| String::from("cancelled")),
            left.as_ref().map(cancel).unwrap_or_default(),
        )
    }

    /// The kind of what a person is asked for.
    pub fn asks_for(&self) -> String {
        self.need
            .as_ref()
            .map(|need| need.text_or_empty("kind"))
            .unwrap_or_default()
    }
}

pub fn status_word(status: Status) -> &'static str {
    match status {
        Status::Launched => "launched",
        Status::Running => "running",
        Status::Waiting => "waiting",
        Status::NeedsInput => "needs_input",
        Status::Connected => "connected",
        Status::ConnectedWithoutNumber => "connected_without_number",
        Status::Relaunch => "relaunch",
        Status::Failed => "failed",
        Status::Abandoned => "abandoned",
    }
}

/// A status of a newer edge reads as running: keep asking, an end will come under a known word.
fn status(word: &str) -> Status {
    const KNOWN: [Status; 8] = [
        Status::Launched,
        Status::Waiting,
        Status::NeedsInput,
        Status::Connected,
        Status::ConnectedWithoutNumber,
        Status::Relaunch,
        Status::Failed,
        Status::Abandoned,
    ];
    KNOWN
        .into_iter()
        .find(|status| status_word(*status) == word)
        .unwrap_or(Status::Running)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_are_protocols_words() {
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
                serde_json::from_value::<Status>(word.into()).ok(),
                Some(status(word))
            );
            assert_eq!(status_word(status(word)), word);
        }
    }

    #[test]
    fn a_newer_edge_is_still_followed() {
        let doc = json!({"id": "x", "seq": 3, "status": "meditating", "steps": 7, "more": {}});
        let read = Snapshot::read(Doc(doc)).unwrap();
        assert_eq!(
            (read.status, read.poll_after_ms(), read.problem()),
            (Status::Running, 1_000, None)
        );
        assert_eq!(read.doc.items("steps").count(), 0);
    }

    #[test]
    fn what_is_no_snapshot_is_refused() {
        for bad in [
            json!(null),
            json!({}),
            json!({"id": "x", "seq": "3", "status": "running"}),
            json!([]),
        ] {
            assert_eq!(Snapshot::read(Doc(bad.clone())), None, "{bad}");
        }
    }
}
