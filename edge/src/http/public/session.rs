//! The session of a request for a launch document: what the partner's back end says of this signup.

use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::signup_session::{
    PresentedSession, SessionLookup, SessionSecret, pass_on,
};
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_protocol::admin::{SessionRule, SiteSettings};
use embark_protocol::backend::SessionRequest;
use embark_protocol::{Problem, ProblemCode, SiteId};

/// The session of a launch, looked up. That changes nothing.
#[derive(Default)]
pub struct LaunchSession {
    /// Its text. `None`: the request has none that could be one of this site.
    secret: Option<SessionSecret>,
    /// What it says. `None`: there is none, or this page may not use it.
    pub order: Option<Box<SessionRequest>>,
    /// Why no signup can be begun. The page is still rendered, so that a signup that was begun earlier can continue.
    pub problem: Option<Problem>,
}

impl LaunchSession {
    /// Looks the session of the request up. `page_origin`: that of the page with the tag; our own for the hosted page.
    ///
    /// # Errors
    /// `internal`: the site did not reply.
    pub async fn find(
        incoming: &Incoming<'_>,
        site: &SiteId,
        settings: &SiteSettings,
        page_origin: &str,
    ) -> Result<Self, Problem> {
        let text = incoming.query("session").filter(|text| !text.is_empty());
        let Some(text) = text else {
            let is_missing = settings.sessions == SessionRule::Required;
            let problem = is_missing.then(|| Problem::new(ProblemCode::SessionRequired));
            return Ok(Self {
                problem,
                ..Self::default()
            });
        };
        let refused = |code| Self {
            problem: Some(Problem::new(code)),
            ..Self::default()
        };
        let keyring = &incoming.settings.keyring;
        let Some(presented) = PresentedSession::parse(&text, keyring) else {
            return Ok(refused(ProblemCode::SessionUnknown));
        };
        let PresentedSession {
            secret,
            is_passed_on,
        } = presented;
        if secret.site != *site {
            return Ok(refused(ProblemCode::SessionForeign));
        }
        let is_passed_on = is_passed_on && page_origin == incoming.settings.origin;
        let check = SiteRequest::CheckSession {
            digest: secret.digest(),
            page_origin: (!is_passed_on).then(|| page_origin.to_owned()),
        };
        match rpc::call(incoming.env, site, &check).await? {
            SiteReply::Session(SessionLookup { order, problem }) => Ok(Self {
                secret: Some(secret),
                order,
                problem: problem.map(Problem::new),
            }),
            _ => Err(RpcError::UnexpectedReply.into()),
        }
    }

    /// SHA-256 of the session, if a signup can be begun with it.
    pub fn digest(&self) -> Option<String> {
        let secret = self.secret.as_ref();
        let secret = secret.filter(|_| self.problem.is_none());
        secret.map(SessionSecret::digest)
    }

    /// SHA-256 of the session. `None`: this page may not use it.
    pub fn named_digest(&self) -> Option<String> {
        let secret = self.secret.as_ref().filter(|_| self.order.is_some())?;
        Some(secret.digest())
    }

    /// What the hosted page is given in its address. `None`: this page may not use the session.
    pub fn passed_on(&self, incoming: &Incoming<'_>) -> Option<String> {
        let secret = self.secret.as_ref().filter(|_| self.order.is_some())?;
        Some(pass_on(secret, &incoming.settings.keyring))
    }

    /// Whether the session decides on this option of the tag, so that the page's is not read.
    pub fn decides_on(&self, tag_option: &str) -> bool {
        let Some(order) = &self.order else {
            return false;
        };
        let options = &order.options;
        match tag_option {
            "configId" => options.config_id.is_some(),
            "solutionId" => options.solution_id.is_some(),
            "featureType" => options.feature_type.is_some(),
            "features" => options.features.is_some(),
            "sessionInfoVersion" => options.session_info_version.is_some(),
            "esVersion" => options.es_version.is_some(),
            "graphVersion" => options.graph_version.is_some(),
            "sdkLocale" => options.sdk_locale.is_some(),
            "prefill" => order.prefill.is_some(),
            _ => false,
        }
    }
}
