//! Events for the host page: the name and detail of each DOM event (`embark.d.ts` declares them). A detail never
//! holds a code, a grant or a token.

use crate::launch_document::LaunchDocument;
use embark_protocol::{BusinessId, PhoneNumberId, SignupId, SignupStatus, WabaId};
use embark_view::model::{Cancellation, Problem, Snapshot, StepProgress};
use serde::Serialize;

/// An event; it serializes to its detail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum HostEvent {
    /// The button can be pressed.
    Ready {},
    Launched {
        signup: SignupId,
    },
    /// For the loader, which does not pass it on: the URL that the host page's own button opens.
    Link {
        href: String,
    },
    Progress {
        signup: SignupId,
        status: &'static str,
        steps: Vec<StepProgress>,
    },
    NeedsInput {
        signup: SignupId,
        kind: String,
    },
    Connected(ConnectedDetail),
    Cancelled(CancelledDetail),
    Failed {
        signup: SignupId,
        code: String,
        remedy: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        fbtrace_id: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConnectedDetail {
    signup: SignupId,
    #[serde(skip_serializing_if = "Option::is_none")]
    waba_id: Option<WabaId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone_number_id: Option<PhoneNumberId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_phone_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    business_id: Option<BusinessId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_name: Option<String>,
    coexistence: bool,
    without_number: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CancelledDetail {
    signup: SignupId,
    /// `cancelled`, `error` or `closed`.
    reason: String,
    /// Meta's screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
}

impl HostEvent {
    /// The name of the DOM event without the prefix `embark:`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ready {} => "ready",
            Self::Launched { .. } => "launched",
            Self::Link { .. } => "link",
            Self::Progress { .. } => "progress",
            Self::NeedsInput { .. } => "needsinput",
            Self::Connected(_) => "connected",
            Self::Cancelled(_) => "cancelled",
            Self::Failed { .. } => "failed",
        }
    }

    pub fn launched(launch: &LaunchDocument) -> Self {
        Self::Launched {
            signup: launch.signup.clone(),
        }
    }

    pub fn link(launch: &LaunchDocument) -> Self {
        Self::Link {
            href: launch.handover_url(),
        }
    }

    pub fn progress(launch: &LaunchDocument, snapshot: &Snapshot) -> Self {
        Self::Progress {
            signup: launch.signup.clone(),
            status: snapshot.known_status().as_str(),
            steps: snapshot.steps.clone(),
        }
    }

    /// `kind` is the kind of input that the signup asks for.
    pub fn needs_input(launch: &LaunchDocument, kind: &str) -> Self {
        Self::NeedsInput {
            signup: launch.signup.clone(),
            kind: kind.to_owned(),
        }
    }

    pub fn connected(launch: &LaunchDocument, snapshot: &Snapshot) -> Self {
        let connected = snapshot.connected.clone().unwrap_or_default();
        Self::Connected(ConnectedDetail {
            signup: launch.signup.clone(),
            waba_id: connected.waba_id,
            phone_number_id: connected.phone_number_id,
            display_phone_number: connected.display_phone_number,
            business_id: connected.business_id,
            verified_name: connected.verified_name,
            coexistence: connected.coexistence,
            without_number: snapshot.known_status() == SignupStatus::ConnectedWithoutNumber,
        })
    }

    pub fn cancelled(launch: &LaunchDocument, reason: &str, cancel: &Cancellation) -> Self {
        let cancel = cancel.clone();
        Self::Cancelled(CancelledDetail {
            signup: launch.signup.clone(),
            reason: reason.to_owned(),
            step: cancel.current_step,
            error_code: cancel.error_code,
            error_message: cancel.error_message,
            session_id: cancel.session_id,
        })
    }

    pub fn failed(launch: &LaunchDocument, problem: &Problem) -> Self {
        Self::Failed {
            signup: launch.signup.clone(),
            code: problem.code.clone(),
            remedy: problem.remedy.clone(),
            fbtrace_id: problem.fbtrace_id.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch_document::tests::{SIGNUP, launch};
    use embark_protocol::events::EVENTS;
    use serde_json::{Value, json};

    fn detail(event: &HostEvent) -> Value {
        assert!(EVENTS.contains(&event.name()), "{}", event.name());
        serde_json::to_value(event).unwrap()
    }

    #[test]
    fn event_detail_has_known_fields_and_no_grant() {
        let doc = json!({"id": SIGNUP, "seq": 1, "status": "connected", "poll_after_ms": 0,
            "steps": [{"step": "exchange", "state": "done"}, {"step": "claim", "state": "active"}],
            "connected": {"waba_id": "5000000000000001", "verified_name": "Lucky \"Shrub\""}});
        let snapshot = serde_json::from_value(doc.clone()).unwrap();
        assert_eq!(
            detail(&HostEvent::connected(&launch(), &snapshot)),
            json!({"signup": SIGNUP, "waba_id": "5000000000000001", "verified_name": "Lucky \"Shrub\"",
                   "coexistence": false, "without_number": false})
        );
        assert_eq!(
            detail(&HostEvent::progress(&launch(), &snapshot))["steps"],
            doc["steps"]
        );
        let cancel = Cancellation {
            current_step: Some("PERMISSIONS".into()),
            ..Cancellation::default()
        };
        assert_eq!(
            detail(&HostEvent::cancelled(&launch(), "cancelled", &cancel)),
            json!({"signup": SIGNUP, "reason": "cancelled", "step": "PERMISSIONS"})
        );
        assert_eq!(detail(&HostEvent::Ready {}), json!({}));
        let launched = detail(&HostEvent::launched(&launch()));
        assert_eq!(launched, json!({"signup": SIGNUP}));
    }
}
