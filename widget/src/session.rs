//! A signup that was started earlier, and the grant that opens it.

use crate::launch_document::LaunchDocument;
use embark_protocol::SignupId;

/// Longest grant, in bytes.
const MAX_GRANT: usize = 2_048;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub signup: SignupId,
    pub grant: String,
    /// See `LaunchDocument::handover_grant`. `None` until a snapshot offers one.
    pub handover_grant: Option<String>,
    /// See `LaunchDocument::session_digest`: the back end's session that the signup redeemed, as far as this page knows.
    pub redeemed: Option<String>,
    pub source: SessionSource,
}

/// Where a session comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionSource {
    /// This tab stored it before the page was loaded again.
    Stored,
    /// A link: another page follows the signup too, and waits for its end. It may be another person's.
    Address,
    /// This browser left for Meta's dialog with it, and came back.
    Dialog,
}

impl Session {
    /// Parses a resume token, `<signup>.<grant>`, from storage or from the URL. `None` if it has another
    /// form.
    pub fn parse(resume_token: &str, source: SessionSource) -> Option<Self> {
        let (signup, grant) = resume_token.split_once('.')?;
        let signup = SignupId::parse(signup).ok()?;
        let is_valid = !grant.is_empty()
            && grant.len() <= MAX_GRANT
            && grant
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.~=".contains(&b));
        is_valid.then(|| Self {
            signup,
            grant: grant.to_owned(),
            handover_grant: None,
            redeemed: None,
            source,
        })
    }

    /// The signup of a launch document.
    pub fn of_launch(launch: &LaunchDocument) -> Self {
        Self {
            signup: launch.signup.clone(),
            grant: launch.grant.clone(),
            handover_grant: launch.handover_grant.clone(),
            redeemed: launch.session_digest.clone(),
            source: SessionSource::Stored,
        }
    }

    /// Replaces the signup of a launch document by this one.
    pub fn move_into(self, launch: &mut LaunchDocument) {
        launch.signup = self.signup;
        launch.grant = self.grant;
        launch.handover_grant = self.handover_grant;
        launch.session_digest = self.redeemed;
    }
}

/// The entries of a tab's storage under which a signup stands. Each holds a resume token, or an empty text for none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorageKeys {
    /// That of the customer, as a tab may show the pages of several: a signup that has not ended. Whatever session of the
    /// customer the page names after a reload, it goes on.
    pub customer: String,
    /// That of the back end's session which the signup redeemed: it stays after the end, so that a page that is loaded
    /// again with the same session shows what became of it. `None`: there is none.
    pub redeemed: Option<String>,
}

impl StorageKeys {
    /// Those of the signup of a launch document.
    pub fn of(launch: &LaunchDocument) -> Self {
        let key = |parts: &[&str]| {
            [&["embark:", launch.site.as_str()], parts]
                .concat()
                .concat()
        };
        let reference = launch.reference.as_ref();
        let redeemed = launch.session_digest.as_ref();
        Self {
            customer: match reference {
                Some(reference) => key(&[":", reference.as_str()]),
                None => key(&[]),
            },
            redeemed: redeemed.map(|digest| key(&[":session:", digest])),
        }
    }

    /// The signup that this tab remembers for a page with this document; `read` reads an entry. One that has ended is
    /// remembered only for a page whose session is used up: with another session, another signup begins.
    pub fn load(launch: &LaunchDocument, read: impl Fn(&str) -> Option<String>) -> Option<Session> {
        let keys = Self::of(launch);
        let stored = |key: &str| Session::parse(&read(key)?, SessionSource::Stored);
        let is_used_up = launch.problem.is_some();
        let redeemed = || stored(&keys.redeemed.clone().filter(|_| is_used_up)?);
        let mut session = redeemed().or_else(|| stored(&keys.customer))?;
        session.redeemed = launch.session_digest.clone().filter(|_| is_used_up);
        Some(session)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch_document::tests::{SIGNUP, document, read};
    use serde_json::json;

    #[test]
    fn tab_remembers_an_ended_signup_for_the_session_that_it_redeemed() {
        let page = |session: &str, is_used_up: bool| {
            let mut page = document();
            page["reference"] = json!("customer-7");
            page["session"] = json!(session);
            if is_used_up {
                page["problem"] = json!({"code": "session_used", "remedy": "contact"});
            }
            read(&page).unwrap()
        };
        let keys = StorageKeys::of(&page("one", false));
        let (customer, one) = (keys.customer.as_str(), keys.redeemed.unwrap());
        let token = |digit: &str| format!("{}.g", digit.repeat(32));
        let (running, ended) = (token("b"), token("a"));
        for (name, page, entries, expected) in [
            (
                "same session",
                page("one", true),
                vec![(&*one, &ended)],
                Some(("a", Some("one"))),
            ),
            (
                "other session, used",
                page("two", true),
                vec![(&*one, &ended)],
                None,
            ),
            (
                "other session",
                page("two", false),
                vec![(&*one, &ended)],
                None,
            ),
            ("another tab", page("one", true), vec![], None),
            (
                "other session, another signup runs",
                page("two", false),
                vec![(&*one, &ended), (customer, &running)],
                Some(("b", None)),
            ),
            (
                "same session, another signup runs",
                page("one", true),
                vec![(&*one, &ended), (customer, &running)],
                Some(("a", Some("one"))),
            ),
            (
                "no session",
                read(&document()).unwrap(),
                vec![(&*one, &ended)],
                None,
            ),
        ] {
            let stored = |key: &str| {
                let entry = entries.iter().find(|(name, _)| *name == key)?;
                Some(entry.1.clone())
            };
            let found = StorageKeys::load(&page, stored);
            let found = found.map(|found| (found.signup, found.redeemed));
            let expected = expected.map(|(digit, redeemed)| {
                let signup = SignupId::parse(&digit.repeat(32)).unwrap();
                (signup, redeemed.map(str::to_owned))
            });
            assert_eq!(found, expected, "{name}");
        }
    }

    #[test]
    fn resume_token_of_another_form_is_refused() {
        let parse =
            |text: &str| Session::parse(text, SessionSource::Address).map(|session| session.grant);
        assert_eq!(
            parse(&format!("{SIGNUP}.a.b-c_d=")),
            Some("a.b-c_d=".into())
        );
        for bad in [
            "",
            ".",
            "abc.def",
            SIGNUP,
            &format!("{SIGNUP}."),
            &format!("{SIGNUP}.a b"),
        ] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
