//! Links that a back end sends to its customers.

use super::accounts::token_of_record;
use super::caller::Caller;
use super::writes::WriteSeed;
use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use crate::http::links;
use crate::http::response::HandlerResponse;
use embark_onboarding::resources::backend::BackendQuery;
use embark_onboarding::resources::run::{RunReply, RunRequest};
use embark_protocol::backend::{AccountRenewalRequest, BackendScope};
use embark_protocol::{Problem, ProblemCode, SignupId};

/// `POST /v1/backend/invitations`: an invitation with its link, as operators create it.
///
/// # Errors
/// `bad_request` for an order that is not valid.
pub async fn create_invitation(
    caller: &Caller<'_>,
    incoming: &Incoming<'_>,
    seed: &WriteSeed,
) -> Result<HandlerResponse, Problem> {
    permit_writing(caller).await?;
    let order = incoming.parse_json()?;
    let invitation = links::create_invitation(incoming, caller.site(), order, seed.id()).await?;
    HandlerResponse::json(&invitation)
}

/// `POST /v1/backend/renewals`: a link by which the customer renews the token of an account of this site.
///
/// # Errors
/// `not_found`: the site has not connected the account.
pub async fn create_renewal(
    caller: &Caller<'_>,
    incoming: &Incoming<'_>,
    seed: &WriteSeed,
) -> Result<HandlerResponse, Problem> {
    permit_writing(caller).await?;
    let AccountRenewalRequest { waba_id } = incoming.parse_json()?;
    if token_of_record(caller, &waba_id).await?.is_none() {
        return Err(Problem::new(ProblemCode::NotFound)
            .with_detail("waba_id: the site has not connected this account"));
    }
    let (site, app) = (caller.site().clone(), caller.settings.app.clone());
    HandlerResponse::json(&links::renewal_link(
        incoming,
        site,
        app,
        waba_id,
        seed.id(),
    )?)
}

/// `POST /v1/backend/signups/{id}/link`: a link by which the customer goes on with a signup of this site.
///
/// # Errors
/// `not_found`: the site has none of this id. `conflict`: nobody has to go on with it. `deadline_passed`: it is too late.
pub async fn create_link(caller: &Caller<'_>, id: SignupId) -> Result<HandlerResponse, Problem> {
    permit_writing(caller).await?;
    let site = caller.site().clone();
    match rpc::call(caller.env(), &id, &RunRequest::Link { site }).await? {
        RunReply::Refused(problem) if problem.code == ProblemCode::NotLaunched => {
            Err(Problem::new(ProblemCode::NotFound))
        }
        reply => HandlerResponse::from_run_reply(reply),
    }
}

async fn permit_writing(caller: &Caller<'_>) -> Result<(), Problem> {
    let scope = BackendScope::Write;
    caller.ask(BackendQuery::Permit { scope }).await.map(|_| ())
}
