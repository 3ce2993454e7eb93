//! What a widget posts and polls. Grant and origin are checked here; the run's object does the rest.

use crate::address;
use crate::fault::{self, Body};
use crate::grant::Grant;
use crate::host;
use crate::load::Settings;
use crate::objects::{Post, RunAsk, ask_run};
use crate::reply::Good;
use crate::route;
use embark_protocol::post::Launched;
use embark_protocol::{Code, Problem, SignupId};
use serde::de::DeserializeOwned;
use worker::{Env, Request};

/// `POST /v1/signups/{id}/…`
pub async fn post(
    id: SignupId,
    verb: route::Post,
    request: Request,
    body: Body,
    env: &Env,
    settings: &Settings,
    origin: Option<&str>,
) -> Result<Good, Problem> {
    let grant = granted(&request, &id, settings, origin)?;
    if verb == route::Post::Launched && host::now() > grant.launch_by + SLACK_MS {
        return Err(fault::problem(Code::GrantExpired));
    }
    let json = request
        .headers()
        .get("content-type")
        .ok()
        .flatten()
        .is_some_and(|kind| {
            kind.split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .eq_ignore_ascii_case("application/json")
        });
    if !json {
        return Err(fault::problem(Code::UnsupportedMediaType));
    }
    let body = body?;
    let post = match verb {
        route::Post::Launched if body.is_empty() => Post::Launched(Launched::default()),
        route::Post::Launched => Post::Launched(parse(&body)?),
        route::Post::Outcome => Post::Outcome(parse(&body)?),
        route::Post::Assets => Post::Assets(parse(&body)?),
        route::Post::Ended => Post::Ended(parse(&body)?),
        route::Post::Input => Post::Input(parse(&body)?),
        route::Post::Report => Post::Report,
    };
    let said = ask_run(
        env,
        &id,
        &RunAsk::Post {
            grant: Box::new(grant),
            post: Box::new(post),
        },
    )
    .await;
    let said = said.ok_or_else(|| fault::problem(Code::Internal))?;
    Ok(Good::Run {
        said,
        accepted: true,
    })
}

/// `GET /v1/signups/{id}?after=<seq>`
pub async fn snapshot(
    id: SignupId,
    request: &Request,
    env: &Env,
    settings: &Settings,
    origin: Option<&str>,
) -> Result<Good, Problem> {
    let grant = Box::new(granted(request, &id, settings, origin)?);
    let after = match address::query(&request.inner().url(), "after") {
        None => 0,
        Some(text) => text
            .parse()
            .map_err(|_| fault::because(Code::BadRequest, "after: a number"))?,
    };
    let said = ask_run(env, &id, &RunAsk::Get { grant, after }).await;
    let said = said.ok_or_else(|| fault::problem(Code::Internal))?;
    Ok(Good::Run {
        said,
        accepted: false,
    })
}

/// The grant must be ours, for this signup, in time; and the page must be the grant's own or ours.
fn granted(
    request: &Request,
    id: &SignupId,
    settings: &Settings,
    origin: Option<&str>,
) -> Result<Grant, Problem> {
    let header = request.headers().get("authorization").ok().flatten();
    let text = header
        .as_deref()
        .and_then(|header| header.strip_prefix("Bearer "));
    let text = text.ok_or_else(|| fault::problem(Code::GrantMissing))?;
    let grant = Grant::read(text, id, &settings.vault, host::now()).map_err(fault::problem)?;
    let named = request.headers().has("origin").unwrap_or(false);
    match origin {
        Some(origin) if origin == settings.origin || origin == grant.host => Ok(grant),
        None if !named => Ok(grant),
        _ => Err(fault::problem(Code::OriginNotAllowed)),
    }
}

/// Reads a body's JSON; an id of the wrong shape has its own code.
fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    crate::json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let code = if text.starts_with("not an id") {
            Code::BadId
        } else {
            Code::BadJson
        };
        let place = [
            "line ",
            &error.line().to_string(),
            ", column ",
            &error.column().to_string(),
        ]
        .concat();
        fault::because(code, &place)
    })
}

/// Clocks of two locations differ a little.
const SLACK_MS: u64 = 60_000;
