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
    /// The session came from another page, which follows the signup too and waits for its end.
    pub handed_over: bool,
}

impl Session {
    /// Parses a resume token, `<signup>.<grant>`, from storage or from the URL. `None` if it has another
    /// form.
    pub fn parse(resume_token: &str, handed_over: bool) -> Option<Self> {
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
            handed_over,
        })
    }

    /// The signup of a launch document.
    pub fn of_launch(launch: &LaunchDocument) -> Self {
        Self {
            signup: launch.signup.clone(),
            grant: launch.grant.clone(),
            handover_grant: launch.handover_grant.clone(),
            handed_over: false,
        }
    }

    /// Replaces the signup of a launch document by this one.
    pub fn move_into(self, launch: &mut LaunchDocument) {
        launch.signup = self.signup;
        launch.grant = self.grant;
        launch.handover_grant = self.handover_grant;
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
