//! Operators, and what they did.

use super::layout::{add_form, button, optional_time, page, status, table, time};
use super::session::Session;
use crate::http::admin::access;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::operations::operators;
use embark_protocol::Problem;
use maud::{Markup, html};

/// `GET /console/audit?after=…`
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn audit(incoming: &Incoming<'_>, session: &Session) -> Result<HandlerResponse, Problem> {
    let after = incoming.query("after").and_then(|text| text.parse().ok());
    let log = operators::audit(incoming.deployment(), after, PAGE).await?;
    let content = html! {
        p.hint { "Everything that operators did, in the console and by the API. Kept for 400 days." }
        section.card {
            @if log.entries.is_empty() { p.hint { "Nothing yet." } }
            @else {
                (table(&html! { th { "When (UTC)" } th { "Who" } th { "What" } th { "Result" } }, &html! {
                    @for entry in &log.entries {
                        tr {
                            td { (time(entry.at)) }
                            td { bdi { (entry.who.as_deref().unwrap_or("this service")) } }
                            td { (entry.what) }
                            td { (status(entry.result.as_deref().unwrap_or("not known"))) }
                        }
                    }
                }))
            }
        }
        @if let Some(next) = log.next { p { a href={ "/console/audit?after=" (next) } { "Older entries" } } }
    };
    Ok(page(session, "/audit", "Audit log", &content))
}

/// `GET /console/operators`. `notice`: what was just done.
///
/// # Errors
/// `internal`: the Partner object did not reply.
pub async fn list(
    incoming: &Incoming<'_>,
    session: &Session,
    notice: &Markup,
) -> Result<HandlerResponse, Problem> {
    let all = operators::list(incoming.deployment()).await?;
    let is_owner = access::may_manage_operators(&session.operator);
    let content = html! {
        (notice)
        section.card {
            p { a href="/console/keys" { "Sealing keys" } ": what secrets are stored with, and their rotation." }
            p.hint { "Besides them, whoever has the deployment’s " code { "EMBARK_OPERATOR_TOKEN" } " is an owner." }
            @if all.is_empty() { p.hint { "No operator yet." } }
            @else {
                (table(&html! { th { "Name" } th { "Role" } th { "E-mail" } th { "Since (UTC)" } th { "Until" } @if is_owner { th { "Actions" } } }, &html! {
                    @for operator in &all {
                        tr {
                            td { bdi { (operator.name) } }
                            td { (operator.role.as_str()) }
                            td { bdi { (operator.email.as_deref().unwrap_or("–")) } }
                            td { (time(operator.created_at)) }
                            td { (optional_time(operator.expires_at)) }
                            @if is_owner { td { (button(session, &format!("/console/operators/{}/remove", operator.id), "Remove")) } }
                        }
                    }
                }))
            }
        }
        @if is_owner {
            (add_form(session, "/console/operators", "operator", &html! {
                label for="name" { "Name" }
                input id="name" name="name" required maxlength="80";
                label for="role" { "Role" }
                select id="role" name="role" {
                    @for (role, about) in [("viewer", "viewer: reads everything but secrets"), ("operator", "operator: changes settings, reads business tokens"), ("owner", "owner: adds and removes operators")] {
                        option value=(role) { (about) }
                    }
                }
                label for="email" { "E-mail at Cloudflare Access" }
                input id="email" name="email" type="email" maxlength="254" autocomplete="off";
                p.hint { "Only where Cloudflare Access stands before this console: whoever has signed in there with this address is this operator." }
            }))
        }
    };
    Ok(page(session, "/operators", "Operators", &content))
}

const PAGE: u32 = 100;
