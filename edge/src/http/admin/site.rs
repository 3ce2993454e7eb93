//! What belongs to one site: its signups, accounts and events, its back end, and its account at Infobip.

use crate::http::backend::{
    create_invitation, create_session, list_accounts, list_events, list_signups, replay_events,
};
use crate::http::idempotency;
use crate::http::incoming::Incoming;
use crate::http::parameters;
use crate::http::response::HandlerResponse;
use crate::http::route::SiteRoute;
use crate::operations::seed::Seed;
use crate::operations::site_client::{OperatorClient, SiteClient};
use crate::operations::{
    Stored, accounts, doctor, endpoints, infobip, invitations, messages, signup_export, signups,
    tokens,
};
use embark_protocol::{Problem, SiteId};
use serde::Serialize;
use worker::Method;

/// Handles a route of a site. A `POST` may have an idempotency key.
///
/// # Errors
/// The problem to respond with; `unknown_site`.
pub async fn handle(
    route: SiteRoute,
    site: SiteId,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    let client = OperatorClient::new(incoming.deployment(), site);
    let answer = async |seed: &Seed| answer(route, &client, incoming, seed).await;
    match incoming.request.method() {
        Method::Post => idempotency::once(incoming, &client, answer).await,
        _ => answer(&Seed::fresh()).await,
    }
}

async fn answer(
    route: SiteRoute,
    client: &OperatorClient<'_>,
    incoming: &Incoming<'_>,
    seed: &Seed,
) -> Result<HandlerResponse, Problem> {
    let (deployment, site) = (client.deployment(), client.site());
    match route {
        SiteRoute::ListSignups => list_signups(client, incoming).await,
        SiteRoute::ExportSignups => export_signups(client, incoming).await,
        SiteRoute::GetSignup(id) => HandlerResponse::json(&signups::get(client, id).await?),
        SiteRoute::ListCalls(id) => HandlerResponse::json(&signups::calls(client, id).await?),
        SiteRoute::GetCounts => {
            let days = parameters::days(incoming)?;
            HandlerResponse::json(&signups::counts(client, days).await?)
        }
        SiteRoute::CheckSite => HandlerResponse::json(&doctor::check_site(deployment, site).await?),
        SiteRoute::ListAccounts => list_accounts(client, incoming).await,
        SiteRoute::GetToken(waba) => {
            HandlerResponse::json(&accounts::read_token(client, waba).await?)
        }
        SiteRoute::ListEvents => list_events(client, incoming).await,
        SiteRoute::ListTokenReads => {
            HandlerResponse::json(&tokens::list_reads(deployment, site).await?)
        }
        SiteRoute::ListInvitations => {
            let (after, limit) = (
                parameters::list_page(incoming)?,
                parameters::limit(incoming)?,
            );
            HandlerResponse::json(&invitations::list(deployment, site, after, limit).await?)
        }
        SiteRoute::RevokeInvitation(id) => {
            invitations::revoke(deployment, site, id).await?;
            Ok(HandlerResponse::NoContent)
        }
        SiteRoute::ListBackendTokens => {
            HandlerResponse::json(&tokens::list(deployment, site).await?)
        }
        SiteRoute::RevokeBackendToken(id) => {
            tokens::revoke(deployment, site, id).await?;
            Ok(HandlerResponse::NoContent)
        }
        SiteRoute::PutEndpoint => {
            let order = incoming.parse_json()?;
            HandlerResponse::json(&endpoints::put(deployment, site, order).await?)
        }
        SiteRoute::GetEndpoint => HandlerResponse::json(&endpoints::get(deployment, site).await?),
        SiteRoute::DeleteEndpoint => {
            endpoints::delete(deployment, site).await?;
            Ok(HandlerResponse::NoContent)
        }
        SiteRoute::GetInfobipMessage(id) => {
            HandlerResponse::json(&infobip::get_message(deployment, site, &id).await?)
        }
        SiteRoute::CreateInvitation => create_invitation(client, incoming, seed).await,
        SiteRoute::CreateSession => create_session(client, incoming, seed).await,
        SiteRoute::CreateLink(id) => {
            HandlerResponse::json(&signups::create_link(client, id).await?)
        }
        SiteRoute::CancelSignup(id) => HandlerResponse::json(&signups::cancel(client, id).await?),
        SiteRoute::RetrySignup(id) => HandlerResponse::json(&signups::retry(client, id).await?),
        SiteRoute::ReplayEvents => replay_events(client, incoming).await,
        SiteRoute::CreateBackendToken => {
            let order = incoming.parse_json()?;
            HandlerResponse::json(&tokens::create(deployment, site, order, seed).await?)
        }
        SiteRoute::RotateEndpointSecret => {
            HandlerResponse::json(&endpoints::rotate_secret(deployment, site, seed).await?)
        }
        SiteRoute::TestEndpoint => {
            endpoints::test(deployment, site, seed).await?;
            Ok(HandlerResponse::Accepted("{}".to_owned()))
        }
        SiteRoute::ApplyMessages => {
            let order = incoming.parse_json()?;
            HandlerResponse::accepted(&messages::apply(deployment, site, order).await?)
        }
        SiteRoute::CreateInfobipWebhook => {
            stored(&infobip::create_webhook(deployment, site, seed).await?)
        }
        SiteRoute::AddInfobipSender => {
            let order = incoming.parse_json()?;
            HandlerResponse::json(&infobip::add_sender(deployment, site, order).await?)
        }
        SiteRoute::SendInfobipMessage => {
            let order = incoming.parse_json()?;
            HandlerResponse::json(&infobip::send_message(deployment, site, order).await?)
        }
    }
}

/// `GET …/signups/export?format=csv|jsonl`, with the filters of the list.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape, and those of [`signup_export::export`].
pub async fn export_signups(
    client: &OperatorClient<'_>,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    let (filter, format) = parameters::signup_export(incoming)?;
    Ok(HandlerResponse::File {
        content_type: format.content_type(),
        name: format!("signups-{}.{}", client.site(), format.as_str()),
        chunks: signup_export::export(client, filter, format).await?,
    })
}

/// 200 with what was stored, 202 if KV does not have its copy yet.
fn stored<T: Serialize>(stored: &Stored<T>) -> Result<HandlerResponse, Problem> {
    match stored.copied {
        true => HandlerResponse::json(&stored.value),
        false => HandlerResponse::accepted(&stored.value),
    }
}
