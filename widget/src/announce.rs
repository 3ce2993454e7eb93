//! What the host page hears: the name and detail of each DOM event. Never a code, never a token.

use crate::{
    config::Launch,
    error::Problem,
    flow::snapshot::{Snapshot, status_word},
    json::{Object, object},
    listen::Cancel,
};
use alloc::string::String;
use embark_protocol::Status;

/// An event for the host page; `detail` is a JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    pub name: &'static str,
    pub detail: String,
}

pub fn ready() -> Announcement {
    of("ready", Object::new())
}

pub fn launched(launch: &Launch) -> Announcement {
    of("launched", about(launch))
}

/// For the loader, not for the page: where the host's own button leads.
pub fn link(launch: &Launch) -> Announcement {
    of("link", object("href", &launch.handover_url()))
}

pub fn progress(launch: &Launch, snapshot: &Snapshot) -> Announcement {
    let mut detail = about(launch);
    detail.text("status", status_word(snapshot.status));
    if let Some(steps) = snapshot.doc.get("steps") {
        detail.raw("steps", &steps.json());
    }
    of("progress", detail)
}

pub fn needs_input(launch: &Launch, kind: &str) -> Announcement {
    let mut detail = about(launch);
    detail.text("kind", kind);
    of("needsinput", detail)
}

pub fn connected(launch: &Launch, snapshot: &Snapshot) -> Announcement {
    let mut detail = about(launch);
    let mut coexistence = false;
    if let Some(connected) = snapshot.doc.get("connected") {
        for key in [
            "waba_id",
            "phone_number_id",
            "display_phone_number",
            "business_id",
            "verified_name",
        ] {
            detail.maybe(key, connected.text_of(key).as_ref());
        }
        coexistence = connected.is_true("coexistence");
    }
    detail.flag("coexistence", coexistence);
    detail.flag(
        "without_number",
        snapshot.status == Status::ConnectedWithoutNumber,
    );
    of("connected", detail)
}

pub fn cancelled(launch: &Launch, reason: &str, cancel: &Cancel) -> Announcement {
    let mut detail = about(launch);
    detail.text("reason", reason);
    detail.maybe("step", cancel.current_step.as_ref());
    detail.maybe("error_code", cancel.error_code.as_ref());
    detail.maybe("error_message", cancel.error_message.as_ref());
    detail.maybe("session_id", cancel.session_id.as_ref());
    of("cancelled", detail)
}

pub fn failed(launch: &Launch, problem: &Problem) -> Announcement {
    let mut detail = about(launch);
    detail.text("code", &problem.code);
    detail.text("remedy", &problem.remedy);
    detail.maybe("fbtrace_id", problem.fbtrace_id.as_ref());
    of("failed", detail)
}

fn of(name: &'static str, detail: Object) -> Announcement {
    Announcement {
        name,
        detail: detail.end(),
    }
}

fn about(launch: &Launch) -> Object {
    object("signup", &launch.signup)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::tests::{SIGNUP, launch},
        doc::Doc,
    };
    use embark_protocol::event::EVENTS;
    use serde_json::{Value, json};

    fn read(told: &Announcement) -> Value {
        assert!(EVENTS.contains(&told.name), "{}", told.name);
        serde_json::from_str(&told.detail).unwrap()
    }

    #[test]
    fn details_hold_what_is_known_and_nothing_secret() {
        let doc = json!({"id": SIGNUP, "seq": 1, "status": "connected", "poll_after_ms": 0,
            "steps": [{"step": "exchange", "state": "done"}, {"step": "claim", "state": "active"}],
            "connected": {"waba_id": "5000000000000001", "verified_name": "Lucky \"Shrub\""}});
        let snapshot = Snapshot::read(Doc(doc.clone())).unwrap();
        assert_eq!(
            read(&connected(&launch(), &snapshot)),
            json!({"signup": SIGNUP, "waba_id": "5000000000000001", "verified_name": "Lucky \"Shrub\"",
                   "coexistence": false, "without_number": false})
        );
        assert_eq!(read(&progress(&launch(), &snapshot))["steps"], doc["steps"]);
        let cancel = Cancel {
            current_step: Some("PERMISSIONS".into()),
            ..Cancel::default()
        };
        assert_eq!(
            read(&cancelled(&launch(), "cancelled", &cancel)),
            json!({"signup": SIGNUP, "reason": "cancelled", "step": "PERMISSIONS"})
        );
        assert_eq!(read(&ready()), json!({}));
        assert!(!launched(&launch()).detail.contains(&launch().grant));
    }
}
