//! The list of a site's events, and their replay.

use super::caller::Caller;
use super::signups::{limit, optional};
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply};
use embark_onboarding::resources::rpc::RpcError;
use embark_protocol::backend::{ReplayRequest, ReplayResponse};
use embark_protocol::{Problem, ProblemCode};

/// `GET /v1/backend/events?after=…&limit=…&delivery=dead`
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub async fn list(
    caller: &Caller<'_>,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    match caller.ask(page_query(incoming)?).await? {
        BackendReply::Events(page) => HandlerResponse::json(&page),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// `POST /v1/backend/events/replay`: delivers events again.
///
/// # Errors
/// `bad_json`; `bad_request` for more than a hundred sequences.
pub async fn replay(
    caller: &Caller<'_>,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    replayed(caller.ask(replay_query(incoming)?).await?)
}

/// The events that the body of a request names.
///
/// # Errors
/// `bad_json`; `bad_request` for more than a hundred sequences.
pub fn replay_query(incoming: &Incoming<'_>) -> Result<BackendQuery, Problem> {
    let ReplayRequest { sequences } = incoming.parse_json()?;
    if sequences
        .as_ref()
        .is_some_and(|list| list.len() > MAX_SEQUENCES)
    {
        return Err(Problem::new(ProblemCode::BadRequest).with_detail("sequences: at most 100"));
    }
    Ok(BackendQuery::Replay { sequences })
}

/// The response to a replay.
///
/// # Errors
/// `internal`: it is another reply.
pub fn replayed(reply: BackendReply) -> Result<HandlerResponse, Problem> {
    match reply {
        BackendReply::Replayed(replayed) => HandlerResponse::json(&ReplayResponse { replayed }),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// The page that the parameters of a request name.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub fn page_query(incoming: &Incoming<'_>) -> Result<BackendQuery, Problem> {
    let bad = |detail: &str| Problem::new(ProblemCode::BadRequest).with_detail(detail);
    let after = optional(incoming, "after", |text| text.parse().ok());
    let dead = optional(incoming, "delivery", |text| (text == "dead").then_some(()));
    Ok(BackendQuery::Events {
        after: after
            .map_err(|()| bad("after: the field next of the page before"))?
            .unwrap_or_default(),
        limit: limit(incoming, EVENTS_DEFAULT)?,
        dead: dead.map_err(|()| bad("delivery: dead"))?.is_some(),
    })
}

const EVENTS_DEFAULT: u32 = 100;
const MAX_SEQUENCES: usize = 100;
