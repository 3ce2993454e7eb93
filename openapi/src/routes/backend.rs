//! Routes for the partner's back end.

use super::table::table;
use crate::content::Content;
use crate::content::reference;
use crate::description::{Access, Description, get, post};
use crate::parameters::{limit, number, one_of, pattern, query, text};
use embark_edge::http::route::{BackendRoute, PublicRoute, Route};
use embark_protocol::ProblemCode::{
    BadJson, BadRequest, Conflict, DeadlinePassed, NotFound, TooManyRequests,
};
use embark_protocol::admin::{InvitationDetails, InvitationRequest, LinkResponse};
use embark_protocol::backend::{
    AccountPage, AccountRenewalRequest, BackendIdentity, BackendScope, BusinessTokenDocument,
    EventPage, ReplayRequest, ReplayResponse, SessionRequest, SessionResponse, SignupDetails,
    SignupLink, SignupPage,
};
use embark_protocol::{PhoneNumberId, SignupStatus, WabaId};
use utoipa::openapi::path::Parameter;

table! {
    BackendRoute, "backend",
    |route| match route {
        Route::Public(PublicRoute::Backend(route)) => Some(route),
        _ => None,
    },
    Identity => get("/v1/backend", Access::AnyBackend)
        .about("The site that the token is for, and what it permits.")
        .gives::<BackendIdentity>("Site and scopes."),
    ListSignups => get("/v1/backend/signups", READ)
        .about("The signups of the site, the one that changed last first.")
        .with(signup_filter())
        .gives::<SignupPage>("A page.")
        .refuses(&[BadRequest]),
    GetSignup => get("/v1/backend/signups/{signup}", READ)
        .about("One signup with its events.")
        .gives::<SignupDetails>("The signup.")
        .refuses(&[NotFound]),
    CreateLink => post("/v1/backend/signups/{signup}/link", WRITE)
        .about("A link by which the customer goes on with a signup.")
        .gives::<SignupLink>("The link.")
        .refuses(&[NotFound, Conflict, DeadlinePassed]),
    CreateSession => session(post("/v1/sites/{site}/sessions", WRITE))
        .about("Creates a session: a signup that the back end begins for one customer."),
    ListAccounts => get("/v1/backend/wabas", READ)
        .about("The accounts that signups of the site have connected, with their numbers.")
        .with(account_filter())
        .gives::<AccountPage>("A page.")
        .refuses(&[BadRequest]),
    CreateInvitation => post("/v1/backend/invitations", WRITE)
        .about("Creates an invitation with its link.")
        .takes::<InvitationRequest>()
        .gives::<InvitationDetails>("The invitation. The link is in this response only.")
        .refuses(&[BadJson]),
    CreateRenewal => post("/v1/backend/renewals", WRITE)
        .about("A link by which the customer renews the token of an account of this site.")
        .takes::<AccountRenewalRequest>()
        .gives::<LinkResponse>("The link.")
        .refuses(&[BadJson, NotFound]),
    ListEvents => get("/v1/backend/events", READ)
        .about("The events of the site, the oldest first.")
        .with(event_filter())
        .gives::<EventPage>("A page.")
        .refuses(&[BadRequest]),
    ReplayEvents => replay(post("/v1/backend/events/replay", WRITE)),
    GetToken => get("/v1/backend/wabas/{waba}/token", Access::Backend(BackendScope::Token))
        .about("The business token of a connected account. The read is recorded.")
        .gives::<BusinessTokenDocument>("The token.")
        .refuses(&[NotFound]),
}

/// Creating a session, which operators and back ends do alike.
pub fn session(description: Description) -> Description {
    description
        .takes::<SessionRequest>()
        .answers(
            201,
            "The session, which is in this response only.",
            Some(Content::of::<SessionResponse>()),
        )
        .refuses(&[BadJson, TooManyRequests])
}

/// Replaying events, likewise.
pub fn replay(description: Description) -> Description {
    description
        .about("Delivers events again.")
        .takes::<ReplayRequest>()
        .gives::<ReplayResponse>("How many events are delivered again.")
        .refuses(&[BadJson, NotFound, Conflict])
}

/// The parameters of a list of signups.
pub fn signup_filter() -> Vec<Parameter> {
    let statuses = SignupStatus::ALL.map(SignupStatus::as_str);
    vec![
        query("status", "Only signups of this status.", one_of(&statuses)),
        query("reference", "Only signups of this customer.", text()),
        query(
            "waba_id",
            "Only signups that connected this account.",
            reference::<WabaId>(),
        ),
        query(
            "phone_number_id",
            "Only signups that connected this number.",
            reference::<PhoneNumberId>(),
        ),
        query(
            "search",
            "Only signups that have this in their name, reference, account, number or id, in any case; a number also as people write it.",
            pattern("^.{2,100}$"),
        ),
        query(
            "changed_before",
            "Only signups that changed before this, in Unix milliseconds.",
            number(),
        ),
        query(
            "after",
            "`next` of the page before.",
            pattern("^[0-9]+\\.[0-9a-f]{32}$"),
        ),
        limit(),
    ]
}

/// The parameters of a list of accounts.
pub fn account_filter() -> Vec<Parameter> {
    let about = "`next` of the page before.";
    vec![query("after", about, reference::<WabaId>()), limit()]
}

/// The parameters of a list of events.
pub fn event_filter() -> Vec<Parameter> {
    vec![
        query(
            "after",
            "`next` of the page before. Not with `order`.",
            number(),
        ),
        query(
            "delivery",
            "Only events whose delivery was given up.",
            one_of(&["dead"]),
        ),
        query("order", "The newest first.", one_of(&["newest"])),
        limit(),
    ]
}

const READ: Access = Access::Backend(BackendScope::Read);
const WRITE: Access = Access::Backend(BackendScope::Write);
