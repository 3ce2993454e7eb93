//! Whether a request may open the dialog: known app and configuration, allowed domain or redirect URI, supported
//! extras, and a person with a role while the app is in development mode.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/versions>

use crate::http::IncomingRequest;
use crate::state::SandboxState;
use crate::world::{
    App, Dialog, Extras, ReturnPath, Screen, Selections, XD_ARBITER, default_scopes,
    random_alphanumeric,
};
use url::Url;

/// Why the dialog does not open: the content of the error page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DialogRefusal {
    /// Meta's error code, where Meta shows one.
    pub code: Option<i64>,
    pub title: &'static str,
    pub text: String,
}

/// The new dialog, at its first screen.
///
/// # Errors
/// The reason, to show to the person.
pub fn check_request(
    state: &SandboxState,
    request: &IncomingRequest,
) -> Result<Dialog, DialogRefusal> {
    let text = |name: &str| request.param_text(name).unwrap_or_default();
    let app = state.world.apps.get(&text("client_id"));
    let app = app.ok_or_else(|| {
        refusal(
            Some(101),
            "Invalid App ID",
            "The provided app ID does not look like a valid app ID.",
        )
    })?;
    let live = state.rules.live_mode;
    let return_path = return_path(app, request, live)?;
    if !app.config_ids.contains(&text("config_id")) {
        return Err(refusal(
            Some(100),
            "Invalid parameter",
            format!(
                "config_id {:?} is no configuration of this app.",
                text("config_id")
            ),
        ));
    }
    if text("response_type") != "code" {
        return Err(refusal(
            Some(100),
            "Invalid parameter",
            "This configuration needs response_type=code and override_default_response_type=true.",
        ));
    }
    if !live && !state.rules.person_has_role {
        return Err(refusal(
            None,
            "App not active",
            "This app is in development mode and you have no role on it.",
        ));
    }
    let extras: Extras = match request.param_text("extras") {
        Some(extras) => serde_json::from_str(&extras)
            .map_err(|error| refusal(Some(100), "Invalid parameter", format!("extras: {error}")))?,
        None => Extras::default(),
    };
    if let Some(value) = unsupported_value(&extras) {
        let text = format!("extras: {value:?} is not in this version.");
        return Err(refusal(Some(100), "Invalid parameter", text));
    }
    if let Some(id) = &extras.setup.solution_id
        && !state
            .world
            .solutions
            .get(id)
            .is_some_and(|solution| solution.includes_app(&app.id) && solution.is_open())
    {
        return Err(refusal(
            None,
            "Something went wrong",
            format!("Partner solution {id} is not active."),
        ));
    }
    let scopes = text("scope");
    let scopes: Vec<String> = scopes
        .split(',')
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect();
    Ok(Dialog {
        id: random_alphanumeric(24),
        app_id: app.id.clone(),
        scopes: if scopes.is_empty() {
            default_scopes()
        } else {
            scopes
        },
        extras,
        return_path,
        screen: Screen::Business,
        selections: Selections::default(),
    })
}

/// A `redirect_uri` in the SDK's `xd_arbiter` form returns by message to an allowed domain. Any other one must be in the
/// app's list of redirect URIs exactly. Development mode also allows `localhost`, as Meta does.
///
/// # Errors
/// When domain or URI is not allowed.
fn return_path(
    app: &App,
    request: &IncomingRequest,
    live: bool,
) -> Result<ReturnPath, DialogRefusal> {
    let uri = request.param_text("redirect_uri").unwrap_or_default();
    let arbiter = uri
        .strip_prefix(XD_ARBITER)
        .and_then(|rest| rest.split_once('#'));
    let Some((_, fragment)) = arbiter else {
        let is_localhost = Url::parse(&uri).is_ok_and(|url| url.host_str() == Some("localhost"));
        if app.redirect_uris.contains(&uri) || (is_localhost && !live) {
            return Ok(ReturnPath::Redirect {
                uri,
                state: request.param_text("state"),
            });
        }
        let text = format!(
            "This redirect failed because the redirect URI {uri:?} is not in the app's list of valid OAuth redirect URIs."
        );
        return Err(refusal(Some(191), "URL blocked", text));
    };
    let fragment_param = |name: &str| {
        url::form_urlencoded::parse(fragment.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let opener = fragment_param("origin").and_then(|origin| Url::parse(&origin).ok());
    let is_localhost = opener
        .as_ref()
        .is_some_and(|url| url.host_str() == Some("localhost"));
    let opener = opener
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    if !app.domains.contains(&opener) && (live || !is_localhost) {
        return Err(refusal(
            None,
            "JSSDK Unknown Host domain",
            format!("{opener:?} is not in the app's JavaScript SDK host domain list."),
        ));
    }
    let page = request
        .param_text("fallback_redirect_uri")
        .unwrap_or_else(|| format!("{opener}/"));
    Ok(ReturnPath::Popup {
        cb: fragment_param("cb").unwrap_or_default(),
        opener,
        captured: uri,
        page,
    })
}

/// The first version, `featureType` or feature name that does not exist in the requested version of Embedded Signup.
/// Without a version the configuration decides, which is v4 here.
fn unsupported_value(extras: &Extras) -> Option<String> {
    let version = extras.version.as_deref().unwrap_or("v4");
    let (types, features): (&[&str], &[&str]) = match version {
        "v2" => (&["only_waba_sharing"], &["marketing_messages_lite"]),
        "v2-public-preview" => (
            &["only_waba_sharing", "marketing_messages_lite"],
            &["marketing_messages_lite", "app_only_install"],
        ),
        "v3" | "v3-public-preview" | "v4-public-preview" => {
            (&[], &["marketing_messages_lite", "app_only_install"])
        }
        "v4" => (&[], &["app_only_install"]),
        other => return Some(other.to_owned()),
    };
    let feature_type = extras.feature_type.as_ref().filter(|name| {
        !["", "whatsapp_business_app_onboarding"].contains(&name.as_str())
            && !types.contains(&name.as_str())
    });
    let mut feature_names = extras.features.iter().map(|feature| &feature.name);
    feature_type
        .or_else(|| feature_names.find(|name| !features.contains(&name.as_str())))
        .cloned()
}

fn refusal(code: Option<i64>, title: &'static str, text: impl Into<String>) -> DialogRefusal {
    DialogRefusal {
        code,
        title,
        text: text.into(),
    }
}
