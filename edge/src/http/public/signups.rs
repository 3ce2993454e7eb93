//! `/v1/signups/{id}`: what a widget posts and reads. Grant and origin are checked here, the rest is the Run
//! object's.

use crate::clock;
use crate::durable_objects::rpc;
use crate::http::incoming::{Incoming, place_of};
use crate::http::response::HandlerResponse;
use crate::http::route::SignupPost;
use core::time::Duration;
use embark_onboarding::auth::grant::Grant;
use embark_onboarding::resources::run::{PagePost, RunRequest};
use embark_protocol::requests::LaunchedRequest;
use embark_protocol::{BadId, Problem, ProblemCode, SignupId};
use serde::de::DeserializeOwned;

/// `POST /v1/signups/{id}/{post}`
///
/// # Errors
/// The grant or the origin is refused, the body is not the post's, or the Run object refused it.
pub async fn post(
    incoming: &Incoming<'_>,
    id: SignupId,
    post: SignupPost,
) -> Result<HandlerResponse, Problem> {
    let grant = verified_grant(incoming, &id)?;
    if post == SignupPost::Launched && clock::now() > grant.launch_by + CLOCK_SKEW {
        return Err(Problem::new(ProblemCode::GrantExpired));
    }
    if !is_json(incoming) {
        return Err(Problem::new(ProblemCode::UnsupportedMediaType));
    }
    let request = RunRequest::Post {
        grant: Box::new(grant),
        post: Box::new(parse_post(post, incoming.body()?)?),
    };
    let reply = rpc::call(incoming.env, &id, &request).await?;
    HandlerResponse::accepted_from_run_reply(reply)
}

/// `GET /v1/signups/{id}?after=<seq>`: the snapshot, once its `seq` exceeds `after`.
///
/// # Errors
/// The grant or the origin is refused, `after` is not a number, or the Run object refused it.
pub async fn snapshot(incoming: &Incoming<'_>, id: SignupId) -> Result<HandlerResponse, Problem> {
    let grant = Box::new(verified_grant(incoming, &id)?);
    let after = match incoming.query("after") {
        None => 0,
        Some(text) => text
            .parse()
            .map_err(|_| Problem::new(ProblemCode::BadRequest).with_detail("after: a number"))?,
    };
    let request = RunRequest::Get { grant, after };
    let reply = rpc::call(incoming.env, &id, &request).await?;
    HandlerResponse::from_run_reply(reply)
}

/// The grant of the request. It must be signed by us, for this signup, and not expired. The page must be that of
/// the grant or our own; a request without `Origin` is not a cross-origin request of a browser.
fn verified_grant(incoming: &Incoming<'_>, id: &SignupId) -> Result<Grant, Problem> {
    let token = incoming
        .bearer_token()
        .ok_or_else(|| Problem::new(ProblemCode::GrantMissing))?;
    let keyring = &incoming.settings.keyring;
    let grant = Grant::verify(&token, id, keyring, clock::now()).map_err(Problem::new)?;
    match incoming.origin {
        Some(origin) if origin == incoming.settings.origin || origin == grant.page_origin => {
            Ok(grant)
        }
        None if incoming.header("origin").is_none() => Ok(grant),
        _ => Err(Problem::new(ProblemCode::OriginNotAllowed)),
    }
}

fn is_json(incoming: &Incoming<'_>) -> bool {
    let content_type = incoming.header("content-type").unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}

fn parse_post(post: SignupPost, body: &[u8]) -> Result<PagePost, Problem> {
    Ok(match post {
        SignupPost::Launched if body.is_empty() => PagePost::Launched(LaunchedRequest::default()),
        SignupPost::Launched => PagePost::Launched(parse(body)?),
        SignupPost::Outcome => PagePost::Outcome(parse(body)?),
        SignupPost::Assets => PagePost::Assets(parse(body)?),
        SignupPost::Ended => PagePost::Ended(parse(body)?),
        SignupPost::Input => PagePost::Input(parse(body)?),
        SignupPost::Report => PagePost::Report,
    })
}

/// Parses JSON; an id of the wrong shape has a code of its own.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(body).map_err(|error| {
        let is_bad_id = error.to_string().starts_with(BadId::MESSAGE_PREFIX);
        let code = if is_bad_id {
            ProblemCode::BadId
        } else {
            ProblemCode::BadJson
        };
        Problem::new(code).with_detail(&place_of(&error))
    })
}

/// How much the clocks of two Cloudflare locations may differ.
const CLOCK_SKEW: Duration = Duration::from_mins(1);
