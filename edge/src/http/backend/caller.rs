//! Who calls, by the token of the request.

use crate::http::incoming::Incoming;
use crate::http::public::site_settings::site_settings;
use crate::http::rate_limit::{self, TokenKind};
use crate::operations::Deployment;
use crate::operations::site_client::{SiteClient, ask};
use embark_onboarding::resources::backend::{
    BackendQuery, BackendReply, BackendRequest, BackendTokenSecret,
};
use embark_onboarding::telemetry::Subject;
use embark_protocol::admin::SiteSettings;
use embark_protocol::{Problem, ProblemCode, SiteId};

/// A caller who names a site that exists. Whether the token is one of the site is checked by the site, with each query.
pub struct Caller<'a> {
    incoming: &'a Incoming<'a>,
    token: BackendTokenSecret,
    settings: SiteSettings,
}

impl<'a> Caller<'a> {
    /// Reads the token of the request. No object is asked for a site that no operator put.
    ///
    /// # Errors
    /// `unauthorized`: there is none, it has another form, or its site does not exist. `too_many_requests`.
    pub async fn authenticate(incoming: &'a Incoming<'a>) -> Result<Self, Problem> {
        rate_limit::check_wrong_tokens(incoming, TokenKind::Backend)?;
        let found = Self::find(incoming).await?;
        match found {
            Some(caller) => Ok(caller),
            None => Err(refuse(incoming).await),
        }
    }

    async fn find(incoming: &'a Incoming<'a>) -> Result<Option<Self>, Problem> {
        let token = incoming.bearer_token();
        let token = token.and_then(|text| BackendTokenSecret::parse(&text).ok());
        let Some(token) = token else {
            return Ok(None);
        };
        let settings = site_settings(incoming.env, &token.site).await?;
        if settings.is_some() {
            incoming.trace.add(&Subject::site(&token.site));
        }
        Ok(settings.map(|settings| Self {
            incoming,
            token,
            settings,
        }))
    }

    /// Counts the token as a wrong one, and returns the problem: the request is for another site.
    pub async fn refuse(&self) -> Problem {
        refuse(self.incoming).await
    }
}

impl SiteClient for Caller<'_> {
    fn deployment(&self) -> Deployment<'_> {
        self.incoming.deployment()
    }

    fn site(&self) -> &SiteId {
        &self.token.site
    }

    async fn settings(&self) -> Result<SiteSettings, Problem> {
        Ok(self.settings.clone())
    }

    fn caller_id(&self) -> String {
        self.token.digest()
    }

    /// Also `unauthorized`: the token is none of the site; `insufficient_scope`.
    async fn ask(&self, query: BackendQuery) -> Result<BackendReply, Problem> {
        let digest = self.token.digest();
        let request = BackendRequest::TokenQuery { digest, query };
        match ask(self.incoming.env, self.site(), request).await {
            Err(problem) if problem.code == ProblemCode::Unauthorized => {
                Err(refuse(self.incoming).await)
            }
            result => result,
        }
    }
}

/// Counts a wrong token.
async fn refuse(incoming: &Incoming<'_>) -> Problem {
    match rate_limit::count_wrong_token(incoming, TokenKind::Backend).await {
        Ok(()) => Problem::new(ProblemCode::Unauthorized)
            .with_detail("Authorization: Bearer <a back-end token of the site>; of the site that the address names, if it names one"),
        Err(problem) => problem,
    }
}
