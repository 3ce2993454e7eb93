//! The launch document (`protocol::launch::Launch`) as the widget reads it: from the frame page, from
//! `/v1/sites/{site}`, or from the caller of `mount`.

use crate::{
    doc::Doc,
    error::Problem,
    json::{cut, join},
};
use alloc::{borrow::ToOwned, string::String};
use embark_protocol::{SignupId, SiteId, launch::Mode};

/// In the address, before what opens a signup that another page hands over.
pub const HANDOVER: &str = "#embark=";
/// The document this widget can read.
const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq)]
pub struct Launch {
    pub signup: String,
    pub grant: String,
    /// A grant for one other window, if there is one to be had.
    pub handover: String,
    pub mode: Mode,
    doc: Doc,
}

impl Launch {
    /// Reads the document; `None` if a part is missing or it is newer than this widget.
    pub fn read(doc: Doc) -> Option<Self> {
        let there = ["edge", "host", "renew_in_ms", "sdk", "login"]
            .iter()
            .all(|part| doc.get(part).is_some());
        let launch = Self {
            signup: doc.text_or_empty("signup"),
            grant: doc.text_or_empty("grant"),
            handover: doc.text_or_empty("handover"),
            mode: mode(&doc.text_or_empty("mode"))?,
            doc,
        };
        let is_good = there
            && launch.doc.number_of("v") == Some(VERSION)
            && SiteId::parse(&launch.site()).is_ok()
            && SignupId::parse(&launch.signup).is_ok()
            && !launch.grant.is_empty();
        is_good.then_some(launch)
    }

    pub fn site(&self) -> String {
        self.doc.text_or_empty("site")
    }

    /// Our public origin.
    pub fn edge(&self) -> String {
        self.doc.text_or_empty("edge")
    }

    /// The host page's origin: the only target of our messages.
    pub fn host(&self) -> String {
        self.doc.text_or_empty("host")
    }

    pub fn renew_in_ms(&self) -> u32 {
        self.doc.number_of("renew_in_ms").unwrap_or_default()
    }

    /// A part that is handed on: `sdk` (`protocol::launch::Sdk`) or `login` (the options of `FB.login`).
    pub fn part(&self, name: &str) -> Doc {
        self.doc.get(name).unwrap_or_else(|| self.doc.clone())
    }

    /// Where a fresh launch document is.
    pub fn renewal_url(&self) -> String {
        join(&[&self.edge(), &self.doc.text_or_empty("renew")])
    }

    /// Why nothing can be launched with this document.
    pub fn problem(&self) -> Option<Problem> {
        Problem::read(&self.doc.get("problem")?)
    }

    /// An address of this signup; `tail` is `/outcome` and the like, or a query.
    pub fn signup_url(&self, tail: &str) -> String {
        join(&[&self.edge(), "/v1/signups/", &self.signup, tail])
    }

    /// The hosted page with a handover of this very signup, for when no popup can report back.
    pub fn handover_url(&self) -> String {
        let page = join(&[&self.edge(), &self.doc.text_or_empty("page")]);
        if self.handover.is_empty() {
            return page;
        }
        join(&[&page, HANDOVER, &self.signup, ".", &self.handover])
    }

    /// What opens this signup to whoever holds it.
    pub fn pass(&self) -> String {
        join(&[&self.signup, ".", &self.grant])
    }

    /// Meta's dialog for when no popup comes up; only the hosted page has it.
    pub fn dialog_url(&self) -> Option<String> {
        self.doc.text_of("dialog")
    }

    /// The same document for a signup that was started earlier.
    pub fn adopt(&mut self, saved: Saved) {
        self.signup = saved.signup;
        self.grant = saved.grant;
        self.handover = saved.handover;
    }
}

/// A signup started earlier: from this tab's storage or handed over in the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    pub signup: String,
    pub grant: String,
    /// See `Launch::handover`; the edge offers another where a signup goes on.
    pub handover: String,
    /// Another page follows this signup too and waits for it.
    pub handed_over: bool,
}

impl Saved {
    /// Reads `<signup>.<grant>`, as stored and as handed over.
    pub fn parse(text: &str, handed_over: bool) -> Option<Self> {
        let (signup, grant) = cut(text, b'.')?;
        let fits = !grant.is_empty()
            && grant.len() <= 2048
            && grant
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.~=".contains(&b));
        let fits = fits && SignupId::parse(signup).is_ok();
        fits.then(|| Self {
            signup: signup.to_owned(),
            grant: grant.to_owned(),
            handover: String::new(),
            handed_over,
        })
    }
}

fn mode(word: &str) -> Option<Mode> {
    let mut modes = [Mode::Frame, Mode::Inline, Mode::Window, Mode::Page].into_iter();
    modes.find(|mode| mode.word() == word)
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

    pub fn launch() -> Launch {
        Launch::read(Doc(document())).unwrap()
    }

    #[test]
    fn a_document_without_one_of_its_parts_is_refused() {
        assert!(Launch::read(Doc(document())).is_some());
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
            assert_eq!(Launch::read(Doc(broken)), None, "without {part}");
        }
        for (part, value) in [
            ("v", json!(2)),
            ("mode", json!("boat")),
            ("signup", json!("../x")),
            ("site", json!("Acme")),
        ] {
            let mut broken = document();
            broken[part] = value;
            assert_eq!(Launch::read(Doc(broken)), None, "bad {part}");
        }
    }

    #[test]
    fn what_protocol_writes_is_read_and_the_login_goes_through_untouched() {
        let written: embark_protocol::launch::Launch = serde_json::from_value(document()).unwrap();
        let read = Launch::read(Doc(serde_json::to_value(&written).unwrap())).unwrap();
        assert_eq!(read.part("login"), Doc(document()["login"].clone()));
        assert_eq!(read.part("sdk"), Doc(document()["sdk"].clone()));
    }

    #[test]
    fn addresses() {
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
        let launch = Launch::read(Doc(own)).unwrap();
        // The page's own grant is not handed over.
        assert_eq!(launch.handover_url(), page);
    }

    #[test]
    fn a_handover_is_taken_only_in_its_shape() {
        let read = |text: &str| Saved::parse(text, true).map(|saved| saved.grant);
        assert_eq!(read(&format!("{SIGNUP}.a.b-c_d=")), Some("a.b-c_d=".into()));
        for bad in [
            "",
            ".",
            "abc.def",
            SIGNUP,
            &format!("{SIGNUP}."),
            &format!("{SIGNUP}.a b"),
        ] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
