//! The routes of the operator's origin.

mod apps;
mod backend;
mod infobip;
mod signups;
mod sites;

use super::public::api_description;
use super::table::table;
use embark_edge::http::route::{OperatorRoute, Route};

table! {
    OperatorRoute, "admin",
    |route| match route {
        Route::Operator(route) => Some(route),
        _ => None,
    },
    ApiDescription => api_description("/v1/openapi.json"),
    ListApps => apps::list(),
    GetApp => apps::get_app(),
    PutApp => apps::put_app(),
    PatchApp => apps::patch_app(),
    GetQuota => apps::quota(),
    GetAppWebhook => apps::get_webhook(),
    PutAppWebhook => apps::put_webhook(),
    CreateAppWebhook => apps::create_webhook(),
    ListUnclaimed => apps::list_unclaimed(),
    AssignUnclaimed => apps::assign_unclaimed(),
    ListUserCallbacks => apps::list_user_callbacks(),
    CloseUserCallback => apps::close_user_callback(),
    GetSolutionQuota => apps::solution_quota(),
    ListSites => sites::list(),
    GetSite => sites::get_site(),
    PutSite => sites::put_site(),
    PatchSite => sites::patch_site(),
    ApplyMessages => sites::apply_messages(),
    PutAppSecret => apps::put_secret(),
    PutSiteSecret => sites::put_secret(),
    CreateInvitation => sites::create_invitation(),
    ListInvitations => sites::list_invitations(),
    RevokeInvitation => sites::revoke_invitation(),
    CreateSession => backend::create_session(),
    CreateBackendToken => backend::create_token(),
    ListBackendTokens => backend::list_tokens(),
    RevokeBackendToken => backend::revoke_token(),
    PutEndpoint => backend::put_endpoint(),
    GetEndpoint => backend::get_endpoint(),
    DeleteEndpoint => backend::delete_endpoint(),
    RotateEndpointSecret => backend::rotate_secret(),
    TestEndpoint => backend::test_endpoint(),
    ListSignups => backend::list_signups(),
    ListEvents => backend::list_events(),
    ReplayEvents => backend::replay_events(),
    GetAudit => backend::audit(),
    CreateRenewal => signups::create_renewal(),
    TransferNumber => signups::transfer_number(),
    GetReport => signups::get_report(),
    RefreshReport => signups::refresh_report(),
    CreateInfobipWebhook => infobip::create_webhook(),
    AddInfobipSender => infobip::add_sender(),
    SendInfobipMessage => infobip::send_message(),
    GetInfobipMessage => infobip::get_message(),
}
