//! Signups: the list, and one of them with everything that happened.

use super::layout::{
    button, duration, exact_time, may_change, page, problem_card, status, table, time, wire_name,
};
use super::session::Session;
use super::site_choice::{SiteChoice, warning};
use crate::http::admin::access;
use crate::http::admin::site::export_signups;
use crate::http::incoming::Incoming;
use crate::http::parameters;
use crate::http::response::HandlerResponse;
use crate::http::route::{OperatorRoute, SiteRoute};
use crate::operations::operators::audited;
use crate::operations::site_client::OperatorClient;
use crate::operations::{reports, signups};
use embark_protocol::backend::{ListedEvent, SignupOfSite, SignupSummary};
use embark_protocol::report::ReadinessReport;
use embark_protocol::signup_calls::SignupCall;
use embark_protocol::{Problem, SignupId, SignupStatus, SiteId};
use maud::{Markup, html};

/// `GET /console/signups`: of one site, or of all.
///
/// # Errors
/// `bad_request` for a filter of the wrong shape; `internal`: an object did not reply.
pub async fn list(incoming: &Incoming<'_>, session: &Session) -> Result<HandlerResponse, Problem> {
    let search = parameters::signup_search(incoming)?;
    let choice = SiteChoice::of(incoming).await?;
    let (filter, after) = (search.filter, search.after);
    let deployment = incoming.deployment();
    let found = signups::list_of_sites(deployment, choice.sites(), filter, after, PAGE).await;
    let rows = &found.signups;
    let value = |name: &str| incoming.query(name).unwrap_or_default();
    let content = html! {
        form.row method="get" action="/console/signups" {
            (choice.field())
            div {
                label for="status" { "Status" }
                select id="status" name="status" {
                    option value="" { "Any" }
                    @for known in SignupStatus::ALL {
                        option value=(known.as_str()) selected[value("status") == known.as_str()] { (known.as_str().replace('_', " ")) }
                    }
                }
            }
            div {
                label for="search" { "Name, reference, number, id" }
                input id="search" name="search" type="search" minlength="2" maxlength="100" value=(value("search"));
            }
            button type="submit" { "Search" }
        }
        (warning(&found.missing_sites))
        // Read again by itself, while the page is open; a search, which reads every signup, only once.
        section.card id="signups" hx-get=(incoming.url()) hx-trigger=[value("search").is_empty().then_some("every 5s")] hx-select="#signups" hx-target="#signups" hx-swap="outerHTML" {
            @if rows.is_empty() { p.hint { "No signup matches." } }
            @else { (signup_table(rows)) }
        }
        @if let Some(next) = &found.next {
            p { a href={ "/console/signups?" (older(choice.chosen.as_ref(), &value("status"), &value("search"), next)) } { "Older signups" } }
        }
        @if let Some(site) = &choice.chosen {
            @let query = filters(&value("status"), &value("search")).finish();
            p {
                "All of them as a file: "
                a href={ "/console/sites/" (site) "/export?format=csv&" (query) } { "CSV" } " · "
                a href={ "/console/sites/" (site) "/export?format=jsonl&" (query) } { "JSON lines" }
            }
        }
    };
    Ok(page(session, "/signups", "Signups", &content))
}

/// `GET /console/sites/{site}/export`: a file, as the operator's API has it.
///
/// # Errors
/// As [`export_signups`].
pub async fn export(
    incoming: &Incoming<'_>,
    session: &Session,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let access = access::of(&OperatorRoute::OfSite(
        site.clone(),
        SiteRoute::ExportSignups,
    ));
    access.check(&session.operator)?;
    let deployment = incoming.deployment();
    let client = OperatorClient::new(deployment, site);
    let export = export_signups(&client, incoming);
    audited(deployment, access.action.unwrap_or_default(), export).await
}

/// The query of the next page.
fn older(site: Option<&SiteId>, status: &str, search: &str, after: &str) -> String {
    let mut query = filters(status, search);
    if let Some(site) = site {
        query.append_pair("site", site.as_str());
    }
    query.append_pair("after", after);
    query.finish()
}

/// Those that are not empty, as a query.
fn filters(status: &str, search: &str) -> form_urlencoded::Serializer<'static, String> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("status", status), ("search", search)] {
        if !value.is_empty() {
            query.append_pair(name, value);
        }
    }
    query
}

fn signup_table(rows: &[SignupOfSite]) -> Markup {
    html! {
        (table(&html! { th { "Changed (UTC)" } th { "Site" } th { "Status" } th { "Reference" } th { "Name" } th { "Number" } th { "Why" } }, &html! {
            @for SignupOfSite { site, signup } in rows {
                @let connected = signup.connected.as_ref();
                tr {
                    td { a href={ "/console/sites/" (site) "/signups/" (signup.id) } { (time(signup.changed_at)) } }
                    td { a href={ "/console/sites/" (site) } { (site) } }
                    td { (status(signup.status.as_str())) }
                    td { @if let Some(reference) = &signup.reference { bdi { (reference.id) } } }
                    td { bdi { (name(signup)) } }
                    td {
                        @if let Some(connected) = connected {
                            bdi dir="ltr" { (connected.display_phone_number.as_deref().unwrap_or_default()) }
                        }
                    }
                    td { @if let Some(reason) = &signup.reason { code { (reason) } } }
                }
            }
        }))
    }
}

/// `GET /console/sites/{site}/signups/{id}`. `notice`: what was just done.
///
/// # Errors
/// `not_found`; `internal`: an object did not reply.
pub async fn one(
    incoming: &Incoming<'_>,
    session: &Session,
    site: &SiteId,
    id: &SignupId,
    notice: &Markup,
) -> Result<HandlerResponse, Problem> {
    let deployment = incoming.deployment();
    let client = OperatorClient::new(deployment, site.clone());
    let details = signups::get(&client, id.clone()).await?;
    // The signup's own object erases itself before its row does.
    let calls = signups::calls(&client, id.clone()).await.ok();
    let report = reports::get(deployment, id, false).await.ok();
    let signup = &details.signup;
    let path = format!("/console/sites/{site}/signups/{id}");
    let problem = details
        .events
        .iter()
        .rev()
        .find_map(|event| event.event.data.problem.as_ref());
    let has_ended_well = signup.connected.is_some();
    let content = html! {
        (notice)
        @if let (false, Some(problem)) = (has_ended_well, problem) { (problem_card(problem)) }
        div.grid {
            section.card { h2 { "State" } (facts(site, signup)) }
            section.card {
                h2 { "What you can do" }
                @if may_change(session) {
                    @if may_be_retried(signup.status) { (button(session, &[&path, "/retry"].concat(), "Try again now")) }
                    (button(session, &[&path, "/link"].concat(), "Link for the customer"))
                    (button(session, &[&path, "/report"].concat(), "Read Meta’s report again"))
                    @if let Some(waba) = signup.connected.as_ref().and_then(|connected| connected.waba_id.as_ref()) {
                        (button(session, &format!("/console/sites/{site}/wabas/{waba}/renewal"), "Renewal link"))
                        (button(session, &format!("/console/sites/{site}/wabas/{waba}/token"), "Show the business token"))
                        p.hint { "Showing a token is recorded in the audit log." }
                    }
                    @if may_be_cancelled(signup.status) {
                        details {
                            summary { "Cancel the signup" }
                            p { "It ends for good, and its page asks the customer to contact you. What Meta has done by then stays." }
                            (button(session, &[&path, "/cancel"].concat(), "Cancel it"))
                        }
                    }
                } @else { p.hint { "Your role reads only." } }
            }
        }
        @if let Some(report) = &report { section.card { h2 { "Readiness, as Meta reports it" } (readiness(report)) } }
        section.card { h2 { "What happened" } (events(&details.events)) }
        section.card {
            h2 { "Calls to Meta and providers" }
            @match &calls {
                Some(calls) if !calls.calls.is_empty() => (call_table(&calls.calls)),
                Some(_) => p.hint { "None yet." },
                None => p.hint { "The signup’s own record is not kept any more, or did not reply." },
            }
        }
    };
    Ok(page(
        session,
        "/signups",
        &format!("Signup {}", short(id)),
        &content,
    ))
}

fn facts(site: &SiteId, signup: &SignupSummary) -> Markup {
    let took = signup.changed_at.saturating_sub(signup.started_at) / 1_000;
    html! {
        dl.facts {
            dt { "Status" } dd { (status(signup.status.as_str())) @if let Some(reason) = &signup.reason { " " code { (reason) } } }
            dt { "Site" } dd { a href={ "/console/sites/" (site) } { (site) } }
            dt { "Id" } dd { code { (signup.id) } }
            @if let Some(reference) = &signup.reference {
                dt { "Reference" } dd { bdi { (reference.id) } @if !reference.verified { " " span.hint { "set by the page, not proven" } } }
            }
            @if !name(signup).is_empty() { dt { "Name" } dd { bdi { (name(signup)) } } }
            dt { "Begun" } dd { (time(signup.started_at)) }
            dt { "Changed" } dd { (time(signup.changed_at)) " " span.hint { "(" (duration(u32::try_from(took).unwrap_or(u32::MAX))) " later)" } }
            @if let Some(connected) = &signup.connected {
                dt { "Account" } dd { code { (connected.waba_id.as_ref().map(ToString::to_string).unwrap_or_default()) } }
                dt { "Number" } dd {
                    bdi dir="ltr" { (connected.display_phone_number.as_deref().unwrap_or_default()) } " "
                    code { (connected.phone_number_id.as_ref().map(ToString::to_string).unwrap_or_default()) }
                }
                @if connected.coexistence { dt { "Coexistence" } dd { "The number stays in the WhatsApp Business app." } }
            }
        }
    }
}

fn readiness(report: &ReadinessReport) -> Markup {
    html! {
        @if report.checks.is_empty() && report.read_at > 0 { p.hint { "Nothing is open." } }
        ul {
            @for check in &report.checks {
                li {
                    (status(&wire_name(&check.state))) " " strong { (wire_name(&check.item).replace('_', " ")) }
                    @if let Some(hint) = &check.operator_hint { ": " (hint) }
                }
            }
        }
        @if report.read_at > 0 { p.hint { "Read " (time(report.read_at)) " UTC" } }
        @else { p.hint { "Not read yet." } }
    }
}

fn events(events: &[ListedEvent]) -> Markup {
    html! {
        @if events.is_empty() { p.hint { "No events." } }
        @else {
            (table(&html! { th { "When (UTC)" } th { "Event" } th { "Problem" } th { "Delivery" } }, &html! {
                @for listed in events {
                    @let data = &listed.event.data;
                    tr {
                        td { time datetime=(listed.event.timestamp) { (listed.event.timestamp.get(..19).unwrap_or_default().replace('T', " ")) } }
                        td { code { (listed.event.event_type) } }
                        td {
                            @if let Some(problem) = &data.problem {
                                code { (problem.code.as_str()) } " " (problem.detail.as_deref().unwrap_or(&problem.title))
                                @if let Some(code) = &problem.meta_code { " · Meta’s code " (code) }
                                @if let Some(trace) = &problem.fbtrace_id { " · trace " code { (trace) } }
                            }
                        }
                        td { @if let Some(delivery) = &listed.delivery { (status(delivery.state.as_str())) } @else { span.hint { "no endpoint" } } }
                    }
                }
            }))
        }
    }
}

fn call_table(calls: &[SignupCall]) -> Markup {
    html! {
        (table(&html! { th { "Sent (UTC)" } th { "Call" } th.number { "Took" } th { "Outcome" } }, &html! {
            @for call in calls {
                tr {
                    td { (exact_time(call.sent_at)) }
                    td { code { (call.name) } }
                    td.number { @match call.took_ms { Some(ms) => { (ms) " ms" }, None => "–" } }
                    td {
                        @let kind = if call.succeeded { "good" } else { "bad" };
                        span class={ "badge " (kind) } { (call.outcome.as_deref().unwrap_or("not known: the process ended")) }
                    }
                }
            }
        }))
    }
}

/// The name of the customer's business; empty if it is not known.
fn name(signup: &SignupSummary) -> &str {
    let connected = signup.connected.as_ref();
    let verified_name = connected.and_then(|connected| connected.verified_name.as_deref());
    signup.name.as_deref().or(verified_name).unwrap_or_default()
}

fn short(id: &SignupId) -> &str {
    id.as_str().get(..8).unwrap_or_default()
}

const PAGE: u32 = 50;

/// Whether the signup goes on, or the customer may go on with it.
const fn may_be_cancelled(status: SignupStatus) -> bool {
    match status {
        SignupStatus::Relaunch | SignupStatus::Abandoned => true,
        status => !status.is_terminal(),
    }
}

/// Whether the signup may go on if it is tried again.
const fn may_be_retried(status: SignupStatus) -> bool {
    matches!(
        status,
        SignupStatus::Running
            | SignupStatus::Waiting
            | SignupStatus::NeedsInput
            | SignupStatus::Relaunch
            | SignupStatus::Failed
    )
}
