//! Events for the host page: the name and detail of each DOM event. A detail never holds a code, a grant
//! or a token.

use crate::{
    error::Problem,
    json_object::{JsonObject, object},
    launch_document::LaunchDocument,
    meta_message::Cancellation,
    snapshot::{Snapshot, status_text},
};
use alloc::string::String;
use embark_protocol::SignupStatus;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostEvent {
    /// Without the prefix `embark:`.
    pub name: &'static str,
    /// A JSON object.
    pub detail: String,
}

pub fn ready() -> HostEvent {
    host_event("ready", JsonObject::new())
}

pub fn launched(launch: &LaunchDocument) -> HostEvent {
    host_event("launched", signup_detail(launch))
}

/// For the loader, which does not pass it on: the URL that the host page's own button opens.
pub fn link(launch: &LaunchDocument) -> HostEvent {
    host_event("link", object("href", &launch.handover_url()))
}

pub fn progress(launch: &LaunchDocument, snapshot: &Snapshot) -> HostEvent {
    let mut detail = signup_detail(launch);
    detail.string("status", status_text(snapshot.status));
    if let Some(steps) = snapshot.doc.get("steps") {
        detail.raw("steps", &steps.to_json());
    }
    host_event("progress", detail)
}

/// `kind` is the kind of input that the signup asks for.
pub fn needs_input(launch: &LaunchDocument, kind: &str) -> HostEvent {
    let mut detail = signup_detail(launch);
    detail.string("kind", kind);
    host_event("needsinput", detail)
}

pub fn connected(launch: &LaunchDocument, snapshot: &Snapshot) -> HostEvent {
    let mut detail = signup_detail(launch);
    let mut coexistence = false;
    if let Some(connected) = snapshot.doc.get("connected") {
        for key in [
            "waba_id",
            "phone_number_id",
            "display_phone_number",
            "business_id",
            "verified_name",
        ] {
            detail.optional_string(key, connected.string(key).as_ref());
        }
        coexistence = connected.is_true("coexistence");
    }
    detail.boolean("coexistence", coexistence);
    detail.boolean(
        "without_number",
        snapshot.status == SignupStatus::ConnectedWithoutNumber,
    );
    host_event("connected", detail)
}

/// `reason` is `cancelled`, `error` or `closed`.
pub fn cancelled(launch: &LaunchDocument, reason: &str, cancel: &Cancellation) -> HostEvent {
    let mut detail = signup_detail(launch);
    detail.string("reason", reason);
    detail.optional_string("step", cancel.current_step.as_ref());
    detail.optional_string("error_code", cancel.error_code.as_ref());
    detail.optional_string("error_message", cancel.error_message.as_ref());
    detail.optional_string("session_id", cancel.session_id.as_ref());
    host_event("cancelled", detail)
}

pub fn failed(launch: &LaunchDocument, problem: &Problem) -> HostEvent {
    let mut detail = signup_detail(launch);
    detail.string("code", &problem.code);
    detail.string("remedy", &problem.remedy);
    detail.optional_string("fbtrace_id", problem.fbtrace_id.as_ref());
    host_event("failed", detail)
}

fn host_event(name: &'static str, detail: JsonObject) -> HostEvent {
    HostEvent {
        name,
        detail: detail.finish(),
    }
}

fn signup_detail(launch: &LaunchDocument) -> JsonObject {
    object("signup", &launch.signup)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        json_value::JsonValue,
        launch_document::tests::{SIGNUP, launch},
    };
    use embark_protocol::events::EVENTS;
    use serde_json::{Value, json};

    fn detail(event: &HostEvent) -> Value {
        assert!(EVENTS.contains(&event.name), "{}", event.name);
        serde_json::from_str(&event.detail).unwrap()
    }

    #[test]
    fn event_detail_has_known_fields_and_no_grant() {
        let doc = json!({"id": SIGNUP, "seq": 1, "status": "connected", "poll_after_ms": 0,
            "steps": [{"step": "exchange", "state": "done"}, {"step": "claim", "state": "active"}],
            "connected": {"waba_id": "5000000000000001", "verified_name": "Lucky \"Shrub\""}});
        let snapshot = Snapshot::read(JsonValue(doc.clone())).unwrap();
        assert_eq!(
            detail(&connected(&launch(), &snapshot)),
            json!({"signup": SIGNUP, "waba_id": "5000000000000001", "verified_name": "Lucky \"Shrub\"",
                   "coexistence": false, "without_number": false})
        );
        assert_eq!(
            detail(&progress(&launch(), &snapshot))["steps"],
            doc["steps"]
        );
        let cancel = Cancellation {
            current_step: Some("PERMISSIONS".into()),
            ..Cancellation::default()
        };
        assert_eq!(
            detail(&cancelled(&launch(), "cancelled", &cancel)),
            json!({"signup": SIGNUP, "reason": "cancelled", "step": "PERMISSIONS"})
        );
        assert_eq!(detail(&ready()), json!({}));
        assert!(!launched(&launch()).detail.contains(&launch().grant));
    }
}
