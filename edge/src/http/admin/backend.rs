//! What an operator sets up for a site's back end: tokens, and the endpoint of its events; and what came of both.

use super::sites::settings_of;
use crate::http::backend::{self, ask};
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::{clock, random};
use core::time::Duration;
use embark_onboarding::crypto::Secret;
use embark_onboarding::resources::backend::{
    BackendQuery, BackendReply, BackendRequest, BackendToken, BackendTokenSecret, LIFETIME_DAYS,
    is_valid_name,
};
use embark_onboarding::resources::event_delivery::{SigningSecret, StoredSigningSecret};
use embark_onboarding::resources::rpc::RpcError;
use embark_protocol::backend::{
    BackendTokenDetails, BackendTokenRequest, EndpointDetails, EndpointRequest,
};
use embark_protocol::{Problem, ProblemCode, SiteId};

/// `POST /v1/admin/sites/{site}/tokens`: creates a token, which is in this response and in no other.
///
/// # Errors
/// `bad_request`: the name is empty or long, there is no scope, or the lifetime is out of bounds. `conflict`: the site has twenty. `unknown_site`.
pub async fn create_token(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let BackendTokenRequest {
        name,
        mut scopes,
        expires_in_days,
    } = incoming.parse_json()?;
    let bad = |detail: &str| Problem::new(ProblemCode::BadRequest).with_detail(detail);
    if !is_valid_name(&name) {
        return Err(bad("name: 1 to 80 printable characters"));
    }
    if expires_in_days.is_some_and(|days| !LIFETIME_DAYS.contains(&days)) {
        return Err(bad("expires_in_days: 1 to 3650"));
    }
    scopes.sort_unstable();
    scopes.dedup();
    if scopes.is_empty() {
        return Err(bad("scopes: at least one of read, token, write"));
    }
    let now = clock::now();
    let secret = BackendTokenSecret::new(site.clone(), &random::fresh_token());
    let token = BackendToken {
        id: random::fresh_id(),
        name,
        scopes,
        digest: secret.digest(),
        created_at: now,
        expires_at: expires_in_days.map(|days| now + DAY * days),
    };
    let details = token.details(Some(secret.text()));
    ask(incoming.env, &site, BackendRequest::CreateToken(token)).await?;
    HandlerResponse::json(&details)
}

/// `GET /v1/admin/sites/{site}/tokens`
///
/// # Errors
/// `unknown_site`.
pub async fn list_tokens(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    match ask(incoming.env, &site, BackendRequest::Tokens).await? {
        BackendReply::Tokens(tokens) => {
            let list: Vec<BackendTokenDetails> =
                tokens.iter().map(|token| token.details(None)).collect();
            HandlerResponse::json(&list)
        }
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// `DELETE /v1/admin/sites/{site}/tokens/{id}`: the token ceases to work at once.
///
/// # Errors
/// `not_found`: the site has none of this id. `unknown_site`.
pub async fn revoke_token(
    incoming: &Incoming<'_>,
    site: SiteId,
    id: String,
) -> Result<HandlerResponse, Problem> {
    ask(incoming.env, &site, BackendRequest::RevokeToken { id }).await?;
    Ok(HandlerResponse::NoContent)
}

/// `PUT /v1/admin/sites/{site}/endpoint`: sets the address, and switches the endpoint on. The first time, the response
/// has the signing secret.
///
/// # Errors
/// `bad_request`: the address is not one of a public https host. `unknown_site`.
pub async fn put_endpoint(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let EndpointRequest { url } = incoming.parse_json()?;
    let (text, secret) = fresh_secret(incoming, &site)?;
    let request = BackendRequest::PutEndpoint { url, secret };
    endpoint_response(ask(incoming.env, &site, request).await?, Some(&text))
}

/// `GET /v1/admin/sites/{site}/endpoint`
///
/// # Errors
/// `not_found`: there is none. `unknown_site`.
pub async fn get_endpoint(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    endpoint_response(
        ask(incoming.env, &site, BackendRequest::Endpoint).await?,
        None,
    )
}

/// `DELETE /v1/admin/sites/{site}/endpoint`: events are kept for the list, and not delivered any more.
///
/// # Errors
/// `unknown_site`.
pub async fn delete_endpoint(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    ask(incoming.env, &site, BackendRequest::DeleteEndpoint).await?;
    Ok(HandlerResponse::NoContent)
}

/// `POST /v1/admin/sites/{site}/endpoint/secret`: a new signing secret. The one before signs too, for a day.
///
/// # Errors
/// `not_found`: there is no endpoint. `unknown_site`.
pub async fn rotate_secret(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let (text, secret) = fresh_secret(incoming, &site)?;
    let request = BackendRequest::RotateSecret { secret };
    endpoint_response(ask(incoming.env, &site, request).await?, Some(&text))
}

/// `POST /v1/admin/sites/{site}/endpoint/test`: delivers the event `endpoint.test`.
///
/// # Errors
/// `not_found`: there is no endpoint. `conflict`: it is switched off. `unknown_site`.
pub async fn test_endpoint(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let id = ["test/", &random::fresh_id()].concat();
    ask(incoming.env, &site, BackendRequest::TestEndpoint { id }).await?;
    Ok(HandlerResponse::Accepted("{}".to_owned()))
}

/// `POST /v1/admin/sites/{site}/sessions`: as `/v1/sites/{site}/sessions`.
///
/// # Errors
/// As `/v1/sites/{site}/sessions`; `unknown_site`.
pub async fn create_session(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let settings = settings_of(incoming.env, &site).await?;
    let (secret, query) = backend::session_order(incoming, &settings, &random::fresh_token())?;
    backend::session_created(&secret, &query_site(incoming, &site, query).await?)
}

/// `GET /v1/admin/sites/{site}/signups`, with the parameters of `/v1/backend/signups`.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape; `unknown_site`.
pub async fn list_signups(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let query = backend::signup_page_query(incoming)?;
    backend::signup_page(query_site(incoming, &site, query).await?)
}

/// `GET /v1/admin/sites/{site}/events`, with the parameters of `/v1/backend/events`.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape; `unknown_site`.
pub async fn list_events(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let query = backend::event_page_query(incoming)?;
    backend::event_page(query_site(incoming, &site, query).await?)
}

/// `POST /v1/admin/sites/{site}/events/replay`: as `/v1/backend/events/replay`.
///
/// # Errors
/// As `/v1/backend/events/replay`; `unknown_site`.
pub async fn replay_events(
    incoming: &Incoming<'_>,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let query = backend::replay_query(incoming)?;
    backend::replayed(query_site(incoming, &site, query).await?)
}

/// `GET /v1/admin/sites/{site}/audit`: who read business tokens; the last 500 reads.
///
/// # Errors
/// `unknown_site`.
pub async fn audit(incoming: &Incoming<'_>, site: SiteId) -> Result<HandlerResponse, Problem> {
    match ask(incoming.env, &site, BackendRequest::Audit).await? {
        BackendReply::Audit(entries) => HandlerResponse::json(&entries),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

async fn query_site(
    incoming: &Incoming<'_>,
    site: &SiteId,
    query: BackendQuery,
) -> Result<BackendReply, Problem> {
    ask(incoming.env, site, BackendRequest::Query(query)).await
}

fn fresh_secret(
    incoming: &Incoming<'_>,
    site: &SiteId,
) -> Result<(Secret, StoredSigningSecret), Problem> {
    let text = SigningSecret::from_random(&random::random_bytes()).to_text();
    let name = [
        "sealed/site/",
        site.as_str(),
        "/endpoint/",
        &random::fresh_id(),
    ]
    .concat();
    let cx = incoming.settings.context();
    let sealed = cx.keyring.seal(&name, &text, cx.nonce());
    let sealed = sealed.map_err(|_| Problem::new(ProblemCode::Internal))?;
    let stored = StoredSigningSecret {
        name,
        sealed,
        until: None,
    };
    Ok((text, stored))
}

/// `fresh`: the secret of the request, which the response has if the site took it.
fn endpoint_response(
    reply: BackendReply,
    fresh: Option<&Secret>,
) -> Result<HandlerResponse, Problem> {
    let BackendReply::Endpoint {
        endpoint,
        secret_taken,
    } = reply
    else {
        return Err(RpcError::UnexpectedReply.into());
    };
    let missing = || Problem::new(ProblemCode::NotFound).with_detail("the site has no endpoint");
    let secret = fresh.filter(|_| secret_taken);
    HandlerResponse::json(&EndpointDetails {
        status: endpoint.ok_or_else(missing)?,
        secret: secret.map(|secret| secret.expose_secret().to_owned()),
    })
}

const DAY: Duration = Duration::from_hours(24);
