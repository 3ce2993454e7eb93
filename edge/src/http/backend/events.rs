//! The list of a site's events, and their replay.

use super::caller::Caller;
use super::parameters::{limit, optional};
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply, EventFilter};
use embark_onboarding::resources::rpc::RpcError;
use embark_protocol::backend::{BackendScope, ReplayRequest, ReplayResponse};
use embark_protocol::{Problem, ProblemCode};

/// `GET /v1/backend/events?after=…&limit=…&delivery=dead&order=newest`
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub async fn list(
    caller: &Caller<'_>,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    page(caller.ask(page_query(incoming)?).await?)
}

/// `POST /v1/backend/events/replay`: delivers events again.
///
/// # Errors
/// As [`replay_query`]; `not_found` without an endpoint, `conflict` if it is switched off.
pub async fn replay(
    caller: &Caller<'_>,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    let scope = BackendScope::Write;
    caller.ask(BackendQuery::Permit { scope }).await?;
    replayed(caller.ask(replay_query(incoming)?).await?)
}

/// The events that the body of a request names.
///
/// # Errors
/// `bad_json`; `bad_request` unless it names sequences, a hundred at most, or every dead event.
pub fn replay_query(incoming: &Incoming<'_>) -> Result<BackendQuery, Problem> {
    let bad = |detail: &str| Problem::new(ProblemCode::BadRequest).with_detail(detail);
    let ReplayRequest { sequences, dead } = incoming.parse_json()?;
    match &sequences {
        Some(list) if list.len() > MAX_SEQUENCES => Err(bad("sequences: at most 100")),
        Some(_) if dead => Err(bad("sequences, or dead: not both")),
        None if !dead => Err(bad("sequences: a list of numbers, or dead: true")),
        _ => Ok(BackendQuery::Replay { sequences }),
    }
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
    let newest = optional(incoming, "order", |text| (text == "newest").then_some(()));
    let filter = EventFilter {
        after: after
            .map_err(|()| bad("after: the field next of the page before"))?
            .unwrap_or_default(),
        dead: dead.map_err(|()| bad("delivery: dead"))?.is_some(),
        newest_first: newest.map_err(|()| bad("order: newest"))?.is_some(),
    };
    if filter.newest_first && incoming.query("after").is_some() {
        return Err(bad("order=newest takes no after: go on with after alone"));
    }
    Ok(BackendQuery::Events {
        filter,
        limit: limit(incoming, EVENTS_DEFAULT)?,
    })
}

/// The response to a query for a page.
///
/// # Errors
/// `internal`: it is another reply.
pub fn page(reply: BackendReply) -> Result<HandlerResponse, Problem> {
    match reply {
        BackendReply::Events(page) => HandlerResponse::json(&page),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

const EVENTS_DEFAULT: u32 = 100;
const MAX_SEQUENCES: usize = 100;
