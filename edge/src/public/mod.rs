//! The public door: pages and launch documents, and what a widget posts. Every byte is capped, then
//! parsed; nothing is asked of an object before grant and origin hold.

mod callback;
mod launch;
mod news;
mod refusal;
mod signups;

use crate::fault::{self, Body};
use crate::load::Settings;
use crate::origin::Origin;
use crate::reply::Good;
use crate::route::Route;
use embark_protocol::{Code, Problem};
use worker::{Env, Request};

/// Handles a public route. `origin`: the page's own, if the request says one.
pub async fn handle(
    route: Route,
    request: Request,
    body: Body,
    env: &Env,
    settings: &Settings,
    origin: Option<&str>,
) -> Result<Good, Problem> {
    limit(&request, env).await?;
    match route {
        Route::Callback => callback::handle(&request, env, settings).await,
        Route::Frame => launch::frame(&request, env, settings).await,
        Route::Page(site) => launch::page(&request, &site, env, settings).await,
        Route::Launch(site) => launch::document(&request, &site, env, settings, origin).await,
        Route::Post(id, post) => {
            signups::post(id, post, request, body, env, settings, origin).await
        }
        Route::Snapshot(id) => signups::snapshot(id, &request, env, settings, origin).await,
        Route::InfobipNews(token) => news::infobip(&token, body, env).await,
        #[cfg(feature = "local")]
        Route::Local(verb) => crate::local::handle(&verb, &body?, env),
        _ => Err(fault::problem(Code::NotFound)),
    }
}

/// The request's `Origin`, if it is one at all.
pub fn origin(request: &Request) -> Option<String> {
    let text = request.headers().get("origin").ok().flatten()?;
    Origin::parse(&text).map(|origin| origin.as_str().to_owned())
}

/// A cheap first hurdle, per address and location; not an accounting.
async fn limit(request: &Request, env: &Env) -> Result<(), Problem> {
    let Ok(limiter) = env.rate_limiter("RATE") else {
        return Ok(());
    };
    let address = request
        .headers()
        .get("cf-connecting-ip")
        .ok()
        .flatten()
        .unwrap_or_default();
    match limiter.limit(address).await {
        Ok(outcome) if !outcome.success => Err(fault::problem(Code::TooManyRequests)),
        _ => Ok(()),
    }
}
