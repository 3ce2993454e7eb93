//! `/v1/backend`: what the partner's back end calls, with a token of its site.

mod accounts;
mod caller;
mod events;
mod links;
mod parameters;
mod signups;

use super::incoming::Incoming;
use super::response::HandlerResponse;
use super::route::BackendRoute;
use caller::Caller;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply};
use embark_onboarding::resources::rpc::RpcError;
use embark_protocol::Problem;
use embark_protocol::backend::BackendIdentity;

pub use caller::ask;
pub use events::{page as event_page, page_query as event_page_query, replay_query, replayed};
pub use signups::{page as signup_page, page_query as signup_page_query};

/// Handles a route of the back end.
///
/// # Errors
/// `unauthorized` without a token of a site, `insufficient_scope` if it does not permit the route, and the route's own.
pub async fn handle(
    route: BackendRoute,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    let caller = Caller::authenticate(incoming).await?;
    match route {
        BackendRoute::Identity => identity(&caller).await,
        BackendRoute::ListSignups => signups::list(&caller, incoming).await,
        BackendRoute::GetSignup(id) => signups::get(&caller, id).await,
        BackendRoute::ListAccounts => accounts::list(&caller, incoming).await,
        BackendRoute::CreateInvitation => links::create_invitation(&caller, incoming).await,
        BackendRoute::CreateRenewal => links::create_renewal(&caller, incoming).await,
        BackendRoute::ListEvents => events::list(&caller, incoming).await,
        BackendRoute::ReplayEvents => events::replay(&caller, incoming).await,
        BackendRoute::GetToken(waba) => accounts::get_token(&caller, waba).await,
    }
}

async fn identity(caller: &Caller<'_>) -> Result<HandlerResponse, Problem> {
    match caller.ask(BackendQuery::Identity).await? {
        BackendReply::Identity { scopes } => HandlerResponse::json(&BackendIdentity {
            site: caller.site().clone(),
            scopes,
        }),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
