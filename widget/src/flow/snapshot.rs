//! The edge's snapshot of a run (`protocol::snapshot`), as the widget reads it. Words the widget does not
//! know stay words: a newer edge may name steps and problems that this build has never heard of.

use crate::{doc::Doc, error::Problem};
use embark_protocol::{
    Status,
    snapshot::{NeedKind, StepState},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    pub id: String,
    pub seq: u32,
    pub status: Status,
    pub steps: Vec<StepView>,
    pub input: Option<Need>,
    pub wait_ms: Option<u32>,
    pub problem: Option<Problem>,
    pub connected: Connected,
    pub poll_after_ms: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepView {
    pub step: String,
    pub state: StepState,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    pub kind: NeedKind,
    /// Id and label.
    pub choices: Vec<(String, String)>,
    pub display_phone_number: Option<String>,
    /// Problem code: why the last answer did not do.
    pub error: Option<String>,
    pub tries_left: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Connected {
    pub waba_id: Option<String>,
    pub business_id: Option<String>,
    pub phone_number_id: Option<String>,
    pub display_phone_number: Option<String>,
    pub verified_name: Option<String>,
    pub coexistence: bool,
}

impl Snapshot {
    pub fn read<D: Doc>(doc: &D) -> Option<Self> {
        Some(Self {
            id: doc.text_of("id")?,
            seq: doc.get("seq")?.number()?,
            status: status(&doc.text_of("status")?),
            steps: list(doc, "steps", step),
            input: doc.get("input").and_then(|need| read_need(&need)),
            wait_ms: doc.get("wait_ms").and_then(|ms| ms.number()),
            problem: doc.get("problem").and_then(|problem| Problem::read(&problem)),
            connected: doc.get("connected").map(|c| read_connected(&c)).unwrap_or_default(),
            poll_after_ms: doc.get("poll_after_ms").and_then(|ms| ms.number()).unwrap_or(1000),
        })
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

pub fn step_state_word(state: StepState) -> &'static str {
    match state {
        StepState::Todo => "todo",
        StepState::Active => "active",
        StepState::Done => "done",
        StepState::Skipped => "skipped",
        StepState::Failed => "failed",
    }
}

pub fn need_word(kind: NeedKind) -> &'static str {
    match kind {
        NeedKind::Waba => "waba",
        NeedKind::Number => "number",
        NeedKind::Pin => "pin",
        NeedKind::Verification => "verification",
        NeedKind::VerificationCode => "verification_code",
    }
}

/// A status of a newer edge reads as running: keep asking, an end will come under a known word.
fn status(word: &str) -> Status {
    match word {
        "launched" => Status::Launched,
        "waiting" => Status::Waiting,
        "needs_input" => Status::NeedsInput,
        "connected" => Status::Connected,
        "connected_without_number" => Status::ConnectedWithoutNumber,
        "relaunch" => Status::Relaunch,
        "failed" => Status::Failed,
        "abandoned" => Status::Abandoned,
        _ => Status::Running,
    }
}

fn step<D: Doc>(doc: &D) -> Option<StepView> {
    let state = match doc.text_of("state")?.as_str() {
        "active" => StepState::Active,
        "done" => StepState::Done,
        "skipped" => StepState::Skipped,
        "failed" => StepState::Failed,
        _ => StepState::Todo,
    };
    Some(StepView { step: doc.short("step", 32)?, state })
}

fn read_need<D: Doc>(doc: &D) -> Option<Need> {
    let kind = match doc.text_of("kind")?.as_str() {
        "waba" => NeedKind::Waba,
        "number" => NeedKind::Number,
        "pin" => NeedKind::Pin,
        "verification" => NeedKind::Verification,
        "verification_code" => NeedKind::VerificationCode,
        _ => return None,
    };
    Some(Need {
        kind,
        choices: list(doc, "choices", |choice| Some((choice.text_of("id")?, choice.text_of("label")?))),
        display_phone_number: doc.text_of("display_phone_number"),
        error: doc.text_of("error"),
        tries_left: doc.get("tries_left").and_then(|tries| tries.number()),
    })
}

fn read_connected<D: Doc>(doc: &D) -> Connected {
    Connected {
        waba_id: doc.text_of("waba_id"),
        business_id: doc.text_of("business_id"),
        phone_number_id: doc.text_of("phone_number_id"),
        display_phone_number: doc.text_of("display_phone_number"),
        verified_name: doc.text_of("verified_name"),
        coexistence: doc.get("coexistence").is_some_and(|flag| flag.flag()),
    }
}

fn list<D: Doc, T>(doc: &D, key: &str, read: impl Fn(&D) -> Option<T>) -> Vec<T> {
    doc.get(key).map(|list| list.list().iter().filter_map(read).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_are_protocols_words() {
        for status_ in [
            Status::Launched,
            Status::Running,
            Status::Waiting,
            Status::NeedsInput,
            Status::Connected,
            Status::ConnectedWithoutNumber,
            Status::Relaunch,
            Status::Failed,
            Status::Abandoned,
        ] {
            assert_eq!(serde_json::to_value(status_).ok(), Some(status_word(status_).into()));
            assert_eq!(status(status_word(status_)), status_);
        }
    }

    #[test]
    fn a_newer_edge_is_still_followed() {
        let doc = json!({"id": "x", "seq": 3, "status": "meditating", "poll_after_ms": 5,
            "steps": [{"step": "levitate", "state": "hovering"}, {"step": 7}],
            "input": {"kind": "palm_reading"}, "more": {}});
        let read = Snapshot::read(&doc).unwrap();
        assert_eq!(read.status, Status::Running);
        assert_eq!(read.steps, [StepView { step: "levitate".into(), state: StepState::Todo }]);
        assert_eq!(read.input, None);
    }

    #[test]
    fn what_is_no_snapshot_is_refused() {
        for bad in [json!(null), json!({}), json!({"id": "x", "seq": "3", "status": "running"}), json!([])] {
            assert_eq!(Snapshot::read(&bad), None, "{bad}");
        }
    }
}
