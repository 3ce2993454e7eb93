//! What was connected, what was delivered, and what waits: accounts, events, and accounts without a site.

use super::layout::{button, csrf, may_change, page, status, table, time};
use super::session::Session;
use super::site_choice::{SiteChoice, warning};
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::operations::{accounts, events, sites, unclaimed};
use core::cmp::Reverse;
use embark_onboarding::resources::backend::EventFilter;
use embark_onboarding::resources::list_cursor::ListCursor;
use embark_protocol::backend::ListedEvent;
use embark_protocol::{Problem, WabaId};
use maud::{Markup, html};

/// `GET /console/accounts?site=…&after=…`
///
/// # Errors
/// `internal`: an object did not reply.
pub async fn accounts(
    incoming: &Incoming<'_>,
    session: &Session,
    notice: &Markup,
) -> Result<HandlerResponse, Problem> {
    let choice = SiteChoice::of(incoming).await?;
    let after = incoming.query("after");
    let after = after.and_then(|text| WabaId::parse(&text).ok());
    let ask = async |client| accounts::list(&client, after.clone(), PAGE).await;
    let found = choice.ask(ask).await;
    let content = html! {
        (notice)
        form.row method="get" action="/console/accounts" {
            (choice.field())
            button type="submit" { "Show" }
        }
        (warning(&found.missing))
        section.card {
            (table(&html! { th { "Site" } th { "Account" } th { "Business" } th { "Numbers" } @if may_change(session) { th { "Actions" } } }, &html! {
                @for (site, page) in &found.replies { @for account in &page.wabas {
                    tr {
                        td { a href={ "/console/sites/" (site) } { (site) } }
                        td { code { (account.waba_id) } }
                        td { code { (account.business_id.as_ref().map(ToString::to_string).unwrap_or_default()) } }
                        td {
                            @for number in &account.numbers {
                                div {
                                    a href={ "/console/sites/" (site) "/signups/" (number.signup) } {
                                        bdi dir="ltr" { (number.display_phone_number.as_deref().unwrap_or(number.phone_number_id.as_str())) }
                                    }
                                    " " bdi { (number.verified_name.as_deref().unwrap_or_default()) }
                                    @if may_change(session) { " · " a href={ "/console/numbers/" (number.phone_number_id) "/transfer" } aria-label={ "Transfer number " (number.phone_number_id) } { "Transfer" } }
                                }
                            }
                        }
                        @if may_change(session) {
                            td { (button(session, &format!("/console/sites/{site}/wabas/{}/renewal", account.waba_id), "Renewal link")) }
                        }
                    }
                } }
            }))
            @if found.replies.iter().all(|(_, page)| page.wabas.is_empty()) { p.hint { "Nothing is connected yet." } }
        }
        @if let (Some(site), [(_, page)]) = (&choice.chosen, found.replies.as_slice()) {
            @if let Some(next) = &page.next { p { a href={ "/console/accounts?site=" (site) "&after=" (next) } { "More accounts" } } }
        }
    };
    Ok(page(session, "/accounts", "Accounts", &content))
}

/// `GET /console/events?site=…&delivery=dead`: the newest events of a site.
///
/// # Errors
/// `internal`: an object did not reply.
pub async fn events(
    incoming: &Incoming<'_>,
    session: &Session,
    notice: &Markup,
) -> Result<HandlerResponse, Problem> {
    let choice = SiteChoice::of(incoming).await?;
    let dead = incoming.query("delivery").as_deref() == Some("dead");
    let filter = EventFilter {
        after: 0,
        dead,
        newest_first: true,
    };
    let ask = async |client| events::list(&client, filter, PAGE).await;
    let found = choice.ask(ask).await;
    let warning = warning(&found.missing);
    let newest_first = |listed: &ListedEvent| Reverse(listed.event.timestamp.clone());
    let rows = found.merged(|page| page.events, newest_first, PAGE);
    let content = html! {
        (notice)
        form.row method="get" action="/console/events" {
            (choice.field())
            div {
                label for="delivery" { "Delivery" }
                select id="delivery" name="delivery" { option value="" { "Any" } option value="dead" selected[dead] { "Given up" } }
            }
            button type="submit" { "Show" }
        }
        (warning)
        @if let (true, Some(site)) = (may_change(session), &choice.chosen) {
            (button(session, &format!("/console/sites/{site}/replay"), "Deliver all that were given up again"))
        }
        section.card id="events" hx-get=(incoming.url()) hx-trigger="every 5s" hx-select="#events" hx-target="#events" hx-swap="outerHTML" {
            @if rows.is_empty() { p.hint { "No event." } }
            @else {
                (table(&html! { th { "When (UTC)" } th { "Site" } th { "Event" } th { "Signup" } th { "Delivery" } th.number { "Tries" } th { "Last error" } }, &html! {
                    @for (site, listed) in &rows {
                        @let data = &listed.event.data;
                        tr {
                            td { time datetime=(listed.event.timestamp) { (listed.event.timestamp.get(..19).unwrap_or_default().replace('T', " ")) } }
                            td { a href={ "/console/sites/" (site) } { (site) } }
                            td { code { (listed.event.event_type) } }
                            td { @if let Some(signup) = &data.signup { a href={ "/console/sites/" (site) "/signups/" (signup) } { (signup.as_str().get(..8).unwrap_or_default()) } } }
                            @match &listed.delivery {
                                Some(delivery) => {
                                    td { (status(delivery.state.as_str())) }
                                    td.number { (delivery.attempts) }
                                    td { (delivery.error.as_deref().unwrap_or_default()) }
                                }
                                None => { td { span.hint { "no endpoint" } } td {} td {} }
                            }
                        }
                    }
                }))
            }
        }
    };
    Ok(page(session, "/events", "Events", &content))
}

/// `GET /console/unclaimed?after=…`
///
/// # Errors
/// `internal`: an object did not reply.
pub async fn unclaimed(
    incoming: &Incoming<'_>,
    session: &Session,
) -> Result<HandlerResponse, Problem> {
    let deployment = incoming.deployment();
    let after = incoming.query("after");
    let after = after.and_then(|text| ListCursor::parse(&text));
    let found = unclaimed::list(deployment, after, PAGE).await?;
    let accounts = &found.accounts;
    let all_sites = sites::list(deployment).await?;
    let content = html! {
        p { "Accounts that were shared with one of your apps and that no site owns. Assign one, and it is signed up for that site." }
        section.card {
            @if accounts.is_empty() { p.hint { "None." } }
            @else {
                (table(&html! { th { "Account" } th { "App" } th { "First named (UTC)" } th { "Last named" } th { "Kept until" } @if may_change(session) { th { "Assign to" } } }, &html! {
                    @for account in accounts {
                        tr {
                            td { code { (account.waba_id) } }
                            td { (account.app) }
                            td { (time(account.first_at)) }
                            td { (time(account.last_at)) }
                            td { (time(account.kept_until)) }
                            @if may_change(session) {
                                td {
                                    form.inline method="post" action={ "/console/unclaimed/" (account.waba_id) "/assign" } {
                                        (csrf(session))
                                        select name="site" aria-label="Site" { @for site in &all_sites { option value=(site) { (site) } } }
                                        button type="submit" { "Assign" }
                                    }
                                }
                            }
                        }
                    }
                }))
            }
        }
        @if let Some(next) = &found.next { p { a href={ "/console/unclaimed?after=" (next) } { "More accounts" } } }
    };
    Ok(page(session, "/unclaimed", "Unclaimed accounts", &content))
}

const PAGE: u32 = 100;
