//! The list of a site's signups.

use super::caller::Caller;
use super::parameters::{limit, optional};
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply, SignupCursor};
use embark_onboarding::resources::rpc::RpcError;
use embark_protocol::backend::SignupFilter;
use embark_protocol::{PhoneNumberId, Problem, ProblemCode, SignupId, SignupStatus, WabaId};

/// `GET /v1/backend/signups?status=…&reference=…&waba_id=…&phone_number_id=…&changed_before=…&after=…&limit=…`
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub async fn list(
    caller: &Caller<'_>,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    page(caller.ask(page_query(incoming)?).await?)
}

/// `GET /v1/backend/signups/{id}`: one signup with its events.
///
/// # Errors
/// `not_found`: the site has none of this id.
pub async fn get(caller: &Caller<'_>, id: SignupId) -> Result<HandlerResponse, Problem> {
    match caller.ask(BackendQuery::Signup { id }).await? {
        BackendReply::Signup(Some(details)) => HandlerResponse::json(&*details),
        BackendReply::Signup(None) => Err(Problem::new(ProblemCode::NotFound)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// The page that the parameters of a request name.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub fn page_query(incoming: &Incoming<'_>) -> Result<BackendQuery, Problem> {
    let bad = |detail: &str| Problem::new(ProblemCode::BadRequest).with_detail(detail);
    let status = optional(incoming, "status", |text| {
        SignupStatus::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
    });
    let filter = SignupFilter {
        status: status.map_err(|()| bad("status: launched, running, waiting, needs_input, connected, connected_without_number, relaunch, failed or abandoned"))?,
        reference: incoming.query("reference"),
        waba_id: optional(incoming, "waba_id", |text| WabaId::parse(text).ok())
            .map_err(|()| bad("waba_id: 5 to 20 digits"))?,
        phone_number_id: optional(incoming, "phone_number_id", |text| {
            PhoneNumberId::parse(text).ok()
        })
        .map_err(|()| bad("phone_number_id: 5 to 20 digits"))?,
        changed_before: optional(incoming, "changed_before", |text| text.parse().ok())
            .map_err(|()| bad("changed_before: Unix milliseconds"))?,
    };
    Ok(BackendQuery::Signups {
        filter,
        after: optional(incoming, "after", SignupCursor::parse)
            .map_err(|()| bad("after: the field next of the page before"))?,
        limit: limit(incoming, SIGNUPS_DEFAULT)?,
    })
}

/// The response to a query for a page.
///
/// # Errors
/// `internal`: it is another reply.
pub fn page(reply: BackendReply) -> Result<HandlerResponse, Problem> {
    match reply {
        BackendReply::Signups(page) => HandlerResponse::json(&page),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

const SIGNUPS_DEFAULT: u32 = 100;
