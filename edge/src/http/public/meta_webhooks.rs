//! Meta's webhooks: the handshake for the callback URL of an app, and the webhooks themselves
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint>).

use crate::clock;
use crate::durable_objects::app_credentials::app_settings;
use crate::durable_objects::rpc;
use crate::durable_objects::webhook_secrets::{
    signing_secret_copies, signing_secrets, verify_token,
};
use crate::http::incoming::Incoming;
use crate::http::rate_limit;
use crate::http::response::HandlerResponse;
use crate::telemetry;
use core::time::Duration;
use embark_onboarding::crypto::Secret;
use embark_onboarding::meta::webhook::{
    Handshake, MetaChange, Signature, SignatureError, parse_webhook,
};
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::unclaimed::UnclaimedAccounts;
use embark_onboarding::resources::waba::{Listing, WabaReply, WabaRequest};
use embark_onboarding::telemetry::Subject;
use embark_onboarding::time::UnixMillis;
use embark_protocol::{AppKey, Problem, ProblemCode, WabaId};
use futures_util::{StreamExt, stream};
use std::collections::BTreeMap;
use worker::Env;

/// `GET /v1/webhooks/meta/{app}`: sends the challenge back as plain text, if Meta names the app's verify token.
///
/// # Errors
/// `not_found`: there is no such app. 403 with `unauthorized` for any other request than Meta's. `internal`.
pub async fn verify(incoming: &Incoming<'_>, app: &AppKey) -> Result<HandlerResponse, Problem> {
    require_app(incoming, app).await?;
    let handshake = Handshake {
        mode: incoming.query("hub.mode"),
        verify_token: incoming.query("hub.verify_token").map(Secret::new),
        challenge: incoming.query("hub.challenge"),
    };
    let expected = verify_token(incoming.env, incoming.settings, app).await?;
    match handshake.challenge(expected.as_ref()) {
        Some(challenge) => Ok(HandlerResponse::Text(challenge)),
        None => {
            let problem = Problem::new(ProblemCode::Unauthorized).with_detail("hub.verify_token");
            Ok(HandlerResponse::Forbidden(Box::new(problem)))
        }
    }
}

/// `POST /v1/webhooks/meta/{app}`: 200 once every change is stored by the object of its account. Meta repeats a webhook
/// after any other status, for up to seven days.
///
/// # Errors
/// `not_found`: there is no such app. `body_too_large` above 3 MB. `unauthorized`: the signature is missing or wrong;
/// `too_many_requests`, if many of the client's network are. `bad_json`: what is signed is no JSON object. `internal`: not all
/// is stored.
pub async fn receive(incoming: &Incoming<'_>, app: &AppKey) -> Result<HandlerResponse, Problem> {
    require_app(incoming, app).await?;
    let body = incoming.body()?;
    if let Err(refused) = check_signature(incoming, app, body).await? {
        return Err(Problem::new(ProblemCode::Unauthorized).with_detail(&refused.to_string()));
    }
    let webhook = parse_webhook(app, body, clock::now())
        .map_err(|error| Problem::new(ProblemCode::BadJson).with_detail(&error.to_string()))?;
    if webhook.skipped > 0 {
        let skipped = webhook.skipped;
        let detail = format!("{skipped} entries name no account");
        telemetry::warning("webhook", &detail, &Subject::app(app));
    }
    let requests = requests(app, webhook.changes)?;
    let mut unlisted: BTreeMap<WabaId, UnixMillis> = BTreeMap::new();
    let mut waiting = vec![];
    let mut all_stored = true;
    for (reply, (waba, request)) in store_all(incoming.env, &requests)
        .await
        .into_iter()
        .zip(&requests)
    {
        match reply {
            Stored::Yes => {}
            Stored::No => all_stored = false,
            Stored::Unlisted(until) => {
                let listed_until = unlisted.entry(waba.clone()).or_insert(until);
                *listed_until = until.max(*listed_until);
                waiting.push((waba, request));
            }
        }
    }
    if !waiting.is_empty() {
        all_stored &= store_unclaimed(incoming.env, app, unlisted, waiting).await?;
    }
    if all_stored {
        HandlerResponse::json(&serde_json::json!({}))
    } else {
        Err(Problem::new(ProblemCode::Internal))
    }
}

/// Has accounts listed that nobody owns, all at once, and then their changes stored. Returns whether they are.
async fn store_unclaimed(
    env: &Env,
    app: &AppKey,
    unlisted: BTreeMap<WabaId, UnixMillis>,
    waiting: Vec<(&WabaId, &WabaRequest)>,
) -> Result<bool, Problem> {
    let accounts = UnclaimedAccounts {
        app: app.clone(),
        at: clock::now(),
        accounts: unlisted.clone().into_iter().collect(),
    };
    let request = PartnerRequest::ListAllUnclaimed(accounts);
    let listed = match rpc::call_within(env, &Singleton, &request, DEADLINE).await? {
        PartnerReply::ListedAll(listed) => listed,
        _ => return Err(RpcError::UnexpectedReply.into()),
    };
    let dropped = unlisted.len() - listed.len();
    if dropped > 0 {
        let detail = format!("too many: {dropped} dropped");
        telemetry::warning("unclaimed", &detail, &Subject::app(app));
    }
    let is_listed = |(waba, _): &(&WabaId, &WabaRequest)| listed.contains(*waba);
    let to_listed = |(waba, request): (&WabaId, &WabaRequest)| {
        let mut request = request.clone();
        let until = unlisted.get(waba).copied();
        if let (WabaRequest::Changes { listing, .. }, Some(until)) = (&mut request, until) {
            *listing = Listing::Until(until);
        }
        (waba.clone(), request)
    };
    let requests: Vec<_> = waiting
        .into_iter()
        .filter(is_listed)
        .map(to_listed)
        .collect();
    let replies = store_all(env, &requests).await;
    Ok(replies.iter().all(|reply| *reply == Stored::Yes))
}

/// An app that is not known costs a read of its settings, and no object.
///
/// # Errors
/// `not_found`: there is no such app. `internal`.
pub(super) async fn require_app(incoming: &Incoming<'_>, app: &AppKey) -> Result<(), Problem> {
    match app_settings(incoming.env, app).await? {
        Some(_) => Ok(()),
        None => {
            rate_limit::check_address(incoming).await?;
            Err(Problem::new(ProblemCode::NotFound))
        }
    }
}

/// Checks with the copies in KV, which webhooks are mostly signed by. Only where none of them fits, the Partner object is
/// asked: a secret may have changed within the last minute.
async fn check_signature(
    incoming: &Incoming<'_>,
    app: &AppKey,
    body: &[u8],
) -> Result<Result<(), SignatureError>, Problem> {
    let (env, settings) = (incoming.env, incoming.settings);
    let signature = match Signature::parse(incoming.header("x-hub-signature-256").as_deref()) {
        Ok(signature) => signature,
        Err(error) => {
            rate_limit::check_address(incoming).await?;
            return Ok(Err(error));
        }
    };
    let copies = signing_secret_copies(env, settings, app).await;
    if copies.is_ok_and(|secrets| signature.verify(body, &secrets).is_ok()) {
        return Ok(Ok(()));
    }
    rate_limit::check_address(incoming).await?;
    let secrets = signing_secrets(env, settings, app).await?;
    Ok(signature.verify(body, &secrets))
}

/// The requests that together have all changes: of one account each, and none larger than an object takes.
fn requests(
    app: &AppKey,
    changes: Vec<(WabaId, MetaChange)>,
) -> Result<Vec<(WabaId, WabaRequest)>, Problem> {
    let mut chunks: BTreeMap<WabaId, Vec<Chunk>> = BTreeMap::new();
    for (waba, change) in changes {
        let json = serde_json::to_string(&change);
        let size = json.map_err(|_| Problem::new(ProblemCode::Internal))?.len();
        let chunks = chunks.entry(waba).or_default();
        match chunks.last_mut() {
            Some(chunk) if chunk.has_room_for(size) => chunk.add(change, size),
            _ => {
                let mut chunk = Chunk::default();
                chunk.add(change, size);
                chunks.push(chunk);
            }
        }
    }
    let to_request = |chunk: Chunk| WabaRequest::Changes {
        app: app.clone(),
        changes: chunk.changes,
        listing: Listing::BySender,
    };
    let of_account = |(waba, chunks): (WabaId, Vec<Chunk>)| {
        let chunks = chunks.into_iter();
        chunks.map(move |chunk| (waba.clone(), to_request(chunk)))
    };
    Ok(chunks.into_iter().flat_map(of_account).collect())
}

/// Changes that are sent together.
#[derive(Default)]
struct Chunk {
    changes: Vec<MetaChange>,
    /// In bytes of JSON.
    size: usize,
}

impl Chunk {
    fn has_room_for(&self, size: usize) -> bool {
        self.size + size <= CHUNK_SIZE && self.changes.len() < CHUNK_CHANGES
    }

    fn add(&mut self, change: MetaChange, size: usize) {
        self.size += size;
        self.changes.push(change);
    }
}

/// What an object did with changes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stored {
    Yes,
    No,
    /// Nothing: the account must be listed before, until then.
    Unlisted(UnixMillis),
}

/// What each object did, in the order of the requests.
async fn store_all(env: &Env, requests: &[(WabaId, WabaRequest)]) -> Vec<Stored> {
    let store = async |(waba, request): &(WabaId, WabaRequest)| match rpc::call_within(
        env, waba, request, DEADLINE,
    )
    .await
    {
        Ok(WabaReply::Accepted) => Stored::Yes,
        Ok(WabaReply::Unlisted { until }) => Stored::Unlisted(until),
        _ => Stored::No,
    };
    let replies = stream::iter(requests).map(store).buffered(AT_ONCE);
    replies.collect().await
}

/// Objects that are asked at the same time.
const AT_ONCE: usize = 16;
/// Meta does not wait for long.
const DEADLINE: Duration = Duration::from_secs(15);
/// In bytes of JSON: half of what an object takes.
const CHUNK_SIZE: usize = 512 * 1024;
const CHUNK_CHANGES: usize = 500;
