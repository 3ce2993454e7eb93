//! The operator's origin: administration, below `/v1/admin`, and its description.

mod apps;
mod auth;
mod backend;
mod infobip;
mod invitations;
mod merge_patch;
mod messages;
mod meta_webhooks;
mod renewals;
mod reports;
mod secrets;
mod sites;
mod transfers;
mod user_callbacks;

use super::api_description;
use super::incoming::Incoming;
use super::rate_limit;
use super::response::HandlerResponse;
use super::route::OperatorRoute;
use embark_protocol::Problem;

/// Handles an operator's route.
///
/// # Errors
/// The problem to respond with; `unauthorized` without the operator's token, which all routes but the description need.
pub async fn handle(
    route: OperatorRoute,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    match route {
        OperatorRoute::ApiDescription => rate_limit::check_address(incoming).await?,
        _ => auth::authorize(incoming).await?,
    }
    let request = incoming;
    match route {
        OperatorRoute::ApiDescription => api_description::of_operator_origin(request).await,
        OperatorRoute::ListApps => apps::list_apps(request).await,
        OperatorRoute::GetApp(app) => apps::get_app(request, app).await,
        OperatorRoute::PatchApp(app) => apps::patch_app(request, app).await,
        OperatorRoute::GetSolutionQuota(id) => apps::get_solution_quota(request, id).await,
        OperatorRoute::ListSites => sites::list_sites(request).await,
        OperatorRoute::GetSite(site) => sites::get_site(request, site).await,
        OperatorRoute::PatchSite(site) => sites::patch_site(request, site).await,
        OperatorRoute::PutApp(app) => apps::put_app(request, app).await,
        OperatorRoute::GetQuota(app) => apps::get_quota(request, app).await,
        OperatorRoute::GetAppWebhook(app) => meta_webhooks::compare(request, app).await,
        OperatorRoute::PutAppWebhook(app) => meta_webhooks::set(request, app).await,
        OperatorRoute::CreateAppWebhook(app) => meta_webhooks::create(request, app).await,
        OperatorRoute::ListUnclaimed => meta_webhooks::list_unclaimed(request).await,
        OperatorRoute::AssignUnclaimed(waba) => meta_webhooks::assign(request, waba).await,
        OperatorRoute::ListUserCallbacks => user_callbacks::list(request).await,
        OperatorRoute::CloseUserCallback(code) => user_callbacks::close(request, code).await,
        OperatorRoute::ApplyMessages(site) => messages::apply(request, site).await,
        OperatorRoute::PutSite(site) => sites::put_site(request, site).await,
        OperatorRoute::PutAppSecret(app, name) => secrets::put_app_secret(request, app, name).await,
        OperatorRoute::PutSiteSecret(site, name) => {
            secrets::put_site_secret(request, site, name).await
        }
        OperatorRoute::CreateSession(site) => backend::create_session(request, site).await,
        OperatorRoute::CreateBackendToken(site) => backend::create_token(request, site).await,
        OperatorRoute::ListBackendTokens(site) => backend::list_tokens(request, site).await,
        OperatorRoute::RevokeBackendToken(site, id) => {
            backend::revoke_token(request, site, id).await
        }
        OperatorRoute::PutEndpoint(site) => backend::put_endpoint(request, site).await,
        OperatorRoute::GetEndpoint(site) => backend::get_endpoint(request, site).await,
        OperatorRoute::DeleteEndpoint(site) => backend::delete_endpoint(request, site).await,
        OperatorRoute::RotateEndpointSecret(site) => backend::rotate_secret(request, site).await,
        OperatorRoute::TestEndpoint(site) => backend::test_endpoint(request, site).await,
        OperatorRoute::ListSignups(site) => backend::list_signups(request, site).await,
        OperatorRoute::ListEvents(site) => backend::list_events(request, site).await,
        OperatorRoute::ReplayEvents(site) => backend::replay_events(request, site).await,
        OperatorRoute::GetAudit(site) => backend::audit(request, site).await,
        OperatorRoute::CreateInvitation(site) => invitations::create(request, site).await,
        OperatorRoute::ListInvitations(site) => invitations::list(request, site).await,
        OperatorRoute::RevokeInvitation(site, id) => invitations::revoke(request, site, id).await,
        OperatorRoute::CreateRenewal => renewals::create(request).await,
        OperatorRoute::TransferNumber(number) => transfers::transfer(request, number).await,
        OperatorRoute::GetReport(signup) => reports::get(request, signup).await,
        OperatorRoute::RefreshReport(signup) => reports::refresh(request, signup).await,
        OperatorRoute::CreateInfobipWebhook(site) => infobip::create_webhook(request, site).await,
        OperatorRoute::AddInfobipSender(site) => infobip::add_sender(request, site).await,
        OperatorRoute::SendInfobipMessage(site) => infobip::send_message(request, site).await,
        OperatorRoute::GetInfobipMessage(site, id) => infobip::get_message(request, site, id).await,
    }
}
