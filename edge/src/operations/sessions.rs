//! Sessions: signups that a back end begins.

use super::seed::Seed;
use super::site_client::SiteClient;
use crate::clock;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply};
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::signup_session::{SessionSecret, SignupSession};
use embark_protocol::backend::{SessionRequest, SessionResponse};
use embark_protocol::{Problem, ProblemCode};

/// Creates a session, whose text is in this result and in no other.
///
/// # Errors
/// `bad_request` for an order that is not valid; `too_many_requests` while too many sessions are open; `unknown_site`;
/// `internal`: the site did not reply.
pub async fn create(
    client: &impl SiteClient,
    order: SessionRequest,
    seed: &Seed,
) -> Result<SessionResponse, Problem> {
    let settings = client.settings().await?;
    let secret = SessionSecret::new(settings.key.clone(), &seed.token());
    let own_origin = &client.deployment().settings.origin;
    let session = SignupSession::create(&secret, order, &settings, own_origin, clock::now())
        .map_err(|error| Problem::new(ProblemCode::BadRequest).with_detail(&error.to_string()))?;
    let query = BackendQuery::CreateSession(Box::new(session));
    match client.ask(query).await? {
        BackendReply::Session { expires_at } => Ok(SessionResponse {
            session: secret.text().expose_secret().to_owned(),
            expires_at: expires_at.0,
        }),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
