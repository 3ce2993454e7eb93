//! The operator's origin: administration, below `/v1/admin`, and its description. Each route is one operation, answered with
//! JSON.

pub mod access;
mod auth;
mod settings;
pub mod site;

use super::api_description;
use super::incoming::Incoming;
use super::parameters;
use super::rate_limit;
use super::response::HandlerResponse;
use super::route::OperatorRoute;
use crate::operations::seed::Seed;
use crate::operations::site_client::OperatorClient;
use crate::operations::{
    accounts, app_webhooks, apps, backup, checklist, doctor, health, keys, operators, reports,
    secrets, signups, sites, transfers, unclaimed, user_callbacks,
};
use embark_protocol::admin::{AssignRequest, RenewalRequest, TransferRequest};
use embark_protocol::checklist::ChecklistMark;
use embark_protocol::operators::OperatorRequest;
use embark_protocol::{Problem, ProblemCode};

/// Handles an operator's route.
///
/// # Errors
/// The problem to respond with; `unauthorized` without the operator's token, which all routes but the description need.
pub async fn handle(
    route: OperatorRoute,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    let mut needed = access::of(&route);
    if let Some(detail) = detail_of(&route, incoming) {
        needed = needed.with_detail(&detail);
    }
    match route {
        OperatorRoute::ApiDescription => rate_limit::check_address(incoming).await?,
        _ => auth::authorize(incoming, &needed).await?,
    }
    let answer = answer(route, incoming);
    match needed.action {
        Some(action) => operators::audited(incoming.deployment(), action, answer).await,
        None => answer.await,
    }
}

/// What the audit log has of the body, where the address alone does not name what is changed. `None`: nothing, or the body is
/// refused later.
fn detail_of(route: &OperatorRoute, incoming: &Incoming<'_>) -> Option<String> {
    Some(match route {
        OperatorRoute::CreateRenewal => {
            let RenewalRequest { site, waba_id } = incoming.parse_json().ok()?;
            format!("site {site}, account {waba_id}")
        }
        OperatorRoute::AssignUnclaimed(_) => {
            let AssignRequest { site } = incoming.parse_json().ok()?;
            site.to_string()
        }
        OperatorRoute::TransferNumber(_) => {
            let TransferRequest { site } = incoming.parse_json().ok()?;
            site.to_string()
        }
        OperatorRoute::AddOperator => {
            let order: OperatorRequest = incoming.parse_json().ok()?;
            order.role.as_str().to_owned()
        }
        OperatorRoute::MarkStep(..) => {
            let ChecklistMark { done } = incoming.parse_json().ok()?;
            if done { "done" } else { "open" }.to_owned()
        }
        _ => return None,
    })
}

async fn answer(route: OperatorRoute, incoming: &Incoming<'_>) -> Result<HandlerResponse, Problem> {
    let deployment = incoming.deployment();
    match route {
        OperatorRoute::ApiDescription => api_description::of_operator_origin(incoming).await,
        OperatorRoute::Identity => match deployment.operator {
            Some(operator) => HandlerResponse::json(operator),
            None => Err(Problem::new(ProblemCode::Unauthorized)),
        },
        OperatorRoute::ListOperators => HandlerResponse::json(&operators::list(deployment).await?),
        OperatorRoute::AddOperator => {
            let order = incoming.parse_json()?;
            let added = operators::add(deployment, order, &Seed::fresh()).await?;
            HandlerResponse::json(&added)
        }
        OperatorRoute::RemoveOperator(id) => {
            operators::remove(deployment, id).await?;
            Ok(HandlerResponse::NoContent)
        }
        OperatorRoute::ListAudit => {
            let (after, limit) = (
                parameters::audit_page(incoming)?,
                parameters::limit(incoming)?,
            );
            HandlerResponse::json(&operators::audit(deployment, after, limit).await?)
        }
        OperatorRoute::GetKeys => HandlerResponse::json(&keys::get(deployment).await?),
        OperatorRoute::RotateKeys => HandlerResponse::accepted(&keys::rotate(deployment).await?),
        OperatorRoute::BeginBackup => HandlerResponse::json(&backup::begin(deployment)),
        OperatorRoute::ReadBackup => {
            let (backup, from) = parameters::backup_page(incoming)?;
            HandlerResponse::json(&backup::read(deployment, &backup, from).await?)
        }
        OperatorRoute::RestoreBackup => {
            let order = incoming.parse_json()?;
            HandlerResponse::json(&backup::restore(deployment, order).await?)
        }
        OperatorRoute::ActivateBackup => {
            let order = incoming.parse_json()?;
            HandlerResponse::json(&backup::activate(deployment, order).await?)
        }
        OperatorRoute::GetHealth => {
            let after = parameters::site_page(incoming)?;
            HandlerResponse::json(&health::check(deployment, after.as_ref()).await?)
        }
        OperatorRoute::ListApps => HandlerResponse::json(&apps::list(deployment).await?),
        OperatorRoute::GetApp(app) => settings::get_app(incoming, &app).await,
        OperatorRoute::PutApp(app) => settings::put_app(incoming, &app).await,
        OperatorRoute::PatchApp(app) => settings::patch_app(incoming, &app).await,
        OperatorRoute::GetQuota(app) => HandlerResponse::json(&apps::quota(deployment, app).await?),
        OperatorRoute::GetSolutionQuota(id) => {
            HandlerResponse::json(&apps::solution_quota(deployment, id).await?)
        }
        OperatorRoute::CheckApp(app) => {
            HandlerResponse::json(&doctor::check_app(deployment, &app).await?)
        }
        OperatorRoute::GetChecklist(app) => {
            HandlerResponse::json(&checklist::get(deployment, &app).await?)
        }
        OperatorRoute::MarkStep(app, step) => {
            let ChecklistMark { done } = incoming.parse_json()?;
            checklist::mark(deployment, &app, &step, done).await?;
            Ok(HandlerResponse::NoContent)
        }
        OperatorRoute::GetAppWebhook(app) => {
            HandlerResponse::json(&app_webhooks::compare(deployment, &app).await?)
        }
        OperatorRoute::PutAppWebhook(app) => {
            HandlerResponse::json(&app_webhooks::set(deployment, &app).await?)
        }
        OperatorRoute::CreateAppWebhook(app) => {
            HandlerResponse::json(&app_webhooks::create(deployment, &app).await?)
        }
        OperatorRoute::ListAppSecrets(app) => {
            HandlerResponse::json(&secrets::list_of_app(deployment, &app).await?)
        }
        OperatorRoute::ListSiteSecrets(site) => {
            HandlerResponse::json(&secrets::list_of_site(deployment, &site).await?)
        }
        OperatorRoute::PutAppSecret(app, name) => {
            settings::put_app_secret(incoming, &app, &name).await
        }
        OperatorRoute::ListSites => HandlerResponse::json(&sites::list(deployment).await?),
        OperatorRoute::GetSite(site) => settings::get_site(incoming, &site).await,
        OperatorRoute::PutSite(site) => settings::put_site(incoming, &site).await,
        OperatorRoute::PatchSite(site) => settings::patch_site(incoming, &site).await,
        OperatorRoute::PutSiteSecret(site, name) => {
            settings::put_site_secret(incoming, &site, &name).await
        }
        OperatorRoute::OfSite(site, route) => site::handle(route, site, incoming).await,
        OperatorRoute::ListAllSignups => {
            let (filter, after) = parameters::signup_page(incoming)?;
            let limit = parameters::limit(incoming)?;
            HandlerResponse::json(&signups::list_all(deployment, filter, after, limit).await?)
        }
        OperatorRoute::ListUnclaimed => {
            let (after, limit) = (
                parameters::list_page(incoming)?,
                parameters::limit(incoming)?,
            );
            HandlerResponse::json(&unclaimed::list(deployment, after, limit).await?)
        }
        OperatorRoute::AssignUnclaimed(waba) => {
            let order = incoming.parse_json()?;
            HandlerResponse::json(&unclaimed::assign(deployment, &waba, order).await?)
        }
        OperatorRoute::ListUserCallbacks => {
            let (status, after) = parameters::callback_page(incoming)?;
            let limit = parameters::limit(incoming)?;
            let page = user_callbacks::list(deployment, status, after, limit);
            HandlerResponse::json(&page.await?)
        }
        OperatorRoute::CloseUserCallback(code) => {
            HandlerResponse::json(&user_callbacks::close(deployment, code).await?)
        }
        OperatorRoute::CreateRenewal => {
            let RenewalRequest { site, waba_id } = incoming.parse_json()?;
            let client = OperatorClient::new(deployment, site);
            let link = accounts::create_any_renewal(&client, waba_id, &Seed::fresh()).await?;
            HandlerResponse::json(&link)
        }
        OperatorRoute::TransferNumber(number) => {
            let order = incoming.parse_json()?;
            HandlerResponse::json(&transfers::transfer(deployment, &number, order).await?)
        }
        OperatorRoute::GetReport(signup) => {
            HandlerResponse::json(&reports::get(deployment, &signup, false).await?)
        }
        OperatorRoute::RefreshReport(signup) => {
            HandlerResponse::accepted(&reports::get(deployment, &signup, true).await?)
        }
    }
}
