//! The partner's own way to the first live customer, step by step.

use super::layout::{csrf, page, status, time, wire_name};
use super::session::Session;
use crate::http::admin::access;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::http::route::OperatorRoute;
use crate::operations::checklist;
use embark_protocol::checklist::{ChecklistState, ChecklistStep};
use embark_protocol::doctor::DoctorState;
use embark_protocol::{AppKey, Problem};
use maud::{Markup, html};

/// `GET /console/apps/{app}/checklist`. `notice`: what was just done.
///
/// # Errors
/// As of [`checklist::get`].
pub async fn one(
    incoming: &Incoming<'_>,
    session: &Session,
    app: &AppKey,
    notice: &Markup,
) -> Result<HandlerResponse, Problem> {
    let steps = checklist::get(incoming.deployment(), app).await?.steps;
    let is_open = |step: &&ChecklistStep| step.state == ChecklistState::Open;
    let open = steps.iter().filter(is_open).count();
    let path = format!("/console/apps/{app}");
    let parts = steps.chunk_by(|one, next| one.part == next.part);
    let content = html! {
        (notice)
        p { strong { (steps.len() - open) " of " (steps.len()) " steps are done." } " " a href={ (path) "/doctor" } { "Doctor" } " · " a href=(path) { "Back to the app" } }
        @for part in parts {
            section.card {
                h2 { (part.first().map(|step| step.part.as_str()).unwrap_or_default()) }
                ol.checks { @for step in part { li { (step_part(session, app, step)) } } }
            }
        }
    };
    Ok(page(
        session,
        "/apps",
        &format!("Checklist: app {app}"),
        &content,
    ))
}

fn step_part(session: &Session, app: &AppKey, step: &ChecklistStep) -> Markup {
    let is_marked = step.done_by.is_some();
    // What the doctor has found to be done is not marked by hand.
    let is_to_do = step.check == Some(DoctorState::ToDo);
    let is_by_hand = step.state == ChecklistState::Open && !is_to_do;
    let route = OperatorRoute::MarkStep(app.clone(), step.key.clone());
    let may_mark = access::of(&route).check(&session.operator).is_ok();
    let name = if is_marked {
        "Mark as open"
    } else {
        "Mark as done"
    };
    html! {
        p { (status(&wire_name(&step.state))) " " strong { (step.title) } }
        p { (step.detail) }
        p.hint { "Where: " (step.screen) }
        @if let (Some(by), Some(at)) = (&step.done_by, step.done_at) { p.hint { "Marked by " (by) ", " (time(at)) } }
        @if may_mark && (is_marked || is_by_hand) {
            form.inline method="post" action={ "/console/apps/" (app) "/checklist/" (step.key) } {
                (csrf(session))
                input type="hidden" name="done" value=(!is_marked);
                button.quiet type="submit" aria-label={ (name) ": " (step.title) } { (name) }
            }
        }
    }
}
