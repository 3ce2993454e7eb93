//! Limits on requests, counted by a key: coarse, per Cloudflare location, and before any object is called. What an
//! object may cost is counted exactly, by the object.

use super::incoming::Incoming;
use crate::clock;
use core::cell::RefCell;
use core::time::Duration;
use embark_onboarding::web::address;
use embark_onboarding::web::request_counter::RequestCounter;
use embark_protocol::{Problem, ProblemCode};
use worker::Env;

/// Counts a request under its client's network. A request without an address did not come through Cloudflare, and is
/// not limited.
///
/// # Errors
/// `too_many_requests`.
pub async fn check_address(incoming: &Incoming<'_>) -> Result<(), Problem> {
    match network(incoming) {
        Some(network) => check(incoming.env, &network).await,
        None => Ok(()),
    }
}

/// Counts a request under a key. Where the platform's limiter is missing or fails, this instance of the Worker counts
/// by itself.
///
/// # Errors
/// `too_many_requests`.
pub async fn check(env: &Env, key: &str) -> Result<(), Problem> {
    let is_within = match from_platform(env, key).await {
        Some(is_within) => is_within,
        None => REQUESTS.with_borrow_mut(|counter| counter.count(key, clock::now())),
    };
    if is_within { Ok(()) } else { Err(refused()) }
}

/// What a token is for. The wrong ones of each kind are counted apart: a back end with an old token does not lock the
/// operator out.
#[derive(Debug, Clone, Copy)]
pub enum TokenKind {
    /// The operator's.
    Operator,
    /// A back end's.
    Backend,
}

impl TokenKind {
    fn key(self, incoming: &Incoming<'_>) -> String {
        let kind = match self {
            Self::Operator => "operator/",
            Self::Backend => "backend/",
        };
        [kind, &network(incoming).unwrap_or_default()].concat()
    }
}

/// Whether the client's network sent too many wrong tokens of a kind: its requests with such tokens are then refused
/// unread, right or wrong.
///
/// # Errors
/// `too_many_requests`.
pub fn check_wrong_tokens(incoming: &Incoming<'_>, kind: TokenKind) -> Result<(), Problem> {
    let key = kind.key(incoming);
    let is_exhausted = |counter: &mut RequestCounter| counter.is_exhausted(&key, clock::now());
    if WRONG_TOKENS.with_borrow_mut(is_exhausted) {
        return Err(refused().with_detail("too many wrong tokens from this network: wait a minute"));
    }
    Ok(())
}

/// Counts a wrong token.
///
/// # Errors
/// `too_many_requests`: the network has sent too many at this location.
pub async fn count_wrong_token(incoming: &Incoming<'_>, kind: TokenKind) -> Result<(), Problem> {
    let key = kind.key(incoming);
    WRONG_TOKENS.with_borrow_mut(|counter| counter.count(&key, clock::now()));
    check(incoming.env, &key).await
}

fn network(incoming: &Incoming<'_>) -> Option<String> {
    let address = incoming.header("cf-connecting-ip")?;
    Some(address::network(&address))
}

/// `None`: the binding is missing, or its call failed.
async fn from_platform(env: &Env, key: &str) -> Option<bool> {
    let limiter = env.rate_limiter(BINDING).ok()?;
    let outcome = limiter.limit(key.to_owned()).await.ok()?;
    Some(outcome.success)
}

fn refused() -> Problem {
    Problem::new(ProblemCode::TooManyRequests)
}

thread_local! {
    static REQUESTS: RefCell<RequestCounter> =
        RefCell::new(RequestCounter::new(REQUESTS_PER_PERIOD, PERIOD));
    static WRONG_TOKENS: RefCell<RequestCounter> =
        RefCell::new(RequestCounter::new(WRONG_TOKENS_PER_PERIOD, PERIOD));
}

/// The platform's limiter (`wrangler.toml`).
const BINDING: &str = "RATE";
/// As the platform's limiter is set in `wrangler.toml`.
const REQUESTS_PER_PERIOD: u32 = 300;
const WRONG_TOKENS_PER_PERIOD: u32 = 20;
const PERIOD: Duration = Duration::from_mins(1);
