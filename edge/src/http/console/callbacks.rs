//! Meta's callbacks about people: who took their access away or wants their data deleted, and how far that is.

use super::layout::{button, may_change, page, status, table, time};
use super::session::Session;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::operations::user_callbacks;
use embark_onboarding::resources::list_cursor::ListCursor;
use embark_protocol::Problem;
use embark_protocol::user_callbacks::{
    UserCallback, UserCallbackKind, UserCallbackPage, UserCallbackStatus,
};
use maud::{Markup, html};

/// `GET /console/callbacks?status=…&after=…`. `notice`: what was just done.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn list(
    incoming: &Incoming<'_>,
    session: &Session,
    notice: &Markup,
) -> Result<HandlerResponse, Problem> {
    let chosen = incoming.query("status");
    let chosen = chosen.and_then(|text| UserCallbackStatus::parse(&text));
    let after = incoming.query("after");
    let after = after.and_then(|text| ListCursor::parse(&text));
    let found = user_callbacks::list(incoming.deployment(), chosen, after, PAGE).await?;
    let content = html! {
        (notice)
        p {
            "People who removed one of your apps or want their data deleted, as Meta reports it. What this service stores of them is "
            "erased by itself. Of an " (status(UserCallbackStatus::Unmatched.as_str())) " one it stores nothing that it knows to be "
            "theirs: search your own systems, then close it. Only then the person’s page says that the data is deleted."
        }
        form.row method="get" action="/console/callbacks" {
            div {
                label for="status" { "Status" }
                select id="status" name="status" {
                    option value="" { "Any" }
                    @for known in UserCallbackStatus::ALL {
                        option value=(known.as_str()) selected[chosen == Some(known)] { (known.as_str()) }
                    }
                }
            }
            button type="submit" { "Show" }
        }
        section.card {
            @if found.callbacks.is_empty() { p.hint { "None." } }
            @else { (callback_table(session, &found)) }
        }
        @if let Some(next) = &found.next {
            p { a href={ "/console/callbacks?status=" (chosen.map_or("", UserCallbackStatus::as_str)) "&after=" (next) } { "Older callbacks" } }
        }
    };
    Ok(page(
        session,
        "/callbacks",
        "Callbacks about people",
        &content,
    ))
}

fn callback_table(session: &Session, found: &UserCallbackPage) -> Markup {
    let may = may_change(session);
    html! {
        (table(&html! { th { "Received (UTC)" } th { "App" } th { "What" } th { "Person" } th { "Status" } th { "Code" } @if may { th { "Actions" } } }, &html! {
            @for callback in &found.callbacks {
                tr {
                    td { (time(callback.received_at)) }
                    td { a href={ "/console/apps/" (callback.app) } { (callback.app) } }
                    td { (kind(callback)) }
                    td { code { (callback.user_id) } }
                    td { (status(callback.status.as_str())) }
                    td { code { (callback.code) } }
                    @if may {
                        td {
                            @if callback.status == UserCallbackStatus::Unmatched {
                                (button(session, &format!("/console/callbacks/{}/close", callback.code), "Close"))
                            }
                        }
                    }
                }
            }
        }))
    }
}

const fn kind(callback: &UserCallback) -> &'static str {
    match callback.kind {
        UserCallbackKind::Deauthorize => "removed the app",
        UserCallbackKind::Delete => "data deletion",
    }
}

const PAGE: u32 = 100;
