//! Accounts that Meta's webhooks name and no site owns.

use super::{Deployment, sites};
use crate::clock;
use crate::durable_objects::rpc;
use embark_onboarding::resources::list_cursor::ListCursor;
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::waba::{WabaReply, WabaRequest};
use embark_protocol::admin::{AssignRequest, AssignResponse, UnclaimedPage};
use embark_protocol::{Problem, ProblemCode, WabaId};

/// A page of the accounts that no site owns and that Meta's webhooks said something of, the newest of the list first. `after`: where
/// the page before ended.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn list(
    deployment: Deployment<'_>,
    after: Option<ListCursor>,
    limit: u32,
) -> Result<UnclaimedPage, Problem> {
    let at = clock::now();
    let request = PartnerRequest::Unclaimed { at, after, limit };
    match rpc::call(deployment.env, &Singleton, &request).await? {
        PartnerReply::Unclaimed(page) => Ok(page),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// Signs an account that nobody owns up for a site. The result has the signup.
///
/// # Errors
/// `unknown_site`; `not_found`: the account has an owner, was assigned to another site, or no customer of the site's app came
/// with it; `internal`: an object did not reply.
pub async fn assign(
    deployment: Deployment<'_>,
    waba: &WabaId,
    order: AssignRequest,
) -> Result<AssignResponse, Problem> {
    let AssignRequest { site } = order;
    let settings = sites::get(deployment, &site).await?;
    let request = WabaRequest::Assign {
        app: settings.app,
        site,
        at: clock::now(),
    };
    match rpc::call(deployment.env, waba, &request).await? {
        WabaReply::Assigned {
            signup: Some(signup),
        } => Ok(AssignResponse { signup }),
        WabaReply::Assigned { signup: None } => Err(Problem::new(ProblemCode::NotFound)
            .with_detail(
                "no customer of the site's app came with this account, or it has an owner",
            )),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
