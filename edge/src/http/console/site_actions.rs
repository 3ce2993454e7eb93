//! What forms ask for about one site.

use super::form::Form;
use super::layout::{notice, shown_once, time};
use super::outcome::{check_version, done};
use super::session::Session;
use super::{accounts as account_pages, signups as signup_pages, sites as site_pages};
use crate::http::incoming::Incoming;
use crate::http::merge_patch;
use crate::http::response::HandlerResponse;
use crate::http::route::SiteAction;
use crate::operations::seed::Seed;
use crate::operations::site_client::OperatorClient;
use crate::operations::{
    accounts, endpoints, events, invitations, reports, secrets, signups, sites, tokens,
};
use embark_onboarding::crypto::Secret;
use embark_onboarding::resources::settings_version::SettingsVersion;
use embark_protocol::admin::{InvitationRequest, SiteSettings};
use embark_protocol::backend::{
    BackendScope, BackendTokenRequest, EndpointRequest, ReplayRequest, SignupRetry,
};
use embark_protocol::{Problem, SignupStatus, SiteId};
use maud::{Markup, html};
use serde_json::Value;

/// Carries out an action. `what`: its entry of the audit log.
///
/// # Errors
/// That of the page which answers.
pub async fn perform(
    site: &SiteId,
    action: SiteAction,
    what: String,
    form: &Form,
    incoming: &Incoming<'_>,
    session: &Session,
) -> Result<HandlerResponse, Problem> {
    let result = done(incoming, what, carry_out(site, &action, form, incoming)).await;
    match action {
        SiteAction::CreateLink(id)
        | SiteAction::CancelSignup(id)
        | SiteAction::RetrySignup(id)
        | SiteAction::RefreshReport(id) => {
            signup_pages::one(incoming, session, site, &id, &result).await
        }
        SiteAction::ReadToken(_) | SiteAction::CreateRenewal(_) => {
            account_pages::accounts(incoming, session, &result).await
        }
        SiteAction::ReplayEvents => account_pages::events(incoming, session, &result).await,
        SiteAction::ChangeSettings
        | SiteAction::SetSecret
        | SiteAction::Invite
        | SiteAction::SetEndpoint
        | SiteAction::TestEndpoint
        | SiteAction::CreateBackendToken
        | SiteAction::RevokeBackendToken(_) => {
            site_pages::one(incoming, session, site, &result).await
        }
    }
}

async fn carry_out(
    site: &SiteId,
    action: &SiteAction,
    form: &Form,
    incoming: &Incoming<'_>,
) -> Result<Markup, Problem> {
    let deployment = incoming.deployment();
    let client = OperatorClient::new(deployment, site.clone());
    let seed = Seed::fresh();
    Ok(match action {
        SiteAction::ChangeSettings => {
            let shown = form.text("version");
            let patch = form.site_patch()?;
            let warning = change(incoming, site, patch, Some(shown)).await?;
            html! { (notice("Saved.")) @if let Some(warning) = warning { p.card.warn { (warning) } } }
        }
        SiteAction::SetSecret => {
            let value = Secret::new(form.text("value").to_owned());
            secrets::put_of_site(deployment, site, form.text("name"), &value).await?;
            notice("The secret is stored.")
        }
        SiteAction::Invite => {
            let reference = form.text("reference");
            let order = InvitationRequest {
                expires_in_s: None,
                reference: (!reference.is_empty()).then(|| reference.to_owned()),
            };
            let made = invitations::create(&client, order, &seed).await?;
            shown_once(
                "The customer begins here, within two weeks:",
                &made.url.unwrap_or_default(),
            )
        }
        SiteAction::SetEndpoint => {
            let url = form.text("url").to_owned();
            let endpoint = endpoints::put(deployment, site, EndpointRequest { url }).await?;
            match endpoint.secret {
                Some(secret) => shown_once("The secret that events are signed with:", &secret),
                None => notice("Saved. The signing secret is the one before."),
            }
        }
        SiteAction::TestEndpoint => {
            endpoints::test(deployment, site, &seed).await?;
            notice("The event endpoint.test is on its way.")
        }
        SiteAction::ReplayEvents => {
            let order = ReplayRequest {
                sequences: None,
                dead: true,
            };
            let replayed = events::replay(&client, order).await?.replayed;
            notice(&format!("{replayed} events are delivered again."))
        }
        SiteAction::CreateBackendToken => {
            let scopes = [BackendScope::Read, BackendScope::Write, BackendScope::Token];
            let is_chosen = |scope: &BackendScope| form.is_checked(scope.as_str());
            let order = BackendTokenRequest {
                name: form.text("name").to_owned(),
                scopes: scopes.into_iter().filter(is_chosen).collect(),
                expires_in_days: None,
            };
            let token = tokens::create(deployment, site, order, &seed).await?;
            shown_once("The token:", &token.token.unwrap_or_default())
        }
        SiteAction::RevokeBackendToken(id) => {
            tokens::revoke(deployment, site, id.clone()).await?;
            notice("Revoked.")
        }
        SiteAction::ReadToken(waba) => {
            let token = accounts::read_token(&client, waba.clone()).await?;
            shown_once("The business token:", &token.token)
        }
        SiteAction::CreateRenewal(waba) => {
            let link = accounts::create_renewal(&client, waba.clone(), &seed).await?;
            shown_once(
                "The customer renews the token here, within two weeks:",
                &link.url,
            )
        }
        SiteAction::CreateLink(id) => {
            let link = signups::create_link(&client, id.clone()).await?;
            shown_once("The customer goes on here:", &link.url)
        }
        SiteAction::CancelSignup(id) => {
            let cancelled = signups::cancel(&client, id.clone()).await?;
            notice(match cancelled.status {
                SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber => {
                    "Too late: the call that was under way has connected it."
                }
                SignupStatus::Failed => "Cancelled. Nothing more is called at Meta.",
                _ => "A call is under way: the signup ends when that has.",
            })
        }
        SiteAction::RetrySignup(id) => retried(&signups::retry(&client, id.clone()).await?),
        SiteAction::RefreshReport(id) => {
            reports::get(deployment, id, true).await?;
            notice("It is being read: open the page again in a moment.")
        }
    })
}

/// What came of having a signup tried again.
fn retried(retry: &SignupRetry) -> Markup {
    match (retry.status, retry.waits_until) {
        (_, Some(until)) => html! {
            p.card.warn role="status" {
                "It was tried again, and waits until " (time(until)) " UTC: that cannot be shortened."
            }
        },
        (SignupStatus::NeedsInput, _) => {
            notice("Meta was read again: the customer is still asked the question.")
        }
        (SignupStatus::Connected | SignupStatus::ConnectedWithoutNumber, _) => {
            notice("It is connected.")
        }
        (SignupStatus::Failed | SignupStatus::Relaunch, _) => html! {
            p.card.bad role="status" { "It was tried again, and did not succeed." }
        },
        _ => notice("It goes on: open the page again in a moment."),
    }
}

/// Changes the settings of a site, or adds it. `shown`: the version that the form was made of. Returns why no signup of it can
/// succeed yet.
///
/// # Errors
/// `settings_changed`: others are stored than the form was made of. Those of [`sites::put`].
pub async fn change(
    incoming: &Incoming<'_>,
    site: &SiteId,
    patch: Value,
    shown: Option<&str>,
) -> Result<Option<String>, Problem> {
    let deployment = incoming.deployment();
    let current = sites::find(deployment, site).await?;
    let version = SettingsVersion::of(current.as_ref());
    check_version(&version, shown)?;
    let settings: SiteSettings = merge_patch::apply(current.as_ref(), patch)?;
    let stored = sites::put(deployment, site, settings, Some(version)).await?;
    Ok(stored.value.warning)
}
