//! What Meta calls about people.

use super::table::{Entry, table};
use crate::content::Content;
use crate::description::{Access, Description, post};
use embark_edge::http::route::{PublicRoute, Route};
use embark_protocol::ProblemCode::{NotFound, Unauthorized};
use embark_protocol::user_callbacks::{DeletionConfirmation, UserCallbackKind};

table! {
    UserCallbackKind, "callback",
    |route| match route {
        Route::Public(PublicRoute::UserCallback(_, kind)) => Some(kind),
        _ => None,
    },
    Deauthorize => deauthorize(),
    Delete => delete(),
}

fn deauthorize() -> Entry {
    received("/v1/callbacks/meta/{app}/deauthorize")
        .about("A person removed the app.")
        .answers(200, "It is stored.", Some(Content::object()))
        .into()
}

fn delete() -> Entry {
    received("/v1/callbacks/meta/{app}/delete")
        .about("A person wants their data deleted.")
        .gives::<DeletionConfirmation>("It is stored.")
        .into()
}

fn received(path: &'static str) -> Description {
    let signed = "What Meta signed with the app's secret.";
    post(path, Access::Open)
        .notes("See <https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback>.")
        .hides_ids()
        .takes_content(Content::form("signed_request", signed))
        .refuses(&[NotFound, Unauthorized])
}
