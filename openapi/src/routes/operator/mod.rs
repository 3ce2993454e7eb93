//! The routes of the operator's origin.

mod apps;
mod backend;
mod backup;
mod deployment;
mod infobip;
pub mod of_site;
mod operators;
mod signups;
mod sites;

use super::public::api_description;
use super::table::{Entry, table};
use embark_edge::http::route::{OperatorRoute, Route};

table! {
    OperatorRoute, "admin",
    |route| match route {
        Route::Operator(route) => Some(route),
        _ => None,
    },
    ApiDescription => api_description("/v1/openapi.json"),
    Identity => operators::identity(),
    ListOperators => operators::list(),
    AddOperator => operators::add(),
    RemoveOperator => operators::remove(),
    ListAudit => operators::audit(),
    GetKeys => operators::keys(),
    RotateKeys => operators::rotate_keys(),
    BeginBackup => backup::begin(),
    ReadBackup => backup::read(),
    RestoreBackup => backup::restore(),
    ActivateBackup => backup::activate(),
    GetHealth => deployment::health(),
    ListApps => apps::list(),
    GetApp => apps::get_app(),
    PutApp => apps::put_app(),
    PatchApp => apps::patch_app(),
    GetQuota => apps::quota(),
    CheckApp => apps::check(),
    GetChecklist => apps::get_checklist(),
    MarkStep => apps::mark_step(),
    GetAppWebhook => apps::get_webhook(),
    PutAppWebhook => apps::put_webhook(),
    CreateAppWebhook => apps::create_webhook(),
    ListAllSignups => signups::list_all(),
    ListUnclaimed => apps::list_unclaimed(),
    AssignUnclaimed => apps::assign_unclaimed(),
    ListUserCallbacks => apps::list_user_callbacks(),
    CloseUserCallback => apps::close_user_callback(),
    GetSolutionQuota => apps::solution_quota(),
    ListSites => sites::list(),
    GetSite => sites::get_site(),
    PutSite => sites::put_site(),
    PatchSite => sites::patch_site(),
    ListAppSecrets => apps::list_secrets(),
    ListSiteSecrets => sites::list_secrets(),
    PutAppSecret => apps::put_secret(),
    PutSiteSecret => sites::put_secret(),
    OfSite => Entry::Table,
    CreateRenewal => signups::create_renewal(),
    TransferNumber => signups::transfer_number(),
    GetReport => signups::get_report(),
    RefreshReport => signups::refresh_report(),
}
