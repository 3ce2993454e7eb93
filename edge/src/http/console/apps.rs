//! Meta apps: the list, and one of them with its quota, its secrets and its webhook.

use super::layout::{
    add_form, button, csrf, may_change, optional_time, page, problem_card, secret_table, status,
    table,
};
use super::session::Session;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::operations::{app_webhooks, apps, secrets};
use embark_onboarding::resources::settings_version::SettingsVersion;
use embark_protocol::admin::APP_SECRETS;
use embark_protocol::webhook_setup::AppWebhookStatus;
use embark_protocol::{AppKey, Problem};
use maud::{Markup, html};

/// `GET /console/apps`
///
/// # Errors
/// `internal`: an object did not reply.
pub async fn list(incoming: &Incoming<'_>, session: &Session) -> Result<HandlerResponse, Problem> {
    let apps = apps::list(incoming.deployment()).await?;
    let content = html! {
        section.card {
            @if apps.is_empty() { p.hint { "No app yet." } }
            @else {
                (table(&html! { th { "App" } th { "Meta’s id" } th { "Graph version" } th.number { "New businesses a week" } }, &html! {
                    @for app in &apps {
                        tr {
                            td { a href={ "/console/apps/" (app.key) } { (app.key) } }
                            td { code { (app.app_id) } }
                            td { (app.graph_version) }
                            td.number { (app.weekly_limit) }
                        }
                    }
                }))
            }
        }
        @if may_change(session) {
            (add_form(session, "/console/apps", "app", &html! {
                label for="key" { "Name in this console" }
                input id="key" name="key" required pattern="[a-z0-9\\-]{1,40}" placeholder="main";
                label for="app_id" { "App id" }
                input id="app_id" name="app_id" required inputmode="numeric";
                p.hint { "At Meta: App Dashboard, App settings, Basic." }
            }))
        }
    };
    Ok(page(session, "/apps", "Apps", &content))
}

/// `GET /console/apps/{app}`. `notice`: what was just done.
///
/// # Errors
/// `not_found`; `internal`: an object did not reply.
pub async fn one(
    incoming: &Incoming<'_>,
    session: &Session,
    key: &AppKey,
    notice: &Markup,
) -> Result<HandlerResponse, Problem> {
    let deployment = incoming.deployment();
    let app = apps::get(deployment, key).await?;
    let quota = apps::quota(deployment, key.clone()).await?;
    let webhook = app_webhooks::compare(deployment, key).await;
    let secrets = secrets::list_of_app(deployment, key).await;
    let path = format!("/console/apps/{key}");
    let version = SettingsVersion::of(Some(&app)).to_etag();
    let content = html! {
        (notice)
        p { a href={ (path) "/doctor" } { "Check this app" } ": what usually goes wrong, before a customer meets it. " a href={ (path) "/checklist" } { "Checklist" } ": all steps to the first live customer." }
        div.grid {
            section.card {
                h2 { "Settings" }
                form.stack method="post" action={ (path) "/settings" } {
                    (csrf(session))
                    input type="hidden" name="version" value=(version);
                    label for="app_id" { "App id" }
                    input id="app_id" name="app_id" required value=(app.app_id);
                    label for="graph_version" { "Graph version" }
                    input id="graph_version" name="graph_version" required value=(app.graph_version);
                    label for="partner_business_id" { "Your business portfolio" }
                    input id="partner_business_id" name="partner_business_id" value=(app.partner_business_id.as_ref().map(ToString::to_string).unwrap_or_default());
                    label for="partner_name" { "Your name, as customers see it" }
                    input id="partner_name" name="partner_name" value=(app.partner_name.as_deref().unwrap_or_default());
                    label for="weekly_limit" { "New businesses that Meta allows a week" }
                    input id="weekly_limit" name="weekly_limit" type="number" min="0" required value=(app.weekly_limit);
                    label.check { input type="checkbox" name="block_when_full" value="true" checked[app.block_when_full]; "Refuse new signups while it is reached" }
                    @if may_change(session) { button type="submit" { "Save" } }
                }
            }
            section.card {
                h2 { "New businesses this week" }
                p { strong { (quota.used) } " of " (quota.limit) ". Another one may connect: " @match quota.free_at { Some(_) => (optional_time(quota.free_at)), None => "now" } "." }
                h2 { "Secrets" }
                @match &secrets { Ok(secrets) => (secret_table(secrets)), Err(problem) => (problem_card(problem)) }
                p.hint { "Written only: none is ever shown." }
                @if may_change(session) {
                    form.stack method="post" action={ (path) "/secret" } {
                        (csrf(session))
                        label for="secret-name" { "Which" }
                        select id="secret-name" name="name" { @for name in APP_SECRETS { option value=(name) { (name) } } }
                        label for="secret-value" { "Value" }
                        input id="secret-value" name="value" type="password" required autocomplete="off";
                        button type="submit" { "Store the secret" }
                    }
                }
            }
        }
        section.card {
            h2 { "Webhook at Meta" }
            @match &webhook { Ok(webhook) => (webhook_part(webhook)), Err(problem) => (problem_card(problem)) }
            @if may_change(session) { (button(session, &[&path, "/webhook"].concat(), "Set address and fields at Meta")) }
        }
    };
    Ok(page(session, "/apps", &format!("App {key}"), &content))
}

fn webhook_part(webhook: &AppWebhookStatus) -> Markup {
    html! {
        dl.facts { dt { "Address, as it should be" } dd { code { (webhook.callback_url) } } }
        @if webhook.differences.is_empty() { p { (status("done")) " Meta has this address and every field." } }
        @else { ul { @for difference in &webhook.differences { li { @if let Some(field) = &difference.field { code { (field) } ": " } (difference.hint) } } } }
    }
}
