//! Settings of the deployment: the Worker's variables and secrets, parsed.

use crate::clock;
use crate::random;
use embark_onboarding::auth::access::{AccessSettings, AccessSettingsError};
use embark_onboarding::crypto::{Keyring, Secret};
use embark_onboarding::resources::event_delivery::LinkSigner;
use embark_onboarding::retention::Retention;
use embark_onboarding::web::origin::Origin;
use embark_onboarding::workflow::Context;
use worker::Env;

/// The settings of a deployment.
pub struct Settings {
    /// Origin of loader, frames and signups, from `EMBARK_ORIGIN`.
    pub origin: String,
    /// Origin of the administration API, from `EMBARK_OPERATOR_ORIGIN`.
    pub operator_origin: String,
    /// The sealing keys, from `EMBARK_KEY_1` to `EMBARK_KEY_16`.
    pub keyring: Keyring,
    /// The token of the administration API, from `EMBARK_OPERATOR_TOKEN`. `None`: absent, or shorter than 16
    /// characters; the administration API then refuses everything.
    pub operator_token: Option<Secret>,
    /// The application of Cloudflare Access before the operator's host, from `ACCESS_TEAM_DOMAIN` and `ACCESS_AUD`. `None`: there
    /// is none. An error is one line of the deployment's health; operators then sign in with their tokens.
    pub access: Result<Option<AccessSettings>, AccessSettingsError>,
    /// Meta's addresses.
    pub meta: MetaOrigins,
    /// How long things are kept, from `EMBARK_KEEP_…_DAYS`.
    pub retention: Retention,
}

/// Meta's addresses. Constants, except in builds with the feature `local`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetaOrigins {
    /// Origin of the Graph API.
    pub graph: String,
    /// Origin that Meta's JavaScript SDK is loaded from.
    pub sdk: String,
    /// Origins that the popup posts its messages from; OAuth's dialog is at the first.
    pub popups: Vec<String>,
}

/// A variable or secret of the deployment is missing or malformed: its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MissingVar(pub &'static str);

impl core::fmt::Display for MissingVar {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} is missing or malformed", self.0)
    }
}

impl core::error::Error for MissingVar {}

impl Settings {
    /// What the links of events are made with, from now on.
    pub fn link_signer(&self) -> LinkSigner<'_> {
        LinkSigner {
            origin: &self.origin,
            keyring: &self.keyring,
            now: clock::now(),
        }
    }

    /// Reads the Worker's variables and secrets.
    ///
    /// # Errors
    /// The first one that is missing or malformed.
    pub fn load(env: &Env) -> Result<Self, MissingVar> {
        let get = |name: &str| {
            let var = env.var(name).map(|var| var.to_string());
            var.or_else(|_| env.secret(name).map(|secret| secret.to_string()))
                .ok()
        };
        Self::parse(&get)
    }

    /// Parses the variables that `get` returns by name.
    ///
    /// # Errors
    /// The first one that is missing or malformed.
    pub fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, MissingVar> {
        let origin = |name: &'static str| {
            get(name)
                .filter(|text| Origin::parse(text).is_some())
                .ok_or(MissingVar(name))
        };
        let keys: Vec<(u32, String)> = (1..=MAX_KEYS)
            .filter_map(|number| {
                let key = get(&["EMBARK_KEY_", &number.to_string()].concat())?;
                Some((number, key))
            })
            .collect();
        let public = origin("EMBARK_ORIGIN")?;
        Ok(Self {
            meta: MetaOrigins::parse(get, &public)?,
            origin: public,
            operator_origin: origin("EMBARK_OPERATOR_ORIGIN")?,
            keyring: Keyring::parse(&keys).map_err(|_| MissingVar("EMBARK_KEY_1"))?,
            operator_token: get("EMBARK_OPERATOR_TOKEN")
                .filter(|token| token.len() >= MIN_TOKEN_LENGTH)
                .map(Secret::new),
            retention: Retention::parse(get).map_err(MissingVar)?,
            access: AccessSettings::parse(
                get("ACCESS_TEAM_DOMAIN").as_deref(),
                get("ACCESS_AUD").as_deref(),
            ),
        })
    }

    /// The redirect URI of the deployment, to be listed in the Meta app.
    pub fn callback(&self) -> String {
        [self.origin.as_str(), "/go/callback"].concat()
    }

    /// What the rules may read, as of now.
    pub fn context(&self) -> Context<'_> {
        Context {
            now: clock::now(),
            keyring: &self.keyring,
            random_bytes: &random::random_bytes,
            retention: self.retention,
        }
    }
}

impl MetaOrigins {
    fn production() -> Self {
        let popups = [
            "https://www.facebook.com",
            "https://web.facebook.com",
            "https://business.facebook.com",
        ];
        Self {
            graph: "https://graph.facebook.com".to_owned(),
            sdk: "https://connect.facebook.net".to_owned(),
            popups: popups.map(str::to_owned).to_vec(),
        }
    }

    #[cfg(not(feature = "local"))]
    fn parse(_: &dyn Fn(&str) -> Option<String>, _: &str) -> Result<Self, MissingVar> {
        Ok(Self::production())
    }

    /// A local build may be pointed at a sandbox, and serves on host names of tests only.
    #[cfg(feature = "local")]
    fn parse(get: &dyn Fn(&str) -> Option<String>, public: &str) -> Result<Self, MissingVar> {
        if !is_local(public) {
            return Err(MissingVar("EMBARK_ORIGIN"));
        }
        let production = Self::production();
        Ok(Self {
            graph: get("EMBARK_GRAPH").unwrap_or(production.graph),
            sdk: get("EMBARK_SDK").unwrap_or(production.sdk),
            popups: get("EMBARK_POPUP_ORIGIN").map_or(production.popups, |origin| vec![origin]),
        })
    }
}

#[cfg(feature = "local")]
fn is_local(origin: &str) -> bool {
    let hostname = Origin::parse(origin).map(|origin| origin.hostname().to_owned());
    hostname.is_some_and(|hostname| {
        ["localhost", "127.0.0.1", "[::1]"].contains(&hostname.as_str())
            || [".localhost", ".test", ".example"]
                .iter()
                .any(|suffix| hostname.ends_with(suffix))
    })
}

/// Path of the widget's build, fixed when the Worker is built.
pub const BUILD_PATH: &str = match option_env!("EMBARK_BUILD") {
    Some(path) => path,
    None => "/b/unbuilt",
};

/// Text that only a local build's wasm contains: `cargo xtask check` searches the release build for it.
#[cfg(feature = "local")]
pub const LOCAL_MARKER: &str = "EMBARK-LOCAL-BUILD";

const MAX_KEYS: u32 = 16;
/// In bytes.
const MIN_TOKEN_LENGTH: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

    fn settings(change: (&str, Option<&str>)) -> Result<Settings, MissingVar> {
        let get = |name: &str| {
            let default = match name {
                "EMBARK_ORIGIN" => Some("https://signup.partner.example"),
                "EMBARK_OPERATOR_ORIGIN" => Some("https://operator.partner.example"),
                "EMBARK_KEY_1" => Some(KEY),
                _ => None,
            };
            if name == change.0 { change.1 } else { default }.map(str::to_owned)
        };
        Settings::parse(&get)
    }

    #[test]
    fn missing_variable_is_named() {
        assert!(settings(("", None)).is_ok());
        for name in ["EMBARK_ORIGIN", "EMBARK_OPERATOR_ORIGIN", "EMBARK_KEY_1"] {
            for value in [None, Some("nonsense")] {
                assert_eq!(settings((name, value)).err(), Some(MissingVar(name)));
            }
        }
    }

    #[test]
    fn one_variable_of_access_alone_refuses_nothing_else() {
        let access = |change| settings(change).map(|settings| settings.access);
        assert_eq!(access(("", None)), Ok(Ok(None)));
        let domain = ("ACCESS_TEAM_DOMAIN", Some("partner.cloudflareaccess.com"));
        assert_eq!(access(domain), Ok(Err(AccessSettingsError::NoAudience)));
    }

    #[test]
    #[cfg(not(feature = "local"))]
    fn release_build_ignores_other_graph_origin() {
        let meta = settings(("EMBARK_GRAPH", Some("http://127.0.0.1:1")))
            .ok()
            .map(|s| s.meta);
        assert_eq!(meta, Some(MetaOrigins::production()));
    }

    #[test]
    #[cfg(feature = "local")]
    fn local_build_refuses_production_hostname() {
        let production = ("EMBARK_ORIGIN", Some("https://signup.partner.com"));
        assert_eq!(
            settings(production).err(),
            Some(MissingVar("EMBARK_ORIGIN"))
        );
    }
}
