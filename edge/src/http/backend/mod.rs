//! `/v1/backend`: what the partner's back end calls, with a token of its site.

mod caller;

use super::idempotency;
use super::incoming::Incoming;
use super::parameters::{account_page, event_page, limit, signup_page};
use super::response::HandlerResponse;
use super::route::BackendRoute;
use crate::operations::seed::Seed;
use crate::operations::site_client::SiteClient;
use crate::operations::{accounts, events, invitations, sessions, signups};
use caller::Caller;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply};
use embark_onboarding::resources::rpc::RpcError;
use embark_protocol::Problem;
use embark_protocol::backend::{AccountRenewalRequest, BackendIdentity, BackendScope};
use worker::Method;

/// Handles a route of the back end.
///
/// # Errors
/// `unauthorized` without a token of a site, `insufficient_scope` if it does not permit the route, and the route's own.
pub async fn handle(
    route: BackendRoute,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    let caller = Caller::authenticate(incoming).await?;
    if let BackendRoute::CreateSession(site) = &route
        && site != caller.site()
    {
        return Err(caller.refuse().await);
    }
    let answer = async |seed: &Seed| answer(route, &caller, incoming, seed).await;
    match incoming.request.method() {
        Method::Post => {
            permit(&caller, BackendScope::Write).await?;
            idempotency::once(incoming, &caller, answer).await
        }
        _ => answer(&Seed::fresh()).await,
    }
}

async fn answer(
    route: BackendRoute,
    caller: &Caller<'_>,
    incoming: &Incoming<'_>,
    seed: &Seed,
) -> Result<HandlerResponse, Problem> {
    match route {
        BackendRoute::Identity => identity(caller).await,
        BackendRoute::ListSignups => list_signups(caller, incoming).await,
        BackendRoute::GetSignup(id) => HandlerResponse::json(&signups::get(caller, id).await?),
        BackendRoute::ListAccounts => list_accounts(caller, incoming).await,
        BackendRoute::ListEvents => list_events(caller, incoming).await,
        BackendRoute::GetToken(waba) => {
            permit(caller, BackendScope::Token).await?;
            HandlerResponse::json(&accounts::read_token(caller, waba).await?)
        }
        BackendRoute::CreateSession(_) => create_session(caller, incoming, seed).await,
        BackendRoute::CreateInvitation => create_invitation(caller, incoming, seed).await,
        BackendRoute::CreateRenewal => {
            let AccountRenewalRequest { waba_id } = incoming.parse_json()?;
            let link = accounts::create_renewal(caller, waba_id, seed).await?;
            HandlerResponse::json(&link)
        }
        BackendRoute::CreateLink(id) => {
            HandlerResponse::json(&signups::create_link(caller, id).await?)
        }
        BackendRoute::ReplayEvents => replay_events(caller, incoming).await,
    }
}

/// `GET …/signups?status=…&reference=…&waba_id=…&phone_number_id=…&search=…&changed_before=…&after=…&limit=…`
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub async fn list_signups(
    client: &impl SiteClient,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    let (filter, after) = signup_page(incoming)?;
    let page = signups::list(client, filter, after, limit(incoming)?).await?;
    HandlerResponse::json(&page)
}

/// `GET …/wabas?after=…&limit=…`
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub async fn list_accounts(
    client: &impl SiteClient,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    let page = accounts::list(client, account_page(incoming)?, limit(incoming)?).await?;
    HandlerResponse::json(&page)
}

/// `GET …/events?after=…&limit=…&delivery=dead&order=newest`
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub async fn list_events(
    client: &impl SiteClient,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    let page = events::list(client, event_page(incoming)?, limit(incoming)?).await?;
    HandlerResponse::json(&page)
}

/// `POST …/events/replay`
///
/// # Errors
/// `bad_json`, and those of [`events::replay`].
pub async fn replay_events(
    client: &impl SiteClient,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    let order = incoming.parse_json()?;
    HandlerResponse::json(&events::replay(client, order).await?)
}

/// `POST …/sessions`
///
/// # Errors
/// `bad_json`, and those of [`sessions::create`].
pub async fn create_session(
    client: &impl SiteClient,
    incoming: &Incoming<'_>,
    seed: &Seed,
) -> Result<HandlerResponse, Problem> {
    let order = incoming.parse_json()?;
    let session = sessions::create(client, order, seed).await?;
    HandlerResponse::created(&session)
}

/// `POST …/invitations`
///
/// # Errors
/// `bad_json`, and those of [`invitations::create`].
pub async fn create_invitation(
    client: &impl SiteClient,
    incoming: &Incoming<'_>,
    seed: &Seed,
) -> Result<HandlerResponse, Problem> {
    let order = incoming.parse_json()?;
    let invitation = invitations::create(client, order, seed).await?;
    HandlerResponse::json(&invitation)
}

/// Whether the token permits what the site need not do itself.
async fn permit(caller: &Caller<'_>, scope: BackendScope) -> Result<(), Problem> {
    caller.ask(BackendQuery::Permit { scope }).await.map(|_| ())
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
