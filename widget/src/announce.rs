//! What the host page hears: the name and detail of each DOM event. Never a code, never a token.

use crate::{
    config::Launch,
    error::{Problem, remedy_word},
    flow::snapshot::{Snapshot, need_word, status_word, step_state_word},
    json::Object,
    listen::Cancel,
};
use embark_protocol::{Status, snapshot::NeedKind};

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

pub fn progress(launch: &Launch, snapshot: &Snapshot) -> Announcement {
    let mut steps = String::from("[");
    for view in &snapshot.steps {
        if steps.len() > 1 {
            steps.push(',');
        }
        let state = step_state_word(view.state);
        steps.push_str(&Object::new().text("step", &view.step).text("state", state).end());
    }
    steps.push(']');
    let detail = about(launch).text("status", status_word(snapshot.status)).raw("steps", &steps);
    of("progress", detail)
}

pub fn needs_input(launch: &Launch, kind: NeedKind) -> Announcement {
    of("needsinput", about(launch).text("kind", need_word(kind)))
}

pub fn connected(launch: &Launch, snapshot: &Snapshot) -> Announcement {
    let c = &snapshot.connected;
    let detail = about(launch)
        .maybe("waba_id", c.waba_id.as_deref())
        .maybe("phone_number_id", c.phone_number_id.as_deref())
        .maybe("display_phone_number", c.display_phone_number.as_deref())
        .maybe("business_id", c.business_id.as_deref())
        .maybe("verified_name", c.verified_name.as_deref())
        .flag("coexistence", c.coexistence)
        .flag("without_number", snapshot.status == Status::ConnectedWithoutNumber);
    of("connected", detail)
}

pub fn cancelled(launch: &Launch, reason: &str, cancel: &Cancel) -> Announcement {
    let detail = about(launch)
        .text("reason", reason)
        .maybe("step", cancel.current_step.as_deref())
        .maybe("error_code", cancel.error_code.as_deref())
        .maybe("session_id", cancel.session_id.as_deref());
    of("cancelled", detail)
}

pub fn failed(launch: &Launch, problem: &Problem) -> Announcement {
    let detail = about(launch)
        .text("code", &problem.code)
        .text("remedy", remedy_word(problem.remedy))
        .maybe("fbtrace_id", problem.fbtrace_id.as_deref());
    of("failed", detail)
}

fn of(name: &'static str, detail: Object) -> Announcement {
    Announcement { name, detail: detail.end() }
}

fn about(launch: &Launch) -> Object {
    Object::new().text("signup", launch.signup.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::{SIGNUP, launch};
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
        let snapshot = Snapshot::read(&doc).unwrap();
        assert_eq!(
            read(&connected(&launch(), &snapshot)),
            json!({"signup": SIGNUP, "waba_id": "5000000000000001", "verified_name": "Lucky \"Shrub\"",
                   "coexistence": false, "without_number": false})
        );
        assert_eq!(read(&progress(&launch(), &snapshot))["steps"], doc["steps"]);
        let cancel = Cancel { current_step: Some("PERMISSIONS".into()), ..Cancel::default() };
        assert_eq!(
            read(&cancelled(&launch(), "cancelled", &cancel)),
            json!({"signup": SIGNUP, "reason": "cancelled", "step": "PERMISSIONS"})
        );
        assert_eq!(read(&ready()), json!({}));
        assert!(!launched(&launch()).detail.contains(&launch().grant));
    }
}
