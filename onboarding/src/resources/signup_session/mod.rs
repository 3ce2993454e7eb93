//! A session: the partner's back end begins a signup for one customer, whom it names. The page that is given its text can
//! begin that signup, within a quarter of an hour and once; what the session says, the page cannot change. Opening the page
//! changes nothing; the first post of the signup redeems the session.

mod presented;

pub use presented::{PresentedSession, SessionSecret, SessionText, pass_on};

use crate::crypto::sha256_hex;
use crate::meta::login_options;
use crate::resources::one_time::{OneTime, check_usable};
use crate::resources::site_origins::allows_origin;
use crate::settings_error::{SettingsError, SettingsErrors};
use crate::time::UnixMillis;
use core::time::Duration;
use embark_protocol::admin::SiteSettings;
use embark_protocol::backend::SessionRequest;
use embark_protocol::{ProblemCode, Reference, SignupId, SiteId};
use serde::{Deserialize, Serialize};

/// A session as the Site object stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignupSession {
    /// SHA-256 of its text.
    pub digest: String,
    /// What the back end ordered.
    pub order: SessionRequest,
    /// Until when it can be redeemed.
    pub expires_at: UnixMillis,
    /// The signup that redeemed it. `None`: none yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used_by: Option<SignupId>,
    /// When that was. `None`: it was not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub used_at: Option<UnixMillis>,
}

impl SignupSession {
    /// The session that a back end ordered. `own_origin`: the deployment's, which the hosted page has.
    ///
    /// # Errors
    /// The origin is neither one of the site's nor the deployment's, or the options are not valid for the site.
    pub fn create(
        secret: &SessionSecret,
        order: SessionRequest,
        site: &SiteSettings,
        own_origin: &str,
        now: UnixMillis,
    ) -> Result<Self, SettingsErrors> {
        let is_known = |origin: &String| origin == own_origin || allows_origin(site, origin);
        SettingsError::require(
            order.origin.as_ref().is_none_or(is_known),
            "origin",
            "one of the site's origins, or that of the hosted page",
        )?;
        login_options::validate(&with_session(site.clone(), &order))?;
        Ok(Self {
            digest: secret.digest(),
            order,
            expires_at: now + LIFETIME,
            used_by: None,
            used_at: None,
        })
    }

    /// What a page of this origin learns of it. `None` for the origin: a page that may use it passed it on to the hosted
    /// page. Changes nothing.
    pub fn look_up(&self, page_origin: Option<&str>, now: UnixMillis) -> SessionLookup {
        let is_elsewhere = |bound: &String| page_origin.is_some_and(|origin| origin != bound);
        if self.order.origin.as_ref().is_some_and(is_elsewhere) {
            return SessionLookup::refused(ProblemCode::SessionOrigin);
        }
        let problem = check_usable(self, now).err();
        // The signup that redeemed it goes on in this page, with what the session says.
        let is_told = problem.is_none_or(|code| code == ProblemCode::SessionUsed);
        SessionLookup {
            order: is_told.then(|| Box::new(self.order.clone())),
            problem,
        }
    }
}

impl OneTime for SignupSession {
    const USED: ProblemCode = ProblemCode::SessionUsed;
    const EXPIRED: ProblemCode = ProblemCode::SessionExpired;

    fn expires_at(&self) -> UnixMillis {
        self.expires_at
    }

    fn used_by(&self) -> Option<&SignupId> {
        self.used_by.as_ref()
    }

    fn set_used(&mut self, signup: &SignupId, now: UnixMillis) {
        self.used_by = Some(signup.clone());
        self.used_at = Some(now);
    }
}

/// What a page learns of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionLookup {
    /// What it says. `None`: the page may not use it.
    pub order: Option<Box<SessionRequest>>,
    /// Why no signup can be begun with it. `None`: one can.
    pub problem: Option<ProblemCode>,
}

impl SessionLookup {
    /// The session cannot be used, and nothing is said of it.
    pub const fn refused(code: ProblemCode) -> Self {
        Self {
            order: None,
            problem: Some(code),
        }
    }
}

/// The settings of a site with what a session says in place of its own.
#[must_use]
pub fn with_session(site: SiteSettings, order: &SessionRequest) -> SiteSettings {
    let options = order.options.clone();
    SiteSettings {
        config_id: options.config_id.unwrap_or(site.config_id),
        solution_id: options.solution_id.or(site.solution_id),
        feature_type: options.feature_type.or(site.feature_type),
        features: options.features.unwrap_or(site.features),
        session_info_version: options.session_info_version.or(site.session_info_version),
        es_version: options.es_version.or(site.es_version),
        graph_version: options.graph_version.or(site.graph_version),
        sdk_locale: options.sdk_locale.or(site.sdk_locale),
        prefill: order.prefill.clone().unwrap_or(site.prefill),
        ..site
    }
}

/// What a browser tab remembers of a customer's signup belongs to this: the same for every session of the customer, and
/// none that a page can name.
pub fn tab_reference(site: &SiteId, reference: &Reference) -> Option<Reference> {
    let text = ["session/", site.as_str(), "/", reference.as_str()].concat();
    Reference::parse(&sha256_hex(text.as_bytes())).ok()
}

/// How long a session can be redeemed.
const LIFETIME: Duration = Duration::from_mins(15);
/// How many sessions of a site can be open at a time: neither redeemed nor expired.
pub const MAX_OPEN: u32 = 1_000;
/// How long a session is kept after it expired, so that pages are told that it has.
pub const KEPT_UNUSED: Duration = Duration::from_hours(24);
/// How long one that was redeemed is kept: longer than its signup.
pub const KEPT_USED: Duration = Duration::from_hours(120 * 24);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::one_time::redeem;
    use crate::resources::site::tests::config;
    use serde_json::{Value, json};

    const OWN: &str = "https://signup.example";
    const SHOP: &str = "https://shop.example";

    fn secret() -> SessionSecret {
        SessionSecret::new(SiteId::parse("acme").unwrap(), &"0f".repeat(32))
    }

    fn create(order: Value) -> Result<SignupSession, String> {
        let order: SessionRequest =
            serde_json::from_value(order).map_err(|error| error.to_string())?;
        let created =
            SignupSession::create(&secret(), order, &config(), OWN, UnixMillis(1_000_000));
        created.map_err(|error| error.to_string())
    }

    #[test]
    fn order_is_refused_with_the_field_that_is_not_valid() {
        for (order, field) in [
            (json!({"reference": "7"}), None),
            (json!({"reference": "7", "origin": SHOP}), None),
            (json!({"reference": "7", "origin": OWN}), None),
            (
                json!({"reference": "7", "prefill": {"business_id": "2000000000000009"},
                "options": {"config_id": "3000000000000009", "features": ["app_only_install"]}}),
                None,
            ),
            (json!({}), Some("reference")),
            (json!({"reference": ""}), Some("a reference")),
            (json!({"reference": "x".repeat(201)}), Some("a reference")),
            (json!({"reference": "7", "more": 1}), Some("more")),
            (
                json!({"reference": "7", "origin": "https://evil.example"}),
                Some("origin"),
            ),
            (
                json!({"reference": "7", "origin": "https://shop.example/"}),
                Some("origin"),
            ),
            (
                json!({"reference": "7", "prefill": {"country": "Germany"}}),
                Some("prefill: country"),
            ),
            (
                json!({"reference": "7", "prefill": {"land": "DE"}}),
                Some("land"),
            ),
            (
                json!({"reference": "7", "options": {"config_id": "x"}}),
                Some("config_id"),
            ),
            (
                json!({"reference": "7", "options": {"prefill": {}}}),
                Some("prefill"),
            ),
            (
                json!({"reference": "7", "options": {"es_version": "v9"}}),
                Some("es_version"),
            ),
        ] {
            let error = create(order.clone()).err();
            match field {
                None => assert_eq!(error, None, "{order}"),
                Some(field) => assert!(error.unwrap().contains(field), "{order}"),
            }
        }
    }

    #[test]
    fn session_is_redeemed_by_one_signup_within_a_quarter_of_an_hour() {
        let signup = |digit: &str| SignupId::parse(&digit.repeat(32)).unwrap();
        let (one, two) = (signup("a"), signup("b"));
        let mut session = create(json!({"reference": "7"})).unwrap();
        let end = UnixMillis(1_000_000 + 15 * 60_000);
        assert_eq!(session.expires_at, end);
        let late = end + Duration::from_millis(1);
        assert_eq!(
            redeem(&mut session, &one, late),
            Err(ProblemCode::SessionExpired)
        );
        assert_eq!(redeem(&mut session, &one, end), Ok(true));
        assert_eq!(redeem(&mut session, &one, late), Ok(false));
        assert_eq!(
            redeem(&mut session, &two, end),
            Err(ProblemCode::SessionUsed)
        );
        assert_eq!((session.used_by, session.used_at), (Some(one), Some(end)));
    }

    #[test]
    fn page_learns_of_a_session_what_its_origin_and_the_time_permit() {
        let used = |mut session: SignupSession| {
            session.set_used(&SignupId::parse(&"a".repeat(32)).unwrap(), UnixMillis(1));
            session
        };
        let any = create(json!({"reference": "7"})).unwrap();
        let bound = create(json!({"reference": "7", "origin": SHOP})).unwrap();
        let hosted = create(json!({"reference": "7", "origin": OWN})).unwrap();
        let (in_time, late) = (UnixMillis(1_000_000), UnixMillis(9_000_000));
        let www = Some("https://www.shop.example");
        for (name, session, origin, now, problem, is_told) in [
            ("any", &any, www, in_time, None, true),
            ("bound", &bound, Some(SHOP), in_time, None, true),
            (
                "bound, elsewhere",
                &bound,
                www,
                in_time,
                Some(ProblemCode::SessionOrigin),
                false,
            ),
            (
                "bound, hosted",
                &bound,
                Some(OWN),
                in_time,
                Some(ProblemCode::SessionOrigin),
                false,
            ),
            ("bound, passed on", &bound, None, in_time, None, true),
            ("hosted", &hosted, Some(OWN), in_time, None, true),
            (
                "hosted, elsewhere",
                &hosted,
                Some(SHOP),
                in_time,
                Some(ProblemCode::SessionOrigin),
                false,
            ),
            (
                "expired",
                &any,
                www,
                late,
                Some(ProblemCode::SessionExpired),
                false,
            ),
            (
                "used",
                &used(any.clone()),
                www,
                late,
                Some(ProblemCode::SessionUsed),
                true,
            ),
            (
                "used, elsewhere",
                &used(bound.clone()),
                www,
                late,
                Some(ProblemCode::SessionOrigin),
                false,
            ),
        ] {
            let found = session.look_up(origin, now);
            assert_eq!(
                (found.problem, found.order.is_some()),
                (problem, is_told),
                "{name}"
            );
        }
    }

    #[test]
    fn session_stands_above_the_settings_that_it_names() {
        let order = json!({"reference": "7", "prefill": {"business_id": "2000000000000009"},
            "options": {"config_id": "3000000000000009", "features": [], "sdk_locale": "de_DE"}});
        let mut site = config();
        site.features = vec!["app_only_install".into()];
        site.es_version = Some("v4".into());
        site.prefill.display_name = Some("A page's".into());
        let order: SessionRequest = serde_json::from_value(order).unwrap();
        let merged = with_session(site, &order);
        assert_eq!(merged.config_id, "3000000000000009");
        assert!(merged.features.is_empty());
        assert_eq!(merged.es_version.as_deref(), Some("v4"));
        assert_eq!(merged.sdk_locale.as_deref(), Some("de_DE"));
        assert_eq!(merged.prefill.display_name, None);
        assert_eq!(
            merged.prefill.business_id.as_deref(),
            Some("2000000000000009")
        );
    }

    #[test]
    fn tab_remembers_one_customer_of_one_site() {
        let of = |site: &str, reference: &str| {
            let reference = Reference::parse(reference).unwrap();
            tab_reference(&SiteId::parse(site).unwrap(), &reference).unwrap()
        };
        assert_eq!(of("acme", "7"), of("acme", "7"));
        assert_ne!(of("acme", "7"), of("acme", "8"));
        assert_ne!(of("acme", "7"), of("rival", "7"));
        assert_ne!(of("acme", "7").as_str(), "7");
    }
}
