//! What forms ask for. Each is an operation in the operator's name, with an entry of the audit log; the answer is the page with
//! what came of it.

use super::form::Form;
use super::layout::{notice, shown_once};
use super::outcome::{check_version, done};
use super::session::Session;
use super::{
    accounts, apps as app_pages, callbacks, checklist as checklist_page, keys as keys_page,
    signups as signup_pages, site_actions, sites as site_pages, team, transfers,
};
use crate::http::incoming::Incoming;
use crate::http::merge_patch;
use crate::http::response::HandlerResponse;
use crate::http::route::ConsoleAction;
use crate::operations::operators::{self, audited};
use crate::operations::seed::Seed;
use crate::operations::{app_webhooks, apps, checklist, keys, secrets, unclaimed, user_callbacks};
use embark_onboarding::crypto::Secret;
use embark_onboarding::resources::settings_version::SettingsVersion;
use embark_protocol::admin::{AppSettings, AssignRequest};
use embark_protocol::operators::{OperatorRequest, OperatorRole};
use embark_protocol::{AppKey, Problem, SiteId, WabaId};
use serde_json::{Map, Value};

/// Carries out an action that the operator may. `what`: its entry of the audit log.
///
/// # Errors
/// That of the page which answers.
pub async fn perform(
    action: ConsoleAction,
    what: String,
    form: &Form,
    incoming: &Incoming<'_>,
    session: &Session,
) -> Result<HandlerResponse, Problem> {
    match action {
        ConsoleAction::AddSite => {
            let site = form.parsed("key", SiteId::parse)?;
            let add = site_actions::change(incoming, &site, form.new_site_patch(), None);
            audited(incoming.deployment(), what, add).await?;
            let added = notice("The site is there. Put its tag on the page.");
            site_pages::one(incoming, session, &site, &added).await
        }
        ConsoleAction::OfSite(site, action) => {
            site_actions::perform(&site, action, what, form, incoming, session).await
        }
        ConsoleAction::AddApp => {
            let app = form.parsed("key", AppKey::parse)?;
            let mut patch = Map::new();
            patch.insert("key".to_owned(), app.as_str().into());
            patch.insert("app_id".to_owned(), form.text("app_id").into());
            let add = change_app(incoming, &app, Value::Object(patch), None);
            audited(incoming.deployment(), what, add).await?;
            let added = notice("The app is there. Store its app secret next.");
            app_pages::one(incoming, session, &app, &added).await
        }
        ConsoleAction::ChangeApp(app) => {
            let done = done(incoming, what, async {
                let version = form.text("version");
                change_app(incoming, &app, form.app_patch()?, Some(version)).await?;
                Ok(notice("Saved."))
            });
            app_pages::one(incoming, session, &app, &done.await).await
        }
        ConsoleAction::SetAppSecret(app) => {
            let name = form.text("name");
            let done = done(incoming, what, async {
                let value = Secret::new(form.text("value").to_owned());
                secrets::put_of_app(incoming.deployment(), &app, name, &value).await?;
                Ok(notice("The secret is stored."))
            });
            app_pages::one(incoming, session, &app, &done.await).await
        }
        ConsoleAction::SetAppWebhook(app) => {
            let done = done(incoming, what, async {
                app_webhooks::set(incoming.deployment(), &app).await?;
                Ok(notice("Meta has it."))
            });
            app_pages::one(incoming, session, &app, &done.await).await
        }
        ConsoleAction::MarkStep(app, step) => {
            let is_done = form.text("done") == "true";
            let done = done(incoming, what, async {
                checklist::mark(incoming.deployment(), &app, &step, is_done).await?;
                Ok(notice(if is_done {
                    "Marked as done."
                } else {
                    "Marked as open."
                }))
            });
            checklist_page::one(incoming, session, &app, &done.await).await
        }
        ConsoleAction::Assign(waba) => assign(&waba, what, form, incoming, session).await,
        ConsoleAction::CloseUserCallback(code) => {
            let done = done(incoming, what, async {
                user_callbacks::close(incoming.deployment(), code).await?;
                Ok(notice(
                    "Closed: the person’s page says that the data is deleted.",
                ))
            });
            callbacks::list(incoming, session, &done.await).await
        }
        ConsoleAction::TransferNumber(number) => {
            let site = form.parsed("site", SiteId::parse)?;
            transfers::transfer(incoming, session, &number, what, site).await
        }
        ConsoleAction::AddOperator => {
            let order = OperatorRequest {
                name: form.text("name").to_owned(),
                role: form.parsed("role", |text| OperatorRole::parse(text).ok_or(()))?,
                email: Some(form.text("email").to_owned()),
                expires_in_days: None,
            };
            let done = done(incoming, what, async {
                let added = operators::add(incoming.deployment(), order, &Seed::fresh()).await?;
                let token = added.token.unwrap_or_default();
                Ok(shown_once(&format!("The token of {}:", added.name), &token))
            });
            team::list(incoming, session, &done.await).await
        }
        ConsoleAction::RotateKeys => {
            let done = done(incoming, what, async {
                keys::rotate(incoming.deployment()).await?;
                Ok(notice("The rotation has begun. It goes on by itself."))
            });
            keys_page::show(incoming, session, &done.await).await
        }
        ConsoleAction::RemoveOperator(id) => {
            let done = done(incoming, what, async {
                operators::remove(incoming.deployment(), id.clone()).await?;
                Ok(notice("Removed."))
            });
            team::list(incoming, session, &done.await).await
        }
    }
}

async fn assign(
    waba: &WabaId,
    what: String,
    form: &Form,
    incoming: &Incoming<'_>,
    session: &Session,
) -> Result<HandlerResponse, Problem> {
    let site = form.parsed("site", SiteId::parse)?;
    let deployment = incoming.deployment();
    let order = AssignRequest { site: site.clone() };
    let begun = audited(deployment, what, unclaimed::assign(deployment, waba, order)).await?;
    let notice = notice("The signup was started.");
    let page = signup_pages::one(incoming, session, &site, &begun.signup, &notice).await;
    match page {
        Ok(page) => Ok(page),
        // Its site has no row of it yet.
        Err(_) => accounts::unclaimed(incoming, session).await,
    }
}

async fn change_app(
    incoming: &Incoming<'_>,
    app: &AppKey,
    patch: Value,
    shown: Option<&str>,
) -> Result<(), Problem> {
    let deployment = incoming.deployment();
    let current = apps::find(deployment, app).await?;
    let version = SettingsVersion::of(current.as_ref());
    check_version(&version, shown)?;
    let settings: AppSettings = merge_patch::apply(current.as_ref(), patch)?;
    apps::put(deployment, app, settings, Some(version)).await?;
    Ok(())
}
