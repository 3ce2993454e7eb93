//! What a person may want to see in a sign-up, each a set of rules and faults.

use crate::faults::Fault;
use serde::Serialize;
use serde_json::Value;

/// A set of rules and faults, by its name.
#[derive(Debug, Serialize)]
pub struct Scenario {
    pub name: &'static str,
    pub title: &'static str,
    /// What happens, and what to do for it.
    pub text: &'static str,
    /// The rules that differ from the default, as JSON.
    #[serde(skip)]
    rules: &'static str,
    /// The faults, as JSON.
    #[serde(skip)]
    faults: &'static str,
}

impl Scenario {
    /// The rules that differ from the default.
    ///
    /// # Errors
    /// The table's text is not JSON.
    pub fn rules(&self) -> serde_json::Result<Value> {
        serde_json::from_str(self.rules)
    }

    /// The faults.
    ///
    /// # Errors
    /// The table's text is no list of faults.
    pub fn faults(&self) -> serde_json::Result<Vec<Fault>> {
        serde_json::from_str(self.faults)
    }
}

/// The first one is that of a sandbox that has just started.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "ordinary",
        title: "Everything works",
        text: "The default rules, and no faults.",
        rules: "{}",
        faults: "[]",
    },
    Scenario {
        name: "code_alone",
        title: "The ids do not arrive",
        text: "Meta's window sends the code alone, as where a page isolates its windows.",
        rules: r#"{"ids": "never"}"#,
        faults: "[]",
    },
    Scenario {
        name: "pin",
        title: "The number has a PIN",
        text: "Choose a new number in Meta's window. Its first registration is refused with 133005; after that any six digits are right.",
        rules: "{}",
        faults: r#"[{"path": "*/register", "kind": "error", "http": 400, "code": 133005}]"#,
    },
    Scenario {
        name: "wait",
        title: "Meta asks to wait",
        text: "Choose a new number in Meta's window. Its registration is refused with 80008, for half a minute.",
        rules: "{}",
        faults: r#"[{"path": "*/register", "kind": "error", "http": 400, "code": 80008, "details": "Try again in 30 seconds."}]"#,
    },
    Scenario {
        name: "lost_reply",
        title: "A reply is lost",
        text: "Choose a new number in Meta's window. Meta registers it, and the connection breaks before the reply.",
        rules: "{}",
        faults: r#"[{"path": "*/register", "kind": "answer_lost"}]"#,
    },
    Scenario {
        name: "code_expired",
        title: "The code has expired",
        text: "The exchange of the code is refused once: the person has to go through Meta's window again.",
        rules: "{}",
        faults: r#"[{"path": "*/oauth/access_token", "kind": "error", "http": 400, "code": 100, "subcode": 36007}]"#,
    },
    Scenario {
        name: "no_role",
        title: "Meta's window refuses the person",
        text: "The app is in development mode, and the person has no role on it.",
        rules: r#"{"person_has_role": false}"#,
        faults: "[]",
    },
    Scenario {
        name: "no_payment",
        title: "A payment method is missing",
        text: "The readiness report of a connected number says so.",
        rules: r#"{"payment_required": true}"#,
        faults: "[]",
    },
    Scenario {
        name: "sdk_blocked",
        title: "The SDK is blocked",
        text: "Every request for sdk.js is reset. Reload the page without its cache.",
        rules: "{}",
        faults: r#"[{"path": "*/sdk.js", "kind": "reset", "times": null}]"#,
    },
];
