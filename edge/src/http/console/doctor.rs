//! The doctor: what usually goes wrong with an app or a site, checked while the page is opened.

use super::checks::{CheckLine, checks_card};
use super::layout::{heading, page, time};
use super::session::Session;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::operations::doctor;
use embark_protocol::doctor::{DoctorCheck, DoctorReport, DoctorState};
use embark_protocol::{AppKey, Problem, SiteId};
use maud::{Markup, html};

/// `GET /console/sites/{site}/doctor`
///
/// # Errors
/// As of [`doctor::check_site`].
pub async fn of_site(
    incoming: &Incoming<'_>,
    session: &Session,
    site: &SiteId,
) -> Result<HandlerResponse, Problem> {
    let report = doctor::check_site(incoming.deployment(), site).await?;
    let back = html! { a href={ "/console/sites/" (site) } { "Back to the site" } };
    let title = format!("Doctor: site {site}");
    Ok(page(
        session,
        "/sites",
        &title,
        &report_part(&report, &back),
    ))
}

/// `GET /console/apps/{app}/doctor`
///
/// # Errors
/// As of [`doctor::check_app`].
pub async fn of_app(
    incoming: &Incoming<'_>,
    session: &Session,
    app: &AppKey,
) -> Result<HandlerResponse, Problem> {
    let report = doctor::check_app(incoming.deployment(), app).await?;
    let back = html! { a href={ "/console/apps/" (app) } { "Back to the app" } };
    let title = format!("Doctor: app {app}");
    Ok(page(session, "/apps", &title, &report_part(&report, &back)))
}

fn report_part(report: &DoctorReport, back: &Markup) -> Markup {
    let of_state = |state: DoctorState| {
        let checks = report.checks.iter();
        checks
            .filter(|check| check.state == state)
            .collect::<Vec<_>>()
    };
    let to_do = of_state(DoctorState::ToDo);
    let summary = match to_do.len() {
        0 => "Nothing to do.".to_owned(),
        1 => "One thing to do.".to_owned(),
        count => format!("{count} things to do."),
    };
    html! {
        p { strong { (summary) } " Checked " (time(report.checked_at)) ". " a href="" { "Check again" } " · " (back) }
        (checks_part("To do", &to_do))
        (checks_part("Could not be checked", &of_state(DoctorState::Unknown)))
        (checks_part("In order", &of_state(DoctorState::Ok)))
    }
}

fn checks_part(title: &str, checks: &[&DoctorCheck]) -> Markup {
    let lines: Vec<CheckLine<'_>> = checks.iter().map(|check| line(check)).collect();
    checks_card(title, &lines)
}

fn line(check: &DoctorCheck) -> CheckLine<'_> {
    CheckLine {
        state: check.state,
        name: heading(&check.item),
        finding: &check.finding,
        remedy: html! {
            @if let Some(fix) = &check.fix { p { "What to do: " (fix) } }
            @if let Some(screen) = &check.screen { p.hint { "Where: " (screen) } }
        },
    }
}
