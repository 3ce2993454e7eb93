//! The overview: how many signups come how far, the quotas, and what needs someone.

use super::funnel::{self, percent, share};
use super::layout::{duration, page, table};
use super::session::Session;
use super::site_choice::{SiteChoice, warning};
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::operations::site_client::{OperatorClient, SiteClient};
use crate::operations::{apps, signups, sites, unclaimed, user_callbacks};
use embark_onboarding::resources::signup_funnel::Funnel;
use embark_onboarding::signup::plan::steps_of_site;
use embark_protocol::Problem;
use embark_protocol::quota::{QuotaLevel, QuotaStatus};
use embark_protocol::signup_counts::SignupCount;
use embark_protocol::user_callbacks::UserCallbackStatus;
use maud::{Markup, html};

/// `GET /console?site=…&days=…`
///
/// # Errors
/// `internal`: an object did not reply.
pub async fn overview(
    incoming: &Incoming<'_>,
    session: &Session,
) -> Result<HandlerResponse, Problem> {
    let deployment = incoming.deployment();
    let days = incoming
        .query("days")
        .and_then(|text| text.parse().ok())
        .filter(|days| PERIODS.contains(days))
        .unwrap_or(30);
    let choice = SiteChoice::of(incoming).await?;
    let ask = async |client: OperatorClient<'_>| {
        let settings = sites::find(client.deployment(), client.site()).await?;
        Ok((signups::counts(&client, days).await?.counts, settings))
    };
    let per_site = choice.ask(ask).await;
    let counts: Vec<&SignupCount> = per_site
        .replies
        .iter()
        .flat_map(|(_, (counts, _))| counts)
        .collect();
    let settings = per_site
        .replies
        .iter()
        .filter_map(|(_, (_, site))| site.as_ref());
    let funnel = Funnel::of(counts.iter().copied(), settings.flat_map(steps_of_site));
    let mut quotas = vec![];
    for app in apps::list(deployment).await? {
        quotas.push(QuotaRow {
            name: format!("App {}", app.key),
            page: Some(format!("/console/apps/{}", app.key)),
            quota: apps::quota(deployment, app.key).await?,
        });
    }
    for (id, quota) in apps::solution_quotas(deployment).await? {
        quotas.push(QuotaRow {
            name: format!("Partner solution {id}"),
            page: None,
            quota,
        });
    }
    let accounts = unclaimed::list(deployment, None, MOST_COUNTED).await?;
    let unmatched = Some(UserCallbackStatus::Unmatched);
    let people = user_callbacks::list(deployment, unmatched, None, MOST_COUNTED).await?;
    let waiting = [
        Waiting {
            page: "/console/unclaimed",
            what: "accounts without a site",
            count: accounts.accounts.len(),
            has_more: accounts.next.is_some(),
        },
        Waiting {
            page: "/console/callbacks?status=unmatched",
            what: "callbacks about people without a match",
            count: people.callbacks.len(),
            has_more: people.next.is_some(),
        },
    ];
    let of_sites = per_site
        .replies
        .iter()
        .map(|(site, (counts, _))| (site, counts.as_slice()));
    let content = html! {
        (filter(&choice, days))
        (warning(&per_site.missing))
        @if choice.all.is_empty() { (first_steps()) }
        (attention(&quotas, &waiting))
        (figures(&funnel))
        div.grid {
            section.card.wide { h2 { "How far signups come" } (funnel::chart(&funnel)) }
            section.card { h2 { "Day by day" } (funnel::by_day(&counts, &funnel)) }
            section.card { h2 { "Where people leave Meta’s window" } (reasons(&funnel.left_at, "Meta’s screen, or its error code")) }
            section.card { h2 { "Why signups fail" } (reasons(&funnel.failed_with, "Problem")) }
            section.card { h2 { "New businesses this week" } (quota_table(&quotas)) }
            @if per_site.replies.len() > 1 {
                section.card.wide { h2 { "By site" } (funnel::by_site(of_sites, &funnel)) }
            }
        }
    };
    Ok(page(session, "", "Overview", &content))
}

fn filter(choice: &SiteChoice<'_>, days: u32) -> Markup {
    html! {
        form.row method="get" action="/console" {
            (choice.field())
            div {
                label for="days" { "Begun within" }
                select id="days" name="days" {
                    @for period in PERIODS { option value=(period) selected[period == days] { (period) " days" } }
                }
            }
            button type="submit" { "Show" }
        }
    }
}

fn first_steps() -> Markup {
    html! {
        section.card {
            h2 { "First steps" }
            ol {
                li { a href="/console/apps" { "Add your Meta app" } ", and store its secret." }
                li { a href="/console/sites" { "Add a site" } ", and put its tag on the page." }
            }
        }
    }
}

/// A quota, and whose it is.
struct QuotaRow {
    name: String,
    /// The page about whose it is. `None`: there is none.
    page: Option<String>,
    quota: QuotaStatus,
}

/// What an operator has to decide.
struct Waiting {
    page: &'static str,
    /// In the plural.
    what: &'static str,
    count: usize,
    /// Whether there are more than were counted.
    has_more: bool,
}

fn attention(quotas: &[QuotaRow], waiting: &[Waiting]) -> Markup {
    html! {
        @for QuotaRow { name, quota, .. } in quotas {
            @if quota.level != QuotaLevel::Fine {
                p.card.warn role="status" {
                    strong { (name) } " has taken " (quota.used) " of " (quota.limit) " new businesses this week."
                }
            }
        }
        @for Waiting { page, what, count, has_more } in waiting {
            @if *count > 0 {
                p.card.warn role="status" {
                    "Waiting for you: " a href=(page) { (what) } " (" (count) @if *has_more { " or more" } ")."
                }
            }
        }
    }
}

fn figures(funnel: &Funnel) -> Markup {
    let rate = percent(funnel.connected, funnel.launched);
    html! {
        dl.figures {
            div { dt { "Launched" } dd { (funnel.launched) } }
            div { dt { "Connected" } dd { (funnel.connected) " " small { (rate) } } }
            div { dt { "Under way" } dd { (funnel.open) } }
            div { dt { "Half connect within" } dd { (funnel.median_s.map_or("–".to_owned(), duration)) } }
            div { dt { "95 of 100 within" } dd { (funnel.p95_s.map_or("–".to_owned(), duration)) } }
        }
    }
}

fn reasons(reasons: &[(String, u32)], heading: &str) -> Markup {
    html! {
        @if reasons.is_empty() { p.hint { "None in this time." } }
        @else {
            (table(&html! { th { (heading) } th.number { "Signups" } }, &html! {
                @for (reason, count) in reasons.iter().take(12) {
                    tr {
                        td { @if reason.is_empty() { "not known" } @else { code { (reason) } } }
                        td.number { (count) }
                    }
                }
            }))
        }
    }
}

fn quota_table(quotas: &[QuotaRow]) -> Markup {
    html! {
        @if quotas.is_empty() { p.hint { "No app yet." } }
        @for QuotaRow { name, page, quota } in quotas {
            p { @if let Some(page) = page { a href=(page) { (name) } } @else { (name) } ": " strong { (quota.used) } " of " (quota.limit) }
            svg.chart viewBox="0 0 420 14" role="img" aria-label={ (quota.used) " of " (quota.limit) } {
                rect.track width="420" height="14" rx="7" {}
                @if quota.used > 0 {
                    rect class=(if quota.level == QuotaLevel::Fine { "bar" } else { "bar bad" })
                        width=(share(quota.used.min(quota.limit), quota.limit, 420).max(4)) height="14" rx="7" {}
                }
            }
        }
    }
}

const PERIODS: [u32; 4] = [7, 30, 90, 400];
/// How many of what waits are counted.
const MOST_COUNTED: u32 = 200;
