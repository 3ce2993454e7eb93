//! `/v1/backend`: what the partner's back end calls, with a token of its site.

mod accounts;
mod caller;
mod events;
mod links;
mod parameters;
mod sessions;
mod signups;
mod writes;

use super::incoming::Incoming;
use super::response::HandlerResponse;
use super::route::BackendRoute;
use caller::Caller;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply};
use embark_onboarding::resources::rpc::RpcError;
use embark_protocol::backend::BackendIdentity;
use embark_protocol::{Problem, ProblemCode};
use worker::Method;
use writes::WriteSeed;

pub use caller::ask;
pub use events::{page as event_page, page_query as event_page_query, replay_query, replayed};
pub use sessions::{created as session_created, order as session_order};
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
    if incoming.request.method() == Method::Post {
        return writes::once(&caller, async |seed| {
            write(route, &caller, incoming, seed).await
        })
        .await;
    }
    match route {
        BackendRoute::Identity => identity(&caller).await,
        BackendRoute::ListSignups => signups::list(&caller, incoming).await,
        BackendRoute::GetSignup(id) => signups::get(&caller, id).await,
        BackendRoute::ListAccounts => accounts::list(&caller, incoming).await,
        BackendRoute::ListEvents => events::list(&caller, incoming).await,
        BackendRoute::GetToken(waba) => accounts::get_token(&caller, waba).await,
        // The route table has no other with GET.
        _ => Err(Problem::new(ProblemCode::MethodNotAllowed)),
    }
}

/// Handles a route that changes something.
async fn write(
    route: BackendRoute,
    caller: &Caller<'_>,
    incoming: &Incoming<'_>,
    seed: &WriteSeed,
) -> Result<HandlerResponse, Problem> {
    match route {
        BackendRoute::CreateSession(site) if site == *caller.site() => {
            sessions::create(caller, incoming, seed).await
        }
        BackendRoute::CreateSession(_) => Err(caller.refuse().await),
        BackendRoute::CreateInvitation => links::create_invitation(caller, incoming, seed).await,
        BackendRoute::CreateRenewal => links::create_renewal(caller, incoming, seed).await,
        BackendRoute::CreateLink(id) => links::create_link(caller, id).await,
        BackendRoute::ReplayEvents => events::replay(caller, incoming).await,
        _ => Err(Problem::new(ProblemCode::MethodNotAllowed)),
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
