//! What an operator sets up for a site's back end, and what came of it.

use crate::content::Content;
use crate::description::{Access, Description, delete, get, post, put};
use crate::routes::backend::{account_filter, event_filter, replay, session, signup_filter};
use embark_protocol::ProblemCode::{
    BadJson, BadRequest, Conflict, DeadlinePassed, NotFound, UnknownSite,
};
use embark_protocol::backend::{
    AccountPage, AuditEntry, BackendTokenDetails, BackendTokenRequest, BusinessTokenDocument,
    EndpointDetails, EndpointRequest, EventPage, SignupDetails, SignupLink, SignupPage,
};

pub fn create_session() -> Description {
    session(post("/v1/admin/sites/{site}/sessions", Access::Operator))
        .about("Creates a session, as a back end does.")
        .refuses(&[UnknownSite])
}

pub fn create_token() -> Description {
    post("/v1/admin/sites/{site}/tokens", Access::Operator)
        .about("Creates a back-end token. A site has twenty at most.")
        .takes::<BackendTokenRequest>()
        .gives::<BackendTokenDetails>("The token, which is in this response only.")
        .refuses(&[BadJson, Conflict, UnknownSite])
}

pub fn list_tokens() -> Description {
    get("/v1/admin/sites/{site}/tokens", Access::Operator)
        .about("The back-end tokens of a site, without their text.")
        .answers(
            200,
            "The tokens.",
            Some(Content::list_of::<BackendTokenDetails>()),
        )
        .refuses(&[UnknownSite])
}

pub fn revoke_token() -> Description {
    delete("/v1/admin/sites/{site}/tokens/{token_id}", Access::Operator)
        .about("A back-end token ceases to work at once.")
        .answers(204, "It does not work any more.", None)
        .refuses(&[NotFound, UnknownSite])
}

pub fn put_endpoint() -> Description {
    put("/v1/admin/sites/{site}/endpoint", Access::Operator)
        .about("Sets the address that events are posted to, and switches it on.")
        .takes::<EndpointRequest>()
        .gives::<EndpointDetails>("The endpoint; the first time with its signing secret.")
        .refuses(&[BadJson, UnknownSite])
}

pub fn get_endpoint() -> Description {
    get("/v1/admin/sites/{site}/endpoint", Access::Operator)
        .about("How the endpoint of a site's events does.")
        .gives::<EndpointDetails>("The endpoint.")
        .refuses(&[NotFound, UnknownSite])
}

pub fn delete_endpoint() -> Description {
    delete("/v1/admin/sites/{site}/endpoint", Access::Operator)
        .about("Events are kept for the list, and not delivered any more.")
        .answers(204, "There is no endpoint any more.", None)
        .refuses(&[UnknownSite])
}

pub fn rotate_secret() -> Description {
    post("/v1/admin/sites/{site}/endpoint/secret", Access::Operator)
        .about("A new signing secret. The one before signs too, for a day.")
        .gives::<EndpointDetails>("The endpoint with the new secret.")
        .refuses(&[NotFound, UnknownSite])
}

pub fn test_endpoint() -> Description {
    post("/v1/admin/sites/{site}/endpoint/test", Access::Operator)
        .about("Delivers the event `endpoint.test`.")
        .answers(202, "It is delivered next.", Some(Content::object()))
        .refuses(&[NotFound, Conflict, UnknownSite])
}

pub fn list_signups() -> Description {
    get("/v1/admin/sites/{site}/signups", Access::Operator)
        .about("The signups of a site, the one that changed last first.")
        .with(signup_filter())
        .gives::<SignupPage>("A page.")
        .refuses(&[BadRequest, UnknownSite])
}

pub fn get_signup() -> Description {
    get("/v1/admin/sites/{site}/signups/{signup}", Access::Operator)
        .about("One signup of a site with its events.")
        .gives::<SignupDetails>("The signup.")
        .refuses(&[NotFound, UnknownSite])
}

pub fn create_link() -> Description {
    post(
        "/v1/admin/sites/{site}/signups/{signup}/link",
        Access::Operator,
    )
    .about("A link by which the customer goes on with a signup.")
    .gives::<SignupLink>("The link.")
    .refuses(&[NotFound, Conflict, DeadlinePassed, UnknownSite])
}

pub fn list_accounts() -> Description {
    get("/v1/admin/sites/{site}/wabas", Access::Operator)
        .about("The accounts that signups of a site have connected, with their numbers.")
        .with(account_filter())
        .gives::<AccountPage>("A page.")
        .refuses(&[BadRequest, UnknownSite])
}

pub fn get_token() -> Description {
    get(
        "/v1/admin/sites/{site}/wabas/{waba}/token",
        Access::Operator,
    )
    .about("The business token of a connected account. The read is recorded.")
    .gives::<BusinessTokenDocument>("The token.")
    .refuses(&[NotFound, UnknownSite])
}

pub fn list_events() -> Description {
    get("/v1/admin/sites/{site}/events", Access::Operator)
        .about("The events of a site, the oldest first.")
        .with(event_filter())
        .gives::<EventPage>("A page.")
        .refuses(&[BadRequest, UnknownSite])
}

pub fn replay_events() -> Description {
    replay(post(
        "/v1/admin/sites/{site}/events/replay",
        Access::Operator,
    ))
    .refuses(&[UnknownSite])
}

pub fn token_reads() -> Description {
    get("/v1/admin/sites/{site}/audit", Access::Operator)
        .about("Who read business tokens; the last 500 reads.")
        .answers(200, "The reads.", Some(Content::list_of::<AuditEntry>()))
        .refuses(&[UnknownSite])
}
