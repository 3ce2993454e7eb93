//! The wire, pinned: every message of a release stands here as a file. An old widget meets a newer edge,
//! so a golden file is never changed; a new field is optional and gets a file of its own.

use embark_protocol::{Problem, Snapshot, config, launch, partner, post, report};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// Reads the file and writes it again: nothing is lost, nothing is added.
fn check<T: Serialize + DeserializeOwned + Debug>(name: &str) {
    let path = format!("{}/golden/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let golden: serde_json::Value = serde_json::from_str(&text).unwrap();
    let read: T =
        serde_json::from_value(golden.clone()).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(serde_json::to_value(&read).unwrap(), golden, "{name}");
}

#[test]
fn posts() {
    check::<post::Launched>("launched");
    for name in [
        "outcome",
        "outcome-code-alone",
        "outcome-redirect",
        "outcome-attempt",
    ] {
        check::<post::Outcome>(name);
    }
    check::<post::Assets>("assets");
    check::<post::Assets>("assets-attempt");
    for name in ["ended-cancelled", "ended-error", "ended-attempt"] {
        check::<post::Ended>(name);
    }
    for name in [
        "input-waba",
        "input-number",
        "input-pin",
        "input-request-code",
        "input-verify-code",
    ] {
        check::<post::Input>(name);
    }
}

#[test]
fn answers() {
    for name in [
        "snapshot-running",
        "snapshot-needs-input",
        "snapshot-waiting",
        "snapshot-connected",
    ] {
        check::<Snapshot>(name);
    }
    check::<Snapshot>("snapshot-relaunch");
    check::<Snapshot>("snapshot-launched-again");
    check::<Problem>("problem");
    check::<launch::Launch>("launch");
    check::<launch::Launch>("launch-hosted");
    check::<launch::Launch>("launch-handover");
    check::<Snapshot>("snapshot-handover");
    check::<Snapshot>("snapshot-abandoned");
    check::<Snapshot>("snapshot-report");
    check::<report::Report>("report");
}

#[test]
fn settings() {
    check::<config::App>("app");
    check::<config::Site>("site");
    for name in [
        "site-options",
        "site-partner",
        "site-infobip",
        "site-handoff",
    ] {
        check::<config::Site>(name);
    }
    check::<partner::NewSender>("infobip-sender");
    check::<partner::Message>("infobip-message");
    check::<config::Invite>("invite");
    check::<config::Invitation>("invitation");
}

#[test]
fn a_post_with_a_field_nobody_knows_is_refused() {
    let text = r#"{"code":"x","code_source":"sdk","waba":"1"}"#;
    assert!(serde_json::from_str::<post::Outcome>(text).is_err());
}

#[test]
fn an_older_edge_may_say_less_and_a_newer_one_more() {
    let text = r#"{"id":"0123456789abcdef0123456789abcdef","seq":1,"status":"running","steps":[],
        "poll_after_ms":0,"something_new":{"a":1}}"#;
    assert!(serde_json::from_str::<Snapshot>(text).is_ok());
}
