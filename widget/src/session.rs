//! A signup that was started earlier, and the grant that opens it.

use alloc::{borrow::ToOwned, string::String};
use embark_protocol::SignupId;

/// Longest grant, in bytes.
const MAX_GRANT: usize = 2_048;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub signup: String,
    pub grant: String,
    /// See `LaunchDocument::handover`. Empty until a snapshot offers one.
    pub handover: String,
    /// The session came from another page, which follows the signup too and waits for its end.
    pub handed_over: bool,
}

impl Session {
    /// Parses a resume token, `<signup>.<grant>`, from storage or from the URL. `None` if it has another
    /// form.
    pub fn parse(resume_token: &str, handed_over: bool) -> Option<Self> {
        let (signup, grant) = resume_token.split_once('.')?;
        let is_valid = SignupId::parse(signup).is_ok()
            && !grant.is_empty()
            && grant.len() <= MAX_GRANT
            && grant
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.~=".contains(&b));
        is_valid.then(|| Self {
            signup: signup.to_owned(),
            grant: grant.to_owned(),
            handover: String::new(),
            handed_over,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNUP: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn resume_token_of_another_form_is_refused() {
        let parse = |text: &str| Session::parse(text, true).map(|session| session.grant);
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
