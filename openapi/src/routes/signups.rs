//! What a page posts to a signup.

use super::table::table;
use crate::content::Content;
use crate::description::{Access, Description, post};
use embark_edge::http::route::{PublicRoute, Route, SignupPost};
use embark_protocol::ProblemCode::{
    self, BadJson, BadRequest, CodeAlreadySent, Conflict, InputInvalid, InputNotAsked,
    InvitationExpired, InvitationRequired, InvitationUsed, NotLaunched, QuotaFull,
    RedirectUriRefused, SessionExpired, SessionOrigin, SessionRequired, SessionUnknown,
    SessionUsed, SiteDisabled, TooManyTries, UnknownSite, UnsupportedMediaType,
};
use embark_protocol::Snapshot;
use embark_protocol::requests::{
    AssetsRequest, EndedRequest, InputRequest, LaunchedRequest, OutcomeRequest,
};

table! {
    SignupPost, "signup",
    |route| match route {
        Route::Public(PublicRoute::PostSignup(_, post)) => Some(post),
        _ => None,
    },
    Launched => posted("/v1/signups/{signup}/launched")
        .about("Meta's window was opened.")
        .takes_content(Content::of::<LaunchedRequest>().optional())
        .refuses(&[BadJson]),
    Outcome => posted("/v1/signups/{signup}/outcome")
        .about("Meta returned an authorization code.")
        .takes::<OutcomeRequest>()
        .refuses(&[BadJson, BadRequest, RedirectUriRefused, CodeAlreadySent, TooManyTries]),
    Assets => posted("/v1/signups/{signup}/assets")
        .about("Meta's session info message arrived after the code was posted.")
        .takes::<AssetsRequest>()
        .refuses(&[BadJson]),
    Ended => posted("/v1/signups/{signup}/ended")
        .about("The launch ended without a code.")
        .takes::<EndedRequest>()
        .refuses(&[BadJson]),
    Input => posted("/v1/signups/{signup}/input")
        .about("The answer to the `input` of a snapshot.")
        .takes::<InputRequest>()
        .refuses(&[BadJson, InputNotAsked, InputInvalid]),
    Report => posted("/v1/signups/{signup}/report")
        .about("Reads the readiness report again.")
        .takes_content(Content::object().optional())
        .refuses(&[NotLaunched]),
}

fn posted(path: &'static str) -> Description {
    post(path, Access::Grant)
        .notes("The first post of a signup begins it, and uses up the invitation or the session.")
        .answers(
            202,
            "What was posted is stored, and its effects follow. The snapshot.",
            Some(Content::of::<Snapshot>()),
        )
        .refuses(BEGINNING)
        .refuses(&[UnsupportedMediaType, Conflict])
}

/// Why a signup is not begun.
const BEGINNING: &[ProblemCode] = &[
    UnknownSite,
    SiteDisabled,
    QuotaFull,
    InvitationRequired,
    InvitationUsed,
    InvitationExpired,
    SessionRequired,
    SessionUnknown,
    SessionUsed,
    SessionExpired,
    SessionOrigin,
];
