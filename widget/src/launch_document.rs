//! The launch document (`protocol::launch::LaunchDocument`) as the widget reads it: from the frame page, from
//! `/v1/sites/{site}`, or from the caller of `mount`.

use crate::{error::Problem, json_value::JsonValue, session::Session};
use alloc::string::String;
use embark_protocol::launch::LaunchMode;
use embark_protocol::{SignupId, SiteId};

/// URL-fragment prefix of a handover: `#embark=<signup>.<grant>`.
pub const HANDOVER_PREFIX: &str = "#embark=";
/// Version of the document that this widget can read.
const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq)]
pub struct LaunchDocument {
    /// Id of the signup.
    pub signup: String,
    /// Signed permission to use this signup, sent as `Authorization: Bearer`.
    pub grant: String,
    /// A grant for one other window. Empty if the Worker offers none.
    pub handover: String,
    pub mode: LaunchMode,
    doc: JsonValue,
}

impl LaunchDocument {
    /// Reads the document. `None` if a required part is missing or malformed, or its version is unknown.
    pub fn read(doc: JsonValue) -> Option<Self> {
        let has_parts = ["edge", "host", "renew_in_ms", "sdk", "login"]
            .iter()
            .all(|part| doc.get(part).is_some());
        let launch = Self {
            signup: doc.string_or_empty("signup"),
            grant: doc.string_or_empty("grant"),
            handover: doc.string_or_empty("handover"),
            mode: parse_mode(&doc.string_or_empty("mode"))?,
            doc,
        };
        let is_valid = has_parts
            && launch.doc.integer("v") == Some(VERSION)
            && SiteId::parse(&launch.site()).is_ok()
            && SignupId::parse(&launch.signup).is_ok()
            && !launch.grant.is_empty();
        is_valid.then_some(launch)
    }

    /// Id of the site.
    pub fn site(&self) -> String {
        self.doc.string_or_empty("site")
    }

    /// The Worker's public origin.
    pub fn edge(&self) -> String {
        self.doc.string_or_empty("edge")
    }

    /// The host page's origin, the only target of `postMessage`.
    pub fn host(&self) -> String {
        self.doc.string_or_empty("host")
    }

    /// Milliseconds until the document should be replaced.
    pub fn renew_in_ms(&self) -> u32 {
        self.doc.integer("renew_in_ms").unwrap_or_default()
    }

    /// `sdk` (`protocol::launch::SdkSettings`) or `login` (the options of `FB.login`, passed on unchanged).
    pub fn part(&self, name: &str) -> JsonValue {
        self.doc.get(name).unwrap_or_else(|| self.doc.clone())
    }

    /// URL of a fresh launch document.
    pub fn renewal_url(&self) -> String {
        [self.edge(), self.doc.string_or_empty("renew")].concat()
    }

    /// Why nothing can be launched with this document. `None` if it can.
    pub fn problem(&self) -> Option<Problem> {
        Problem::read(&self.doc.get("problem")?)
    }

    /// URL of this signup; `suffix` is a path below it or a query.
    pub fn signup_url(&self, suffix: &str) -> String {
        [&self.edge(), "/v1/signups/", &self.signup, suffix].concat()
    }

    /// URL of the hosted page, with a handover of this signup if the Worker offers one.
    pub fn handover_url(&self) -> String {
        let page = [self.edge(), self.doc.string_or_empty("page")].concat();
        if self.handover.is_empty() {
            return page;
        }
        [&page, HANDOVER_PREFIX, &self.signup, ".", &self.handover].concat()
    }

    /// `<signup>.<grant>`: opens this signup to anyone who holds it.
    pub fn resume_token(&self) -> String {
        [&self.signup, ".", &self.grant].concat()
    }

    /// The resume token of the signup that this browser comes back to from Meta's dialog.
    pub fn returned_session(&self) -> Option<String> {
        self.doc.string("resume")
    }

    /// URL of Meta's dialog, for a window without popups. `None` except on the hosted page.
    pub fn dialog_url(&self) -> Option<String> {
        self.doc.string("dialog")
    }

    /// Replaces the document's signup by one that was started earlier.
    pub fn switch_session(&mut self, session: Session) {
        self.signup = session.signup;
        self.grant = session.grant;
        self.handover = session.handover;
    }
}

fn parse_mode(word: &str) -> Option<LaunchMode> {
    let mut modes = [
        LaunchMode::Frame,
        LaunchMode::Inline,
        LaunchMode::Window,
        LaunchMode::Page,
    ]
    .into_iter();
    modes.find(|mode| mode.as_str() == word)
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use serde_json::{Value, json};

    pub const SIGNUP: &str = "0123456789abcdef0123456789abcdef";

    pub fn document() -> Value {
        json!({
            "v": 1, "site": "acme", "signup": SIGNUP, "grant": "g.1", "handover": "h.1", "renew_in_ms": 600_000,
            "edge": "https://signup.partner.example", "host": "https://shop.example", "mode": "frame",
            "sdk": {"url": "https://connect.facebook.net/en_US/sdk.js", "app_id": "1000000000000001",
                    "version": "v25.0", "origins": ["https://www.facebook.com"]},
            "login": {"config_id": "3000000000000001", "response_type": "code",
                      "override_default_response_type": true,
                      "extras": {"setup": {}, "sessionInfoVersion": "3"}},
            "page": "/go/acme", "renew": "/v1/sites/acme?host=https%3A%2F%2Fshop.example&mode=frame",
            "lang": "en", "build": "/b/0123456789ab"
        })
    }

    pub fn launch() -> LaunchDocument {
        LaunchDocument::read(JsonValue(document())).unwrap()
    }

    #[test]
    fn document_with_missing_or_malformed_part_is_refused() {
        assert!(LaunchDocument::read(JsonValue(document())).is_some());
        for part in [
            "v",
            "site",
            "signup",
            "grant",
            "renew_in_ms",
            "edge",
            "host",
            "mode",
            "sdk",
            "login",
        ] {
            let mut broken = document();
            broken.as_object_mut().unwrap().remove(part);
            assert_eq!(
                LaunchDocument::read(JsonValue(broken)),
                None,
                "without {part}"
            );
        }
        for (part, value) in [
            ("v", json!(2)),
            ("mode", json!("boat")),
            ("signup", json!("../x")),
            ("site", json!("Acme")),
        ] {
            let mut broken = document();
            broken[part] = value;
            assert_eq!(LaunchDocument::read(JsonValue(broken)), None, "bad {part}");
        }
    }

    #[test]
    fn document_of_protocol_is_read_and_login_is_unchanged() {
        let written: embark_protocol::launch::LaunchDocument =
            serde_json::from_value(document()).unwrap();
        let read =
            LaunchDocument::read(JsonValue(serde_json::to_value(&written).unwrap())).unwrap();
        assert_eq!(read.part("login"), JsonValue(document()["login"].clone()));
        assert_eq!(read.part("sdk"), JsonValue(document()["sdk"].clone()));
    }

    #[test]
    fn urls_contain_signup_and_handover() {
        let launch = launch();
        let expect = "https://signup.partner.example/v1/sites/acme?host=https%3A%2F%2Fshop.example&mode=frame";
        assert_eq!(launch.renewal_url(), expect);
        let expect = format!("https://signup.partner.example/v1/signups/{SIGNUP}/outcome");
        assert_eq!(launch.signup_url("/outcome"), expect);
        let page = "https://signup.partner.example/go/acme";
        let expect = format!("{page}#embark={SIGNUP}.h.1");
        assert_eq!(launch.handover_url(), expect);
        let mut own = document();
        own.as_object_mut().unwrap().remove("handover");
        let launch = LaunchDocument::read(JsonValue(own)).unwrap();
        // Without a handover the page's own grant is not put in the URL.
        assert_eq!(launch.handover_url(), page);
    }
}
