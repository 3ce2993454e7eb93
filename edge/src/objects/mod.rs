//! The Durable Objects: storage, alarms and messages, no rules. Class names are frozen by the first
//! deploy. Each object is asked by `POST` with a JSON message and answers JSON; every ask is idempotent.

mod invitations;
mod partner;
mod phone;
pub mod published;
mod run;
mod shell;
mod site;
mod waba;

pub use run::{Post, RunAsk};

use crate::host;
use crate::run::{Answer, Ask};
use crate::{partner as partner_rules, site as site_rules};
use core::time::Duration;
use embark_protocol::SignupId;
use futures_util::future::{Either, select};
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Delay, Env, Headers, Method, Request, RequestInit, Response};

/// Binding names of the classes.
pub const PARTNER: &str = "PARTNER";
pub const SITE: &str = "SITE";
pub const RUN: &str = "RUN";
pub const PHONE: &str = "PHONE";
pub const WABA: &str = "WABA";

/// The one Partner object.
pub const MAIN: &str = "main";

/// Asks another object; `None`: it was not heard.
pub async fn ask(env: &Env, ask: Ask) -> Option<Answer> {
    match ask {
        Ask::Site(id, ask) => post(env, SITE, id.as_str(), &ask).await.map(Answer::Site),
        Ask::Phone(id, ask) => post(env, PHONE, id.as_str(), &*ask)
            .await
            .map(Answer::Phone),
        Ask::Waba(id, ask) => post(env, WABA, id.as_str(), &ask).await.map(Answer::Waba),
        Ask::Partner(ask) => post(env, PARTNER, MAIN, &ask).await.map(Answer::Partner),
    }
}

/// What a run said: a snapshot's or a problem's JSON, passed on unread.
pub struct RunSaid {
    pub status: u16,
    pub json: String,
}

/// Asks a run; `None`: it was not heard.
pub async fn ask_run(env: &Env, id: &SignupId, ask: &RunAsk) -> Option<RunSaid> {
    let (status, bytes) = send(env, RUN, id.as_str(), ask).await?;
    Some(RunSaid {
        status,
        json: String::from_utf8(bytes).ok()?,
    })
}

/// Pokes the next few sites that have open runs: the cron's only work. Runs wake by their own alarms;
/// this is for alarms that were lost.
pub async fn sweep(env: &Env) {
    let ask = partner_rules::Ask::NextOpen { limit: SWEPT };
    let Some(partner_rules::Answer::Sites { sites }) = post(env, PARTNER, MAIN, &ask).await else {
        return;
    };
    for site in sites {
        // A site that was not heard comes round again.
        let _: Option<site_rules::Answer> =
            post(env, SITE, site.as_str(), &site_rules::Ask::Poke).await;
    }
}

/// Posts a message to an object and reads its answer; `None`: it was not heard.
pub async fn post<Q: Serialize, A: DeserializeOwned>(
    env: &Env,
    binding: &str,
    name: &str,
    message: &Q,
) -> Option<A> {
    let (_, bytes) = send(env, binding, name, message).await?;
    crate::json::from_slice(&bytes).ok()
}

async fn send<Q: Serialize>(
    env: &Env,
    binding: &str,
    name: &str,
    message: &Q,
) -> Option<(u16, Vec<u8>)> {
    send_json(env, binding, name, serde_json::to_string(message).ok()?).await
}

/// Bounded in time.
async fn send_json(env: &Env, binding: &str, name: &str, json: String) -> Option<(u16, Vec<u8>)> {
    let stub = env.durable_object(binding).ok()?.get_by_name(name).ok()?;
    let headers = Headers::new();
    headers.set("content-type", "application/json").ok()?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post);
    init.with_headers(headers);
    init.with_body(Some(json.into()));
    let address = ["https://object/", name].concat();
    let request = Request::new_with_init(&address, &init).ok()?;
    let asked = async {
        let mut response = stub.fetch_with_request(request).await.ok()?;
        Some((response.status_code(), response.bytes().await.ok()?))
    };
    match select(Box::pin(asked), Delay::from(PATIENCE)).await {
        Either::Left((answer, _)) => answer,
        Either::Right(((), _)) => None,
    }
}

/// Reads the message an object was sent, and the name it was asked by.
async fn read<Q: DeserializeOwned>(mut request: Request) -> worker::Result<(String, Q)> {
    let name = request.path().trim_start_matches('/').to_owned();
    let bytes = host::body(&mut request, MESSAGE_CAP)
        .await
        .map_err(|_| "message not read")?;
    Ok((name, crate::json::from_slice(&bytes)?))
}

fn answer<A: Serialize>(answer: &A) -> worker::Result<Response> {
    Response::ok(serde_json::to_string(answer)?)
}

/// An object holds a poll for 20 s at most; one that says nothing for longer is not heard.
const PATIENCE: Duration = Duration::from_secs(45);
/// Sites a sweep comes to; each asks up to fifty runs.
const SWEPT: usize = 15;
const MESSAGE_CAP: usize = 1 << 20;
