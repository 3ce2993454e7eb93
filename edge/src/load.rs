//! Settings of the deployment: pure parsing, and one thin `load` over the Worker's environment.

use crate::origin::Origin;
use crate::seal::{Secret, Vault};
use worker::Env;

/// What the Worker's variables and secrets say.
pub struct Settings {
    /// The public origin: loader, frames, signups.
    pub origin: String,
    /// The operator's origin: administration.
    pub operator_origin: String,
    pub vault: Vault,
    pub operator_token: Option<Secret>,
    /// Where Meta is.
    pub meta: Meta,
}

/// Meta's addresses. Constants, but for a build with the feature `local`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meta {
    pub graph: String,
    /// The origin the SDK is loaded from.
    pub sdk: String,
    /// Exact origins whose message events count.
    pub popups: Vec<String>,
}

/// Why the deployment cannot serve. Names the variable, never its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unset(pub &'static str);

impl Settings {
    pub fn load(env: &Env) -> Result<Self, Unset> {
        let get = |name: &str| {
            env.var(name)
                .or_else(|_| env.secret(name))
                .ok()
                .map(|v| v.to_string())
        };
        Self::parse(&get)
    }

    /// Reads settings by name.
    pub fn parse(get: &dyn Fn(&str) -> Option<String>) -> Result<Self, Unset> {
        let origin = |name: &'static str| {
            get(name)
                .filter(|text| Origin::parse(text).is_some())
                .ok_or(Unset(name))
        };
        let keys: Vec<(u32, String)> = (1..=MOST_KEYS)
            .filter_map(|number| {
                Some((number, get(&["EMBARK_KEY_", &number.to_string()].concat())?))
            })
            .collect();
        let public = origin("EMBARK_ORIGIN")?;
        Ok(Self {
            meta: Meta::parse(get, &public)?,
            origin: public,
            operator_origin: origin("EMBARK_OPERATOR_ORIGIN")?,
            vault: Vault::parse(&keys).map_err(|_| Unset("EMBARK_KEY_1"))?,
            operator_token: get("EMBARK_OPERATOR_TOKEN")
                .filter(|t| t.len() >= 16)
                .map(Secret::new),
        })
    }

    /// The one redirect URI of the deployment.
    pub fn callback(&self) -> String {
        [self.origin.as_str(), "/go/callback"].concat()
    }
}

impl Meta {
    fn real() -> Self {
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
    fn parse(_: &dyn Fn(&str) -> Option<String>, _: &str) -> Result<Self, Unset> {
        Ok(Self::real())
    }

    /// A local build talks to a sandbox, and refuses to serve anywhere but on a test's own names.
    #[cfg(feature = "local")]
    fn parse(get: &dyn Fn(&str) -> Option<String>, public: &str) -> Result<Self, Unset> {
        if !is_local(public) {
            return Err(Unset("EMBARK_ORIGIN"));
        }
        let real = Self::real();
        Ok(Self {
            graph: get("EMBARK_GRAPH").unwrap_or(real.graph),
            sdk: get("EMBARK_SDK").unwrap_or(real.sdk),
            popups: get("EMBARK_POPUP_ORIGIN").map_or(real.popups, |origin| vec![origin]),
        })
    }
}

#[cfg(feature = "local")]
fn is_local(origin: &str) -> bool {
    let host = Origin::parse(origin).and_then(|origin| origin.host().map(str::to_owned));
    host.is_some_and(|host| {
        ["localhost", "127.0.0.1", "[::1]"].contains(&host.as_str())
            || [".localhost", ".test", ".example"]
                .iter()
                .any(|end| host.ends_with(end))
    })
}

/// Stands in a local build's wasm, so that a check can prove it is not in a shipped one.
#[cfg(feature = "local")]
pub const LOCAL_MARKER: &str = "EMBARK-LOCAL-BUILD";

const MOST_KEYS: u32 = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

    fn settings(change: (&str, Option<&str>)) -> Result<Settings, Unset> {
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
    fn what_is_missing_is_named() {
        assert!(settings(("", None)).is_ok());
        for name in ["EMBARK_ORIGIN", "EMBARK_OPERATOR_ORIGIN", "EMBARK_KEY_1"] {
            for value in [None, Some("nonsense")] {
                assert_eq!(settings((name, value)).err(), Some(Unset(name)));
            }
        }
    }

    #[test]
    #[cfg(not(feature = "local"))]
    fn a_shipped_build_cannot_be_pointed_elsewhere() {
        let read = settings(("EMBARK_GRAPH", Some("http://127.0.0.1:1")))
            .ok()
            .map(|s| s.meta);
        assert_eq!(read, Some(Meta::real()));
    }

    #[test]
    #[cfg(feature = "local")]
    fn a_local_build_refuses_a_real_name() {
        let real = ("EMBARK_ORIGIN", Some("https://signup.partner.com"));
        assert_eq!(settings(real).err(), Some(Unset("EMBARK_ORIGIN")));
    }
}
