//! The events of a site, and their replay.

use super::site_client::SiteClient;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply, EventFilter};
use embark_onboarding::resources::rpc::RpcError;
use embark_protocol::backend::{EventPage, ReplayRequest, ReplayResponse};
use embark_protocol::{Problem, ProblemCode};

/// A page of events.
///
/// # Errors
/// `unknown_site`; `internal`: the site did not reply.
pub async fn list(
    client: &impl SiteClient,
    filter: EventFilter,
    limit: u32,
) -> Result<EventPage, Problem> {
    match client.ask(BackendQuery::Events { filter, limit }).await? {
        BackendReply::Events(page) => Ok(page),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// Delivers events again.
///
/// # Errors
/// `bad_request` unless the order names sequences, a hundred at most, or every dead event; `not_found`: the site has no
/// endpoint; `conflict`: it is switched off; `unknown_site`; `internal`: the site did not reply.
pub async fn replay(
    client: &impl SiteClient,
    order: ReplayRequest,
) -> Result<ReplayResponse, Problem> {
    let bad = |detail: &str| Problem::new(ProblemCode::BadRequest).with_detail(detail);
    let ReplayRequest { sequences, dead } = order;
    match &sequences {
        Some(list) if list.len() > MAX_SEQUENCES => return Err(bad("sequences: at most 100")),
        Some(_) if dead => return Err(bad("sequences, or dead: not both")),
        None if !dead => return Err(bad("sequences: a list of numbers, or dead: true")),
        _ => {}
    }
    match client.ask(BackendQuery::Replay { sequences }).await? {
        BackendReply::Replayed(replayed) => Ok(ReplayResponse { replayed }),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

const MAX_SEQUENCES: usize = 100;
