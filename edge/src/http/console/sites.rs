//! Sites: the list, and one of them with its settings, its tag, its back end and its invitations.

use super::layout::{
    add_form, button, csrf, may_change, optional_time, page, problem_card, secret_table, status,
    table, time, wire_name,
};
use super::preview::preview;
use super::session::Session;
use super::site_choice::warning;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use crate::operations::every_site::every_site;
use crate::operations::{apps, endpoints, invitations, secrets, sites, tokens};
use embark_onboarding::resources::list_cursor::ListCursor;
use embark_onboarding::resources::settings_version::SettingsVersion;
use embark_protocol::admin::{InvitationPage, SiteSettings};
use embark_protocol::backend::{BackendTokenDetails, EndpointDetails};
use embark_protocol::{AppKey, Problem, ProblemCode, SiteId, SolutionId};
use maud::{Markup, html};

/// `GET /console/sites`
///
/// # Errors
/// `internal`: an object did not reply.
pub async fn list(incoming: &Incoming<'_>, session: &Session) -> Result<HandlerResponse, Problem> {
    let deployment = incoming.deployment();
    let all = every_site(sites::list(deployment).await?, async |site| {
        sites::get(deployment, &site).await
    })
    .await;
    let apps = apps::list(deployment).await?;
    let content = html! {
        (warning(&all.missing))
        section.card {
            @if all.replies.is_empty() { p.hint { "No site yet." } }
            @else {
                (table(&html! { th { "Site" } th { "Name" } th { "App" } th { "Policy" } th { "Websites" } th { "Takes signups" } }, &html! {
                    @for (site, settings) in &all.replies {
                        tr {
                            td { a href={ "/console/sites/" (site) } { (site) } }
                            td { bdi { (settings.display_name.as_deref().unwrap_or_default()) } }
                            td { a href={ "/console/apps/" (settings.app) } { (settings.app) } }
                            td { (wire_name(&settings.policy)) }
                            td { (settings.origins.join(", ")) }
                            td { (status(if settings.enabled { "yes" } else { "no" })) }
                        }
                    }
                }))
            }
        }
        @if may_change(session) {
            @if apps.is_empty() { p.card { "First " a href="/console/apps" { "add the Meta app" } " that a site uses." } }
            @else {
                (add_form(session, "/console/sites", "site", &html! {
                    label for="key" { "Name in this console and in the tag" }
                    input id="key" name="key" required pattern="[a-z0-9\\-]{1,40}" placeholder="acme";
                    p.hint { "1 to 40 of a–z, 0–9 and -. It cannot be changed later." }
                    (app_field(&apps.iter().map(|app| app.key.clone()).collect::<Vec<_>>(), None))
                    label for="origins" { "Websites that carry the button, one a line" }
                    textarea id="origins" name="origins" required placeholder="https://shop.example" {}
                    label for="config_id" { "Configuration id" }
                    input id="config_id" name="config_id" required inputmode="numeric";
                    p.hint { "At Meta: App Dashboard, Facebook Login for Business, Configurations." }
                }))
            }
        }
    };
    Ok(page(session, "/sites", "Sites", &content))
}

/// `GET /console/sites/{site}`. `notice`: what was just done.
///
/// # Errors
/// `unknown_site`; `internal`: an object did not reply.
pub async fn one(
    incoming: &Incoming<'_>,
    session: &Session,
    site: &SiteId,
    notice: &Markup,
) -> Result<HandlerResponse, Problem> {
    let deployment = incoming.deployment();
    let settings = sites::get(deployment, site).await?;
    let all_apps = apps::list(deployment).await?;
    let all_apps: Vec<AppKey> = all_apps.into_iter().map(|app| app.key).collect();
    let endpoint = match endpoints::get(deployment, site).await {
        Ok(endpoint) => Some(endpoint),
        Err(problem) if problem.code == ProblemCode::NotFound => None,
        Err(problem) => return Err(problem),
    };
    let tokens = tokens::list(deployment, site).await?;
    let after = incoming.query("after");
    let after = after.and_then(|text| ListCursor::parse(&text));
    let invitations = invitations::list(deployment, site, after, INVITATIONS).await?;
    let secrets = secrets::list_of_site(deployment, site).await;
    let solution = settings.solution_id.as_deref();
    let solution_quota = match solution.and_then(|id| SolutionId::parse(id).ok()) {
        Some(id) => Some(apps::solution_quota(deployment, id).await?),
        None => None,
    };
    let edge = &deployment.settings.origin;
    let may = may_change(session);
    let content = html! {
        (notice)
        p { a href={ "/console/sites/" (site) "/doctor" } { "Check this site" } ": what usually goes wrong, before a customer meets it." }
        div.grid {
            section.card {
                h2 { "The tag" }
                p { "Put this where the button is to be, on a page of " (settings.origins.join(", ")) ":" }
                pre { code { (tag(edge, site)) } }
                p { a href={ (edge) "/go/" (site) } target="_blank" rel="noopener" { "Open the hosted page" } ", which has the same button." }
                p {
                    a href={ "/console/signups?site=" (site) } { "Signups" } " · "
                    a href={ "/console/accounts?site=" (site) } { "Accounts" } " · "
                    a href={ "/console/events?site=" (site) } { "Events" } " · "
                    a href={ "/console?site=" (site) } { "Funnel" }
                }
                @if let Some(quota) = &solution_quota {
                    p { "Its partner solution has taken " strong { (quota.used) " of " (quota.limit) } " new businesses this week." }
                }
            }
            section.card { h2 { "Events for your back end" } (endpoint_part(session, site, endpoint.as_ref())) }
        }
        section.card { h2 { "The button" } (preview(site)) }
        section.card { h2 { "Settings" } (settings_form(session, &settings, &all_apps)) }
        div.grid {
            section.card { h2 { "Back-end tokens" } (token_part(session, site, &tokens)) }
            section.card { h2 id="invitations" { "Invitations" } (invitation_part(session, site, &invitations)) }
            section.card {
                h2 { "Secrets" }
                @match &secrets { Ok(secrets) => (secret_table(secrets)), Err(problem) => (problem_card(problem)) }
                p.hint { "What the settings name, such as a provider’s API key. Written only: none is ever shown." }
                @if may {
                    form.stack method="post" action={ "/console/sites/" (site) "/secret" } {
                        (csrf(session))
                        label for="secret-name" { "Name" }
                        input id="secret-name" name="name" required pattern="[a-z0-9_]{1,32}";
                        label for="secret-value" { "Value" }
                        input id="secret-value" name="value" type="password" required autocomplete="off";
                        button type="submit" { "Store the secret" }
                    }
                }
            }
        }
    };
    Ok(page(session, "/sites", &format!("Site {site}"), &content))
}

fn settings_form(session: &Session, settings: &SiteSettings, apps: &[AppKey]) -> Markup {
    let site = &settings.key;
    let all = serde_json::to_string_pretty(settings).unwrap_or_default();
    let version = SettingsVersion::of(Some(settings)).to_etag();
    html! {
        form.stack method="post" action={ "/console/sites/" (site) "/settings" } {
            (csrf(session))
            input type="hidden" name="version" value=(version);
            div.grid {
                div {
                    (app_field(apps, Some(&settings.app)))
                    label for="origins" { "Websites that carry the button, one a line" }
                    textarea id="origins" name="origins" required { (settings.origins.join("\n")) }
                    label for="config_id" { "Configuration id" }
                    input id="config_id" name="config_id" required value=(settings.config_id);
                }
                div {
                    label for="display_name" { "Name that customers see" }
                    input id="display_name" name="display_name" value=(settings.display_name.as_deref().unwrap_or_default());
                    label for="solution_id" { "Partner solution" }
                    input id="solution_id" name="solution_id" value=(settings.solution_id.as_deref().unwrap_or_default());
                    label for="feature_type" { "Feature type" }
                    input id="feature_type" name="feature_type" value=(settings.feature_type.as_deref().unwrap_or_default());
                    p.hint { code { "whatsapp_business_app_onboarding" } " for numbers that stay in the WhatsApp Business app; empty for all others." }
                    label.check { input type="checkbox" name="enabled" value="true" checked[settings.enabled]; "Takes signups" }
                    label.check { input type="checkbox" name="invited_only" value="true" checked[settings.invited_only]; "Only with an invitation" }
                    label.check { input type="checkbox" name="hosted_signup" value="true" checked[settings.hosted_signup]; "Takes customers of Meta’s hosted page" }
                }
            }
            details {
                summary { "All settings, as JSON" }
                pre { code { (all) } }
                label for="patch" { "Change others (JSON Merge Patch)" }
                textarea id="patch" name="patch" placeholder="{ \"policy\": \"solution-partner\", \"credit\": { … } }" {}
                p.hint { "Only what it names is changed; " code { "null" } " resets a field." }
            }
            @if may_change(session) { button type="submit" { "Save" } }
        }
    }
}

fn app_field(apps: &[AppKey], chosen: Option<&AppKey>) -> Markup {
    html! {
        label for="app" { "Meta app" }
        select id="app" name="app" {
            @for app in apps { option value=(app) selected[chosen == Some(app)] { (app) } }
        }
    }
}

fn endpoint_part(session: &Session, site: &SiteId, endpoint: Option<&EndpointDetails>) -> Markup {
    let path = format!("/console/sites/{site}");
    html! {
        @if let Some(EndpointDetails { status: state, .. }) = endpoint {
            dl.facts {
                dt { "Address" } dd { code { (state.url) } }
                dt { "State" } dd {
                    @if state.disabled.is_some() { (status("dead")) " switched off" }
                    @else if state.failures > 0 { (status("pending")) " " (state.failures) " failures since " (optional_time(state.failing_since)) }
                    @else { (status("delivered")) }
                }
                dt { "Waiting" } dd { (state.pending) }
                dt { "Given up" } dd { (state.dead) @if state.dead > 0 { " · " a href={ "/console/events?delivery=dead&site=" (site) } { "look at them" } } }
            }
        } @else { p.hint { "No address yet: events are kept for 90 days, and can be listed." } }
        @if may_change(session) {
            form.row method="post" action={ (path) "/endpoint" } {
                (csrf(session))
                div { label for="endpoint-url" { "Address" } input id="endpoint-url" name="url" type="url" required placeholder="https://api.partner.example/embark"; }
                button type="submit" { "Set" }
            }
            @if endpoint.is_some() { (button(session, &[&path, "/test"].concat(), "Send a test event")) }
        }
    }
}

fn token_part(session: &Session, site: &SiteId, tokens: &[BackendTokenDetails]) -> Markup {
    let path = format!("/console/sites/{site}/tokens");
    html! {
        @if tokens.is_empty() { p.hint { "None yet." } }
        @for token in tokens {
            p {
                strong { bdi { (token.name) } } " "
                (token.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", "))
                " · since " (time(token.created_at))
                @if let Some(at) = token.expires_at { " · until " (time(at)) }
            }
            @if may_change(session) { (button(session, &format!("{path}/{}/revoke", token.id), "Revoke")) }
        }
        @if may_change(session) {
            form.stack method="post" action=(path) {
                (csrf(session))
                label for="token-name" { "What it is for" }
                input id="token-name" name="name" required maxlength="80";
                @for (scope, about) in [("read", "read signups and events"), ("write", "create sessions and links, replay events"), ("token", "read business tokens")] {
                    label.check { input type="checkbox" name=(scope) value="true" checked[scope != "token"]; (about) }
                }
                button type="submit" { "Create a token" }
            }
        }
    }
}

fn invitation_part(session: &Session, site: &SiteId, page: &InvitationPage) -> Markup {
    let invitations = &page.invitations;
    html! {
        @if invitations.is_empty() { p.hint { "None." } }
        @else {
            (table(&html! { th { "Reference" } th { "Until (UTC)" } th { "Used" } }, &html! {
                @for invitation in invitations {
                    tr {
                        td { bdi { (invitation.reference.as_deref().unwrap_or("–")) } }
                        td { (time(invitation.expires_at)) }
                        td {
                            @if let Some(signup) = &invitation.used_by { a href={ "/console/sites/" (site) "/signups/" (signup) } { (optional_time(invitation.used_at)) } }
                            @else { "no" }
                        }
                    }
                }
            }))
        }
        @if let Some(next) = &page.next { p { a href={ "/console/sites/" (site) "?after=" (next) "#invitations" } { "More invitations" } } }
        @if may_change(session) {
            form.row method="post" action={ "/console/sites/" (site) "/invite" } {
                (csrf(session))
                div { label for="reference" { "Your own id of the customer" } input id="reference" name="reference"; }
                button type="submit" { "Make a link" }
            }
        }
    }
}

fn tag(edge: &str, site: &SiteId) -> String {
    format!("<script async src=\"{edge}/embark.js\" data-site=\"{site}\"></script>")
}

/// How many invitations the page of a site shows.
const INVITATIONS: u32 = 20;
