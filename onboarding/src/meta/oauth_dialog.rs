//! Meta's OAuth dialog as a page of its own, for browsers without popups, and the redirect URIs that an
//! exchange may name.

use embark_protocol::launch::LoginOptions;
use form_urlencoded::Serializer;
use url::{Position, Url};

/// The URL of the dialog with the parameters that `FB.login` would send
/// (<https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow>), but for `state`, which the
/// browser adds.
///
/// `dialog_origin` is Meta's, `version` the Graph API's, and `callback` the redirect URI.
pub fn dialog_url(
    dialog_origin: &str,
    version: &str,
    app_id: &str,
    login: &LoginOptions,
    callback: &str,
) -> String {
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
    [dialog_origin, "/", version, "/dialog/oauth?", &query].concat()
}

/// Whether the browser may name this redirect URI for the exchange of its code: the SDK's own `xd_arbiter` page,
/// or the deployment's `callback`. Compared whole up to the query.
pub fn is_known_redirect_uri(text: &str, callback: &str) -> bool {
    if text == callback {
        return true;
    }
    let Some(url) = Url::parse(text).ok().filter(|_| text.len() <= 2_000) else {
        return false;
    };
    let page = &url[..Position::AfterPath];
    // The text is passed on as it is, so it must not be another spelling of the page.
    let is_exact = text
        .strip_prefix(page)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['?', '#']));
    SDK_REDIRECT_PAGES.contains(&page) && is_exact
}

/// The pages that Meta's JavaScript SDK redirects its popup to; seen in the SDK, not documented.
const SDK_REDIRECT_PAGES: &[&str] = &[
    "https://staticxx.facebook.com/x/connect/xd_arbiter",
    "https://staticxx.facebook.com/x/connect/xd_arbiter/",
    "https://www.facebook.com/x/connect/xd_arbiter",
    "https://www.facebook.com/x/connect/xd_arbiter/",
];

#[cfg(test)]
mod tests {
    use super::*;
    use embark_protocol::launch::LoginExtras;
    use embark_protocol::prefill::LoginSetup;

    #[test]
    fn redirect_uri_of_the_sdk_or_the_callback_is_known() {
        let callback = "https://signup.partner.example/go/callback";
        for text in [
            callback,
            "https://staticxx.facebook.com/x/connect/xd_arbiter/?version=46#cb=f1&domain=d",
            "https://www.facebook.com/x/connect/xd_arbiter",
        ] {
            assert!(is_known_redirect_uri(text, callback), "{text}");
        }
        for text in [
            "https://signup.partner.example/go/callback2",
            "https://staticxx.facebook.com.evil.example/x/connect/xd_arbiter/",
            "https://evilfacebook.com/x/connect/xd_arbiter/",
            "https://www.evilfacebook.com/x/connect/xd_arbiter/",
            "http://staticxx.facebook.com/x/connect/xd_arbiter/",
            "https://a@staticxx.facebook.com/x/connect/xd_arbiter/",
            "https://staticxx.facebook.com@evil.example/x/connect/xd_arbiter/",
            "https://evil.example\\@staticxx.facebook.com/x/connect/xd_arbiter/",
            "https:\\\\staticxx.facebook.com\\x\\connect\\xd_arbiter\\",
            "https://staticxx.facebook.com/other",
            "https://staticxx.facebook.com:8443/x/connect/xd_arbiter/",
            "https://staticxx.facebook.com./x/connect/xd_arbiter/",
            "https://STATICXX.facebook.com/x/connect/xd_arbiter/",
            "https://staticxx.facebook.com/x/connect/xd_arbiter2",
            "https://staticxx.facebook.com/x/connect/xd_arbiter/../../x",
            "https://staticxx.facebook.com/y/../x/connect/xd_arbiter/",
            "https://staticxx.facebook.com/x/connect/xd_arbiter/%2e/",
            " https://staticxx.facebook.com/x/connect/xd_arbiter/",
            "https://static\txx.facebook.com/x/connect/xd_arbiter/",
            "",
        ] {
            assert!(!is_known_redirect_uri(text, callback), "{text}");
        }
    }

    #[test]
    fn dialog_url_has_the_parameters_of_fb_login() {
        let login = LoginOptions {
            config_id: "3000000000000001".into(),
            response_type: "code".into(),
            override_default_response_type: true,
            extras: LoginExtras {
                features: vec![],
                setup: LoginSetup::default(),
                session_info_version: "3".into(),
                feature_type: None,
                version: None,
            },
        };
        let url = dialog_url(
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
