//! The health of the deployment: what is wrong now, checked while the page is opened.

use super::checks::{CheckLine, checks_card};
use super::layout::{exact_time, heading, page, time};
use super::session::Session;
use crate::http::incoming::Incoming;
use crate::http::parameters;
use crate::http::response::HandlerResponse;
use crate::operations::health;
use embark_protocol::Problem;
use embark_protocol::doctor::DoctorState;
use embark_protocol::health::{HealthCheck, HealthItem, HealthReport, HealthStatus};
use maud::{Markup, html};

/// `GET /console/health?after=…`
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape; as of [`health::check`].
pub async fn show(incoming: &Incoming<'_>, session: &Session) -> Result<HandlerResponse, Problem> {
    let after = parameters::site_page(incoming)?;
    let report = health::check(incoming.deployment(), after.as_ref()).await?;
    Ok(page(session, "/health", "Health", &report_part(&report)))
}

fn report_part(report: &HealthReport) -> Markup {
    let of_state = |state: DoctorState| -> Vec<&HealthCheck> {
        let checks = report.checks.iter();
        checks.filter(|check| check.state == state).collect()
    };
    let summary = match report.status {
        HealthStatus::Ok => "Nothing is wrong.",
        HealthStatus::Degraded => "Something is wrong.",
    };
    html! {
        p { strong { (summary) } " Checked " (time(report.checked_at)) ". " a href="" { "Check again" } }
        (checks_part("What is wrong", &of_state(DoctorState::ToDo)))
        (checks_part("Could not be checked", &of_state(DoctorState::Unknown)))
        (checks_part("In order", &of_state(DoctorState::Ok)))
        @if let Some(next) = &report.next {
            p { "Not all of the " (report.sites) " sites were looked at. " a href={ "/console/health?after=" (next) } { "The next ones" } }
        }
        p.hint { "Version " (report.version) ", build " code { (report.build) } ", " (exact_time(report.checked_at)) " UTC" }
    }
}

fn checks_part(title: &str, checks: &[&HealthCheck]) -> Markup {
    let lines: Vec<CheckLine<'_>> = checks.iter().map(|check| line(check)).collect();
    checks_card(title, &lines)
}

fn line(check: &HealthCheck) -> CheckLine<'_> {
    CheckLine {
        state: check.state,
        name: match check.item {
            HealthItem::Kv => "KV".to_owned(),
            item => heading(&item),
        },
        finding: &check.finding,
        remedy: html! {
            @if let Some(fix) = &check.fix {
                p {
                    "What to do: " (fix)
                    @if let Some(page) = &check.page { " " a href=(page) { "Open the page" } }
                }
            }
        },
    }
}
