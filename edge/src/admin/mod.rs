//! What an operator puts: apps, sites, secrets. Secrets go in, sealed, and never come out.

mod infobip;
mod invite;
mod secret;
mod transfer;

use crate::fault::{self, Body};
use crate::grant::{Grant, RESUME_MS};
use crate::host;
use crate::load::Settings;
use crate::objects::published;
use crate::objects::{self, MAIN, PARTNER, RunAsk, SITE};
use crate::reply::Good;
use crate::route::Route;
use crate::seal::sha256_hex;
use crate::{partner, site};
use embark_protocol::config::{App, Link, Renewal, Site};
use embark_protocol::{Code, Problem, SignupId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;
use worker::{Env, Request};

/// Handles an operator's route.
pub async fn handle(
    route: Route,
    request: Request,
    body: Body,
    env: &Env,
    settings: &Settings,
) -> Result<Good, Problem> {
    authorize(&request, settings)?;
    match route {
        Route::PutApp(key) => {
            let app: App = parse(body?)?;
            if app.key != key {
                return Err(fault::because(
                    Code::BadRequest,
                    "key: differs from the address",
                ));
            }
            let ask = partner::Ask::PutApp { app };
            match objects::post(env, PARTNER, MAIN, &ask)
                .await
                .ok_or_else(unheard)?
            {
                partner::Answer::App { app } => json(&app),
                partner::Answer::Invalid { detail } => {
                    Err(fault::because(Code::BadRequest, &detail))
                }
                _ => Err(unheard()),
            }
        }
        Route::PutSite(key) => {
            let config: Site = parse(body?)?;
            if config.key != key {
                return Err(fault::because(
                    Code::BadRequest,
                    "key: differs from the address",
                ));
            }
            if published::app(env, &config.app).await.is_none() {
                return Err(fault::because(
                    Code::BadRequest,
                    "app: there is none of this name; add it first",
                ));
            }
            let ask = site::Ask::Put(Box::new(config.clone()));
            match objects::post(env, SITE, key.as_str(), &ask)
                .await
                .ok_or_else(unheard)?
            {
                site::Answer::Invalid { detail } => Err(fault::because(Code::BadRequest, &detail)),
                _ => json(&config),
            }
        }
        Route::GetQuota(key) => {
            match objects::post(env, PARTNER, MAIN, &partner::Ask::Quota { key })
                .await
                .ok_or_else(unheard)?
            {
                partner::Answer::Quota { quota } => json(&quota),
                _ => Err(unheard()),
            }
        }
        Route::PostTransfer(id) => transfer::transfer(id, parse(body?)?, env, settings).await,
        Route::Invite(site) => invite::make(&site, body, env, settings).await,
        Route::Invitations(site) => invite::list(&site, env).await,
        Route::Uninvite(site, id) => invite::take_back(&site, id, env).await,
        Route::PostRenewal => renewal(parse(body?)?, env, settings).await,
        Route::PutSecret(key, name) => secret::of_app(&key, &name, body, env, settings).await,
        Route::PutSiteSecret(site, name) => {
            secret::of_site(&site, &name, body, env, settings).await
        }
        Route::InfobipWebhook(site) => infobip::webhook(&site, env, settings).await,
        Route::InfobipSender(site) => {
            infobip::add_sender(&site, parse(body?)?, env, settings).await
        }
        Route::InfobipMessage(site) => infobip::send(&site, parse(body?)?, env, settings).await,
        Route::InfobipReport(site, id) => infobip::report(&site, &id, env, settings).await,
        Route::GetReport(id) => report(&id, false, env).await,
        Route::ReadReport(id) => report(&id, true, env).await,
        _ => Err(fault::problem(Code::NotFound)),
    }
}

/// An invitation to renew one account: a link for the customer, good for two weeks.
async fn renewal(order: Renewal, env: &Env, settings: &Settings) -> Result<Good, Problem> {
    let said = objects::post(env, SITE, order.site.as_str(), &site::Ask::Get)
        .await
        .ok_or_else(unheard)?;
    let site::Answer::Config {
        config: Some(config),
    } = said
    else {
        return Err(fault::problem(Code::UnknownSite));
    };
    let signup = SignupId::parse(&host::fresh_id()).map_err(|_| unheard())?;
    let now = host::now();
    let grant = Grant::new(signup, order.site, config.app, settings.origin.clone(), now);
    let until = now + RESUME_MS;
    let grant = Grant {
        launch_by: until,
        submit_by: until,
        bound: Some(order.waba_id),
        ..grant
    };
    let url = grant
        .link(&settings.origin, &settings.vault)
        .ok_or_else(unheard)?;
    json(&Link { url })
}

/// How a connection stands; `again`: after it was read anew.
async fn report(id: &SignupId, again: bool, env: &Env) -> Result<Good, Problem> {
    let said = objects::ask_run(env, id, &RunAsk::Report { again }).await;
    Ok(Good::Run {
        said: said.ok_or_else(unheard)?,
        accepted: again,
    })
}

/// Compares digests, so that neither length nor content shows in the time it takes.
fn authorize(request: &Request, settings: &Settings) -> Result<(), Problem> {
    let refused = || fault::problem(Code::Unauthorized);
    let token = settings.operator_token.as_ref().ok_or_else(refused)?;
    let header = request
        .headers()
        .get("authorization")
        .ok()
        .flatten()
        .ok_or_else(refused)?;
    let given = header.strip_prefix("Bearer ").ok_or_else(refused)?;
    let (given, token) = (
        sha256_hex(given.as_bytes()),
        sha256_hex(token.secret().as_bytes()),
    );
    if bool::from(given.as_bytes().ct_eq(token.as_bytes())) {
        Ok(())
    } else {
        Err(refused())
    }
}

fn parse<T: DeserializeOwned>(bytes: Vec<u8>) -> Result<T, Problem> {
    // The parser's own words name the field, never its value.
    crate::json::from_slice(&bytes).map_err(|error| {
        let place = [
            "line ",
            &error.line().to_string(),
            ", column ",
            &error.column().to_string(),
        ]
        .concat();
        fault::because(Code::BadJson, &place)
    })
}

fn json<T: Serialize>(value: &T) -> Result<Good, Problem> {
    serde_json::to_string(value)
        .map(Good::Json)
        .map_err(|_| fault::problem(Code::Internal))
}

fn unheard() -> Problem {
    fault::problem(Code::Internal)
}
