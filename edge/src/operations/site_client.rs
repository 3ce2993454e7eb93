//! Who may ask a site about its signups: an operator, or the site's own back end.

use super::{Deployment, sites};
use crate::durable_objects::rpc;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply, BackendRequest};
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::site::{SiteReply, SiteRequest};
use embark_protocol::admin::SiteSettings;
use embark_protocol::{Problem, SiteId};
use worker::Env;

/// Asks one site, in the name of someone.
#[expect(
    async_fn_in_trait,
    reason = "the runtime has one thread, so that no caller needs the futures to be Send"
)]
pub trait SiteClient {
    /// The deployment.
    fn deployment(&self) -> Deployment<'_>;

    /// The site.
    fn site(&self) -> &SiteId;

    /// The settings of the site.
    ///
    /// # Errors
    /// `unknown_site`; `internal`: the site did not reply.
    async fn settings(&self) -> Result<SiteSettings, Problem>;

    /// Who asks, for keys that are this caller's own: unequal for different callers.
    fn caller_id(&self) -> String;

    /// Asks the site.
    ///
    /// # Errors
    /// The problem that the site refused the query with; `internal`: the site did not reply.
    async fn ask(&self, query: BackendQuery) -> Result<BackendReply, Problem>;
}

/// An operator, who may ask every site.
pub struct OperatorClient<'a> {
    deployment: Deployment<'a>,
    site: SiteId,
}

impl<'a> OperatorClient<'a> {
    /// Asks this site.
    pub const fn new(deployment: Deployment<'a>, site: SiteId) -> Self {
        Self { deployment, site }
    }
}

impl SiteClient for OperatorClient<'_> {
    fn deployment(&self) -> Deployment<'_> {
        self.deployment
    }

    fn site(&self) -> &SiteId {
        &self.site
    }

    async fn settings(&self) -> Result<SiteSettings, Problem> {
        sites::get(self.deployment, &self.site).await
    }

    fn caller_id(&self) -> String {
        let operator = self.deployment.operator;
        let id = operator.and_then(|operator| operator.id.as_deref());
        id.unwrap_or("operator").to_owned()
    }

    async fn ask(&self, query: BackendQuery) -> Result<BackendReply, Problem> {
        let operator = self.deployment.operator;
        let request = BackendRequest::Query {
            operator: operator.map(|operator| operator.name.clone()),
            query,
        };
        ask(self.deployment.env, &self.site, request).await
    }
}

/// Asks a site about its back end.
///
/// # Errors
/// The problem that the site refused it with; `internal`: the site did not reply.
pub async fn ask(
    env: &Env,
    site: &SiteId,
    request: BackendRequest,
) -> Result<BackendReply, Problem> {
    let request = SiteRequest::Backend(Box::new(request));
    match rpc::call(env, site, &request).await? {
        SiteReply::Backend(reply) => match *reply {
            BackendReply::Refused {
                code,
                detail,
                remedy,
            } => Err(Problem {
                detail,
                remedy: remedy.unwrap_or(code.remedy()),
                ..Problem::new(code)
            }),
            reply => Ok(reply),
        },
        SiteReply::Refused { code } => Err(Problem::new(code)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
