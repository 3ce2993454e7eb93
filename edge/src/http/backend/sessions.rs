//! Sessions: signups that a back end begins.

use super::caller::Caller;
use super::writes::WriteSeed;
use crate::clock;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply};
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::signup_session::{SessionSecret, SignupSession};
use embark_protocol::admin::SiteSettings;
use embark_protocol::backend::{BackendScope, SessionRequest, SessionResponse};
use embark_protocol::{Problem, ProblemCode};

/// `POST /v1/sites/{site}/sessions`: the session's text is in this response and in no other.
///
/// # Errors
/// As of [`order`]; `too_many_requests` while too many sessions are open.
pub async fn create(
    caller: &Caller<'_>,
    incoming: &Incoming<'_>,
    seed: &WriteSeed,
) -> Result<HandlerResponse, Problem> {
    let scope = BackendScope::Write;
    caller.ask(BackendQuery::Permit { scope }).await?;
    let (secret, query) = order(incoming, &caller.settings, seed.token())?;
    created(&secret, &caller.ask(query).await?)
}

/// The session that the body of a request orders. `random_hex`: 64 hexadecimal digits.
///
/// # Errors
/// `bad_json`; `bad_request` for an order that is not valid.
pub fn order(
    incoming: &Incoming<'_>,
    site: &SiteSettings,
    random_hex: &str,
) -> Result<(SessionSecret, BackendQuery), Problem> {
    let order: SessionRequest = incoming.parse_json()?;
    let secret = SessionSecret::new(site.key.clone(), random_hex);
    let own_origin = &incoming.settings.origin;
    let session = SignupSession::create(&secret, order, site, own_origin, clock::now())
        .map_err(|error| Problem::new(ProblemCode::BadRequest).with_detail(&error.to_string()))?;
    Ok((secret, BackendQuery::CreateSession(Box::new(session))))
}

/// The response to an order.
///
/// # Errors
/// `internal`: it is another reply.
pub fn created(secret: &SessionSecret, reply: &BackendReply) -> Result<HandlerResponse, Problem> {
    match reply {
        BackendReply::Session { expires_at } => HandlerResponse::created(&SessionResponse {
            session: secret.text().expose_secret().to_owned(),
            expires_at: expires_at.0,
        }),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
