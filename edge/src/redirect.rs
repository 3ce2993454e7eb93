//! The way without a popup: the hosted page itself goes to Meta's dialog, and comes back to the one
//! callback of the deployment with the code ("Manually build a login flow"). What makes the answer ours is
//! `state`: the signup and a nonce that only the browser knows which left, by a cookie of our own origin.

use crate::address::query;
use crate::grant::Grant;
use crate::run::Ms;
use crate::seal::Vault;
use embark_protocol::launch::Login;
use embark_protocol::post::{EndReason, Ended};
use embark_protocol::{Code, SignupId};
use form_urlencoded::Serializer;
use subtle::ConstantTimeEq;

/// What Meta appended to the callback's address.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Back {
    pub state: String,
    pub code: Option<String>,
    pub error: Option<String>,
    pub error_code: Option<String>,
    pub error_message: Option<String>,
}

impl Back {
    /// Out of the address that was asked for.
    pub fn read(url: &str) -> Self {
        let word = |name| query(url, name);
        Self {
            state: word("state").unwrap_or_default(),
            code: word("code"),
            error: word("error"),
            error_code: word("error_code"),
            error_message: word("error_message").or_else(|| word("error_description")),
        }
    }

    /// What this very browser left with. `cookies` is the request's `Cookie` header.
    pub fn left(&self, cookies: &str, vault: &Vault, now: Ms) -> Result<Left, Code> {
        let (signup, nonce) = self.state.split_once('.').ok_or(Code::GrantInvalid)?;
        let signup = SignupId::parse(signup).map_err(|_| Code::GrantInvalid)?;
        let name = cookie(&signup);
        let pass = cookies
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
            .ok_or(Code::GrantMissing)?;
        let (own, rest) = pass.split_once('.').ok_or(Code::GrantInvalid)?;
        let (text, said) = rest.split_once('|').unwrap_or((rest, ""));
        if nonce.len() < 16 || !bool::from(own.as_bytes().ct_eq(nonce.as_bytes())) {
            return Err(Code::GrantMismatch);
        }
        Ok(Left {
            grant: Grant::read(text, &signup, vault, now)?,
            text: text.to_owned(),
            said: said.to_owned(),
        })
    }

    /// Why there is no code.
    pub fn ended(self) -> Ended {
        let denied = self.error.as_deref() == Some("access_denied");
        Ended {
            reason: if denied {
                EndReason::Cancelled
            } else {
                EndReason::Error
            },
            attempt: None,
            current_step: None,
            error_code: self.error_code,
            error_message: self.error_message.filter(|_| !denied),
            session_id: None,
        }
    }
}

/// What a browser keeps while it is away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    pub grant: Grant,
    /// The grant as it was signed.
    text: String,
    /// The query of the page that was left.
    said: String,
}

impl Left {
    /// The page that was left, with its signup and nothing of Meta's answer.
    pub fn home(&self, origin: &str) -> String {
        // Written anew: whatever a cookie holds, it is a query and no more.
        let said = form_urlencoded::parse(self.said.trim_start_matches('?').as_bytes());
        let query = Serializer::new(String::new()).extend_pairs(said).finish();
        let mark = if query.is_empty() { "" } else { "?" };
        self.grant
            .address(origin, &[mark, &query].concat(), &self.text)
    }
}

/// The cookie's name; the same as in the widget's `page.js`.
pub fn cookie(signup: &SignupId) -> String {
    ["embark-", signup.as_str()].concat()
}

/// Meta's dialog as a page of its own, but for the `state` that the browser adds.
pub fn dialog(popups: &str, version: &str, app_id: &str, login: &Login, callback: &str) -> String {
    let extras = serde_json::to_string(&login.extras).unwrap_or_default();
    let query = Serializer::new(String::new())
        .append_pair("client_id", app_id)
        .append_pair("config_id", &login.config_id)
        .append_pair("response_type", &login.response_type)
        .append_pair("override_default_response_type", "true")
        .append_pair("redirect_uri", callback)
        .append_pair("extras", &extras)
        .append_pair("display", "page")
        .finish();
    [popups, "/", version, "/dialog/oauth?", &query].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::tests::vault;
    use embark_protocol::launch::Extras;
    use embark_protocol::prefill::Setup;
    use embark_protocol::{AppKey, SiteId};

    const NONCE: &str = "7b1f0c0e-9d3a-4a57-8a57-000000000001";

    fn grant(signup: &str) -> (Grant, String) {
        let signup = SignupId::parse(&signup.repeat(32)).unwrap();
        let (site, app) = (
            SiteId::parse("acme").unwrap(),
            AppKey::parse("main").unwrap(),
        );
        let grant = Grant::new(signup, site, app, "https://shop.example".into(), 1_000);
        let text = grant.sign(&vault()).unwrap();
        (grant, text)
    }

    #[test]
    fn only_the_browser_that_left_comes_back() {
        let (own, text) = grant("a");
        let (other, foreign) = grant("b");
        let name = cookie(&own.signup);
        let state = format!("{}.{NONCE}", own.signup);
        let read = |state: &str, cookies: &str| {
            let back = Back {
                state: state.to_owned(),
                ..Back::default()
            };
            back.left(cookies, &vault(), 2_000)
                .map(|left| left.grant.signup)
        };
        let good = format!("x=1; {name}={NONCE}.{text}; y=2");
        assert_eq!(read(&state, &good), Ok(own.signup.clone()));
        for (state, cookies, want) in [
            (state.as_str(), "", Code::GrantMissing),
            (&state, "x=1", Code::GrantMissing),
            // Somebody else's signup, brought into this browser.
            (
                &format!("{}.{NONCE}", other.signup),
                &good,
                Code::GrantMissing,
            ),
            // A signup whose id is known, with a nonce that is not.
            (
                &format!("{}.{}", own.signup, "0".repeat(36)),
                &good,
                Code::GrantMismatch,
            ),
            (
                &format!("{}.", own.signup),
                &format!("{name}=.{text}"),
                Code::GrantMismatch,
            ),
            (&state, &format!("{name}={NONCE}"), Code::GrantInvalid),
            (
                &state,
                &format!("{name}={NONCE}.{foreign}"),
                Code::GrantMismatch,
            ),
            (
                &state,
                &format!("{name}={NONCE}.{text}x"),
                Code::GrantInvalid,
            ),
            ("", &good, Code::GrantInvalid),
            (NONCE, &good, Code::GrantInvalid),
        ] {
            assert_eq!(read(state, cookies), Err(want), "{state} {cookies}");
        }
    }

    #[test]
    fn what_the_page_was_asked_for_is_said_again_on_the_way_back() {
        let (own, text) = grant("a");
        let home = |said: &str| {
            let back = Back {
                state: format!("{}.{NONCE}", own.signup),
                ..Back::default()
            };
            let cookies = format!("{}={NONCE}.{text}{said}", cookie(&own.signup));
            let left = back.left(&cookies, &vault(), 2_000).unwrap();
            left.home("https://e.example")
        };
        let pass = format!("#embark={}.{text}", own.signup);
        for (said, want) in [
            // A page of an older build says nothing.
            ("", "/go/acme"),
            ("|", "/go/acme"),
            ("|?", "/go/acme"),
            (
                "|?lang=de%2Cen&esVersion=v3",
                "/go/acme?lang=de%2Cen&esVersion=v3",
            ),
            (
                "|?prefill=%7B%22city%22%3A%22K%C3%B6ln%22%7D",
                "/go/acme?prefill=%7B%22city%22%3A%22K%C3%B6ln%22%7D",
            ),
            // It stays a query, whatever is in it.
            ("|#x", "/go/acme?%23x="),
            ("|@evil.example/", "/go/acme?%40evil.example%2F="),
            ("|?a=\t//x|y", "/go/acme?a=%09%2F%2Fx%7Cy"),
        ] {
            assert_eq!(
                home(said),
                format!("https://e.example{want}{pass}"),
                "{said}"
            );
        }
    }

    #[test]
    fn a_window_that_took_a_signup_over_still_holds_it_when_it_comes_back() {
        let (mut own, _) = grant("a");
        own.handover = Some(0);
        let text = [&own.sign(&vault()).unwrap(), "~", NONCE].concat();
        let back = Back {
            state: format!("{}.{NONCE}", own.signup),
            ..Back::default()
        };
        let cookies = format!("{}={NONCE}.{text}|", cookie(&own.signup));
        let left = back.left(&cookies, &vault(), 2_000).unwrap();
        assert!(left.grant.holder.is_some());
        let home = left.home("https://e.example");
        assert!(home.ends_with(&text), "{home}");
    }

    #[test]
    fn whoever_leaves_metas_page_has_cancelled_and_anything_else_is_an_error() {
        let back = |text: &str| Back::read(&format!("https://e.example/go/callback?{text}"));
        let left = back(
            "error=access_denied&error_reason=user_denied&error_description=Permissions+error&state=s#_=_",
        );
        assert_eq!(left.ended().reason, EndReason::Cancelled);
        let failed = back("error_code=1349048&error_message=Can%27t+load&state=s").ended();
        assert_eq!(failed.reason, EndReason::Error);
        assert_eq!(failed.error_code.as_deref(), Some("1349048"));
        assert_eq!(failed.error_message.as_deref(), Some("Can't load"));
    }

    #[test]
    fn the_dialog_gets_what_fb_login_would() {
        let login = Login {
            config_id: "3000000000000001".into(),
            response_type: "code".into(),
            override_default_response_type: true,
            extras: Extras {
                features: vec![],
                setup: Setup::default(),
                session_info_version: "3".into(),
                feature_type: None,
                version: None,
            },
        };
        let url = dialog(
            "https://www.facebook.com",
            "v25.0",
            "1000000000000001",
            &login,
            "https://e.example/go/callback",
        );
        assert_eq!(
            url,
            "https://www.facebook.com/v25.0/dialog/oauth?client_id=1000000000000001&config_id=3000000000000001\
             &response_type=code&override_default_response_type=true&redirect_uri=https%3A%2F%2Fe.example%2Fgo%2Fcallback\
             &extras=%7B%22setup%22%3A%7B%7D%2C%22sessionInfoVersion%22%3A%223%22%7D&display=page"
        );
    }
}
