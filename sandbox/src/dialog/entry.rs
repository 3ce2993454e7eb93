//! Who may open the dialog: known app and configuration, allowed domain or strict redirect URI, a person
//! with a role while the app is in development mode.

use super::{Choice, Dialog, Extras, Screen, WayBack};
use crate::call::Call;
use crate::state::State;
use crate::world::{App, default_scopes, random_word};
use url::Url;

/// What the refusing page says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: Option<i64>,
    pub title: &'static str,
    pub text: String,
}

pub fn admit(state: &State, call: &Call) -> Result<Dialog, Refusal> {
    let text = |name: &str| call.text(name).unwrap_or_default();
    let app = state.world.apps.get(&text("client_id"));
    let app = app.ok_or_else(|| {
        refuse(
            Some(101),
            "Invalid App ID",
            "The provided app ID does not look like a valid app ID.",
        )
    })?;
    let live = state.rules.live_mode;
    let way_back = way_back(app, call, live)?;
    if !app.config_ids.contains(&text("config_id")) {
        return Err(refuse(
            Some(100),
            "Invalid parameter",
            format!(
                "config_id {:?} is no configuration of this app.",
                text("config_id")
            ),
        ));
    }
    if text("response_type") != "code" {
        return Err(refuse(
            Some(100),
            "Invalid parameter",
            "This configuration needs response_type=code and override_default_response_type=true.",
        ));
    }
    if !live && !state.rules.person_has_role {
        return Err(refuse(
            None,
            "App not active",
            "This app is in development mode and you have no role on it.",
        ));
    }
    let extras: Extras = match call.text("extras") {
        Some(extras) => serde_json::from_str(&extras)
            .map_err(|error| refuse(Some(100), "Invalid parameter", format!("extras: {error}")))?,
        None => Extras::default(),
    };
    if let Some(word) = unknown(&extras) {
        let text = format!("extras: {word:?} is not in this version.");
        return Err(refuse(Some(100), "Invalid parameter", text));
    }
    if let Some(id) = &extras.setup.solution_id
        && !state
            .world
            .solutions
            .get(id)
            .is_some_and(|solution| solution.has(&app.id) && solution.status == "ACTIVE")
    {
        return Err(refuse(
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
        id: random_word(24),
        app_id: app.id.clone(),
        scopes: if scopes.is_empty() {
            default_scopes()
        } else {
            scopes
        },
        extras,
        way_back,
        screen: Screen::Business,
        choice: Choice::default(),
    })
}

/// The SDK's `xd_arbiter` form goes back by message to an allowed domain; anything else must stand in the
/// strict list to the letter. Development mode lets localhost in, as Meta does.
fn way_back(app: &App, call: &Call, live: bool) -> Result<WayBack, Refusal> {
    let uri = call.text("redirect_uri").unwrap_or_default();
    let words = uri
        .strip_prefix(XD_ARBITER)
        .and_then(|rest| rest.split_once('#'));
    let Some((_, fragment)) = words else {
        let local = Url::parse(&uri).is_ok_and(|url| url.host_str() == Some("localhost"));
        if app.redirect_uris.contains(&uri) || (local && !live) {
            return Ok(WayBack::Redirect {
                uri,
                state: call.text("state"),
            });
        }
        let text = format!(
            "This redirect failed because the redirect URI {uri:?} is not in the app's list of valid OAuth redirect URIs."
        );
        return Err(refuse(Some(191), "URL blocked", text));
    };
    let word = |name: &str| {
        url::form_urlencoded::parse(fragment.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let opener = word("origin").and_then(|origin| Url::parse(&origin).ok());
    let local = opener
        .as_ref()
        .is_some_and(|url| url.host_str() == Some("localhost"));
    let opener = opener
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    if !app.domains.contains(&opener) && (live || !local) {
        return Err(refuse(
            None,
            "JSSDK Unknown Host domain",
            format!("{opener:?} is not in the app's JavaScript SDK host domain list."),
        ));
    }
    let page = call
        .text("fallback_redirect_uri")
        .unwrap_or_else(|| format!("{opener}/"));
    Ok(WayBack::Popup {
        cb: word("cb").unwrap_or_default(),
        opener,
        captured: uri,
        page,
    })
}

/// What the version does not have ("Versions"). Without one the configuration decides: v4 here.
fn unknown(extras: &Extras) -> Option<String> {
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
    let named = extras.feature_type.iter().filter(|word| !word.is_empty());
    let mut strange = named.filter(|word| {
        word.as_str() != "whatsapp_business_app_onboarding" && !types.contains(&word.as_str())
    });
    let mut more = extras.features.iter().map(|feature| &feature.name);
    strange
        .next()
        .or_else(|| more.find(|name| !features.contains(&name.as_str())))
        .cloned()
}

fn refuse(code: Option<i64>, title: &'static str, text: impl Into<String>) -> Refusal {
    Refusal {
        code,
        title,
        text: text.into(),
    }
}

pub const XD_ARBITER: &str = "https://staticxx.facebook.com/x/connect/xd_arbiter/";
