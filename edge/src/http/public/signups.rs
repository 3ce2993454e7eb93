//! `/v1/signups/{id}`: what a widget posts and reads. Grant and origin are checked here, the rest is the Run
//! object's.

use crate::clock;
use crate::durable_objects::rpc;
use crate::http::incoming::{Incoming, error_position};
use crate::http::rate_limit;
use crate::http::response::HandlerResponse;
use crate::http::route::SignupPost;
use core::time::Duration;
use embark_onboarding::auth::grant::{Grant, GrantKind};
use embark_onboarding::resources::run::{PagePost, RunRequest};
use embark_onboarding::telemetry::Subject;
use embark_protocol::requests::{LaunchedRequest, check_ids};
use embark_protocol::{Problem, ProblemCode, SignupId};
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
    check_rate(incoming, &grant).await?;
    if post == SignupPost::Launched && clock::now() > grant.launch_by + CLOCK_SKEW {
        return Err(Problem::new(ProblemCode::GrantExpired));
    }
    if !is_json(incoming) {
        return Err(Problem::new(ProblemCode::UnsupportedMediaType));
    }
    let post = parse_post(post, incoming.body()?)?;
    if matches!(post, PagePost::Launched(_)) {
        // Counted first, so that a refused launch creates no Run object. The wait delays no page.
        rpc::spend(incoming.env, &grant.site, id.as_str()).await?;
    }
    let request = RunRequest::Post {
        grant: Box::new(grant),
        post: Box::new(post),
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
    check_rate(incoming, &grant).await?;
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

/// The grant of the request. It must be signed by us, for this signup, and not expired. The page must be our own or, for
/// a grant that no link carries, that of the grant; a request without `Origin` is not a cross-origin request of a
/// browser. CORS is allowed before the grant is
/// verified, so that the page can read the refusal.
fn verified_grant(incoming: &Incoming<'_>, id: &SignupId) -> Result<Grant, Problem> {
    let token = incoming
        .bearer_token()
        .ok_or_else(|| Problem::new(ProblemCode::GrantMissing))?;
    let keyring = &incoming.settings.keyring;
    if let Some(page_origin) = Grant::page_origin_of(&token, keyring) {
        incoming.allow_reading_by(&page_origin);
    }
    let grant = Grant::verify(&token, id, keyring, clock::now()).map_err(Problem::new)?;
    incoming.trace.add(&Subject {
        app: Some(grant.app.clone()),
        ..Subject::site(&grant.site)
    });
    let is_of_page = grant.kind() == GrantKind::Page;
    match incoming.origin {
        Some(origin) if origin == incoming.settings.origin => Ok(grant),
        Some(origin) if is_of_page && origin == grant.page_origin => Ok(grant),
        None if incoming.header("origin").is_none() => Ok(grant),
        _ => Err(Problem::new(ProblemCode::OriginNotAllowed)),
    }
}

/// Counts a request to a signup, whoever sends it.
async fn check_rate(incoming: &Incoming<'_>, grant: &Grant) -> Result<(), Problem> {
    let key = ["signup/", grant.signup.as_str()].concat();
    rate_limit::check(incoming.env, &key).await
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
        let document = serde_json::from_slice(body).unwrap_or_default();
        match check_ids(&document) {
            Err(malformed) => Problem::new(ProblemCode::BadId).with_detail(&malformed.to_string()),
            Ok(()) => Problem::new(ProblemCode::BadJson).with_detail(&error_position(&error)),
        }
    })
}

/// How much the clocks of two Cloudflare locations may differ.
const CLOCK_SKEW: Duration = Duration::from_mins(1);
