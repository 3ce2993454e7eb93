//! The overview: how many signups come how far, the quotas, and what needs someone.

use super::layout::{duration, page, table};
use super::session::Session;
use super::site_choice::{SiteChoice, warning};
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::operations::{apps, signups, unclaimed, user_callbacks};
use embark_onboarding::resources::signup_counts::Funnel;
use embark_protocol::quota::{QuotaLevel, QuotaStatus};
use embark_protocol::signup_counts::SignupCount;
use embark_protocol::user_callbacks::UserCallbackStatus;
use embark_protocol::{Problem, SiteId};
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
    let ask = async |client| Ok(signups::counts(&client, days).await?.counts);
    let per_site = choice.ask(ask).await;
    let counts: Vec<&SignupCount> = per_site
        .replies
        .iter()
        .flat_map(|(_, counts)| counts)
        .collect();
    let funnel = Funnel::of(counts.iter().copied());
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
    let content = html! {
        (filter(&choice, days))
        (warning(&per_site.missing))
        @if choice.all.is_empty() { (first_steps()) }
        (attention(&quotas, &waiting))
        (figures(&funnel))
        div.grid {
            section.card { h2 { "How far signups come" } (funnel_chart(&funnel)) }
            section.card { h2 { "Day by day" } (daily_chart(&counts)) }
            section.card { h2 { "Where people leave Meta’s window" } (reasons(&funnel.left_at, "Meta’s screen, or its error code")) }
            section.card { h2 { "Why signups fail" } (reasons(&funnel.failed_with, "Problem")) }
            section.card { h2 { "New businesses this week" } (quota_table(&quotas)) }
            @if per_site.replies.len() > 1 {
                section.card { h2 { "By site" } (site_table(&per_site.replies)) }
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

fn funnel_chart(funnel: &Funnel) -> Markup {
    let stages = [
        ("Meta’s window opened", funnel.launched),
        ("Meta’s flow completed", funnel.with_code),
        ("Connected", funnel.connected),
    ];
    html! {
        svg.chart viewBox="0 0 420 132" role="img" aria-label="Bars of the table below" {
            @for (row, (name, count)) in stages.iter().enumerate() {
                @let top = row * 44;
                text x="0" y=(top + 13) { (name) }
                text x="420" y=(top + 13) text-anchor="end" { (count) " · " (percent(*count, funnel.launched)) }
                rect.track x="0" y=(top + 20) width="420" height="14" rx="7" {}
                @if *count > 0 {
                    rect.bar x="0" y=(top + 20) width=(share(*count, funnel.launched, 420).max(4)) height="14" rx="7" {}
                }
            }
        }
        (table(&html! { th { "Stage" } th.number { "Signups" } th.number { "Of all" } }, &html! {
            @for (name, count) in stages {
                tr { td { (name) } td.number { (count) } td.number { (percent(count, funnel.launched)) } }
            }
        }))
    }
}

fn daily_chart(counts: &[&SignupCount]) -> Markup {
    let mut days: Vec<(u32, u32, u32)> = vec![];
    for count in counts {
        let connected = if count.connected_within_s.is_some() {
            count.count
        } else {
            0
        };
        match days.iter_mut().find(|(day, ..)| *day == count.day) {
            Some((_, launched, all_connected)) => {
                *launched += count.count;
                *all_connected += connected;
            }
            None => days.push((count.day, count.count, connected)),
        }
    }
    days.sort_unstable();
    let most = days
        .iter()
        .map(|(_, launched, _)| *launched)
        .max()
        .unwrap_or_default();
    let (first, last) = (
        days.first().map_or(0, |day| day.0),
        days.last().map_or(0, |day| day.0),
    );
    let slots = (last - first + 1).max(10);
    html! {
        @if days.is_empty() { p.hint { "No signups in this time." } }
        @else {
            svg.chart viewBox="0 0 420 120" role="img" aria-label="Columns of the table below" {
                @for (day, launched, connected) in &days {
                    @let left = share(day - first, slots, 420);
                    @let width = (420 / slots).saturating_sub(2).max(2);
                    @let (tall, inner) = (share(*launched, most, 100).max(2), share(*connected, most, 100));
                    rect.track x=(left) y=(110 - tall) width=(width) height=(tall) rx="2" {}
                    rect.bar x=(left) y=(110 - inner) width=(width) height=(inner) rx="2" {}
                }
            }
            p.hint { "Tall: launched. Filled: connected." }
            details {
                summary { "As a table" }
                (table(&html! { th { "Day (UTC)" } th.number { "Launched" } th.number { "Connected" } }, &html! {
                    @for (day, launched, connected) in days.iter().rev() {
                        tr { td { (date(*day)) } td.number { (launched) } td.number { (connected) } }
                    }
                }))
            }
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

fn site_table(per_site: &[(SiteId, Vec<SignupCount>)]) -> Markup {
    html! {
        (table(&html! { th { "Site" } th.number { "Launched" } th.number { "Connected" } th.number { "Of all" } th.number { "Half within" } }, &html! {
            @for (site, counts) in per_site {
                @let funnel = Funnel::of(counts);
                tr {
                    td { a href={ "/console/sites/" (site) } { (site) } }
                    td.number { (funnel.launched) }
                    td.number { (funnel.connected) }
                    td.number { (percent(funnel.connected, funnel.launched)) }
                    td.number { (funnel.median_s.map_or("–".to_owned(), duration)) }
                }
            }
        }))
    }
}

fn percent(part: u32, all: u32) -> String {
    match all {
        0 => "–".to_owned(),
        all => format!("{} %", u64::from(part) * 100 / u64::from(all)),
    }
}

fn share(part: u32, all: u32, of: u32) -> u32 {
    let share = u64::from(part) * u64::from(of) / u64::from(all.max(1));
    u32::try_from(share).unwrap_or(of)
}

fn date(day: u32) -> Markup {
    let text = super::layout::date(day);
    html! { time datetime=(text) { (text) } }
}

const PERIODS: [u32; 4] = [7, 30, 90, 400];
/// How many of what waits are counted.
const MOST_COUNTED: u32 = 200;
