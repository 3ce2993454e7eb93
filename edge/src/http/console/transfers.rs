//! Moving a number to another site.

use super::layout::{csrf, may_change, notice, page, problem_card};
use super::session::Session;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::operations::operators::audited;
use crate::operations::{sites, transfers};
use embark_onboarding::resources::phone_number::PhoneOwner;
use embark_protocol::admin::TransferRequest;
use embark_protocol::{PhoneNumberId, Problem, SiteId};
use maud::{Markup, html};

/// `GET /console/numbers/{number}/transfer`
///
/// # Errors
/// `not_found`: no signup ever came to the number; `internal`: an object did not reply.
pub async fn show(
    incoming: &Incoming<'_>,
    session: &Session,
    number: &PhoneNumberId,
) -> Result<HandlerResponse, Problem> {
    let owner = transfers::owner(incoming.deployment(), number).await?;
    with_form(incoming, session, number, &owner, None, &html! {}).await
}

/// `POST /console/numbers/{number}/transfer`: moves it, and shows what was done, or why not. `what`: the entry of the audit log;
/// `site`: the site that the form chose.
///
/// # Errors
/// As of [`show`].
pub async fn transfer(
    incoming: &Incoming<'_>,
    session: &Session,
    number: &PhoneNumberId,
    what: String,
    site: SiteId,
) -> Result<HandlerResponse, Problem> {
    let deployment = incoming.deployment();
    let before = transfers::owner(deployment, number).await?;
    let order = TransferRequest { site: site.clone() };
    let moved = audited(
        deployment,
        what,
        transfers::transfer(deployment, number, order),
    );
    let result = match moved.await {
        Ok(_) => html! {
            (notice(&format!("Number {number} belongs to the site {site}. Before, it was that of {}.", before.site)))
            (consequences(&before.site, &site))
        },
        Err(problem) => problem_card(&problem),
    };
    let owner = transfers::owner(deployment, number).await?;
    with_form(incoming, session, number, &owner, Some(&site), &result).await
}

/// The page with the form. `chosen`: the site that it has chosen; `result`: what came of it.
async fn with_form(
    incoming: &Incoming<'_>,
    session: &Session,
    number: &PhoneNumberId,
    owner: &PhoneOwner,
    chosen: Option<&SiteId>,
    result: &Markup,
) -> Result<HandlerResponse, Problem> {
    let all = sites::list(incoming.deployment()).await?;
    let others: Vec<&SiteId> = all.iter().filter(|site| **site != owner.site).collect();
    let content = html! {
        (result)
        section.card {
            dl.facts {
                dt { "Number" } dd { code { (number) } }
                dt { "Account" } dd { code { (owner.waba) } }
                dt { "Its site" } dd { a href={ "/console/sites/" (owner.site) } { (owner.site) } }
            }
            @if !may_change(session) { p.hint { "Your role reads only." } }
            @else if others.is_empty() { p.hint { "There is no other site." } }
            @else {
                form.stack method="post" action={ "/console/numbers/" (number) "/transfer" } {
                    (csrf(session))
                    label for="to-site" { "Move it to" }
                    select id="to-site" name="site" {
                        @for site in others { option value=(site) selected[chosen == Some(site)] { (site) } }
                    }
                    p.hint { "Meta is asked first, with the customer’s token, whether the number is one of the account. Its registration and its PIN stay." }
                    button type="submit" { "Move the number" }
                }
            }
        }
        p { a href={ "/console/accounts?site=" (owner.site) } { "Accounts of " (owner.site) } }
    };
    let title = format!("Transfer of number {number}");
    Ok(page(session, "/accounts", &title, &content))
}

/// What a transfer has changed, and what it does not change by itself.
fn consequences(from: &SiteId, to: &SiteId) -> Markup {
    html! {
        section.card {
            h2 { "What is left to do" }
            ul {
                li { (to) " gets the account’s events, and this number’s messages where it has them forwarded. " (from) " gets them no more, and no token of the account, once none of its numbers is its own." }
                li { "No business token can be read at " (to) " before a signup or a renewal there: send the customer a renewal link of that site." }
                li { "Messages that go straight to an address of a site go where they went before, until a signup or a renewal at " (to) " sets the address that it has for them." }
                li { "The list of accounts has the number at " (from) ", whose signup has connected it, until one at " (to) " does." }
            }
        }
    }
}
