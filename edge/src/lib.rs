//! Embark's edge: one Cloudflare Worker that finishes what the widget begins.
//!
//! Reading order: `route` (what can be asked), `public` and `admin` (the doors), `signup` (the steps of
//! one signup), `run` (the loop that drives them), `phone`, `waba`, `site`, `partner` (the rules of each
//! object), `graph` (Meta's API as values), then `objects` and `host`, where all of it meets the runtime.

pub mod address;
pub mod fault;
pub mod grant;
pub mod graph;
pub mod invitation;
mod json;
pub mod language;
pub mod load;
pub mod options;
pub mod origin;
pub mod outbound;
pub mod page;
pub mod partner;
pub mod phone;
pub mod provider;
pub mod quota;
pub mod readiness;
pub mod redirect;
pub mod route;
pub mod run;
pub mod seal;
pub mod signup;
pub mod site;
pub mod terms;
pub mod waba;
pub mod webhook;

mod admin;
mod host;
#[cfg(feature = "local")]
mod local;
mod objects;
mod public;
mod pulse;
mod reply;

use embark_protocol::Code;
use load::{Settings, Unset};
use route::{Route, Side};
use worker::{Context, Env, Request, Response, Result, ScheduleContext, ScheduledEvent, event};

/// Every HTTP request. Always an answer, never an `Err`: the runtime would print it.
#[event(fetch)]
async fn fetch(mut request: Request, env: Env, _: Context) -> Result<Response> {
    pulse::beat();
    let settings = match Settings::load(&env) {
        Ok(settings) => settings,
        Err(Unset(name)) => {
            return reply::render(Err(fault::because(Code::AppMisconfigured, name)), None);
        }
    };
    // Read before anything is decided: an answer to a request that is still being sent may be lost with it.
    let body = host::body(&mut request, BODY_CAP)
        .await
        .map_err(fault::unread);
    let origin = public::origin(&request);
    let asked = address::origin(&request.inner().url());
    let found = route::side(&asked, &settings.origin, &settings.operator_origin).and_then(|side| {
        Ok((
            side,
            route::route(side, request.method().as_ref(), &request.path())?,
        ))
    });
    let result = match found {
        Err(code) => Err(fault::problem(code)),
        Ok((_, Route::Preflight)) => return reply::preflight(origin.as_deref().unwrap_or("null")),
        Ok((Side::Public, route)) => {
            public::handle(route, request, body, &env, &settings, origin.as_deref()).await
        }
        Ok((Side::Operator, route)) => admin::handle(route, request, body, &env, &settings).await,
    };
    // A page that was refused for its origin may still read why.
    reply::render(result, origin.as_deref())
}

/// The cron trigger.
#[event(scheduled)]
async fn scheduled(_: ScheduledEvent, env: Env, _: ScheduleContext) {
    pulse::beat();
    objects::sweep(&env).await;
}

/// The largest post holds a code and a redirect_uri of 2 kB each.
const BODY_CAP: usize = 16_384;
