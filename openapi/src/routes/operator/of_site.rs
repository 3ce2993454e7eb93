//! The routes of what belongs to one site.

use super::{backend, infobip, signups, sites};
use crate::routes::table::table;
use embark_edge::http::route::{OperatorRoute, Route, SiteRoute};

table! {
    SiteRoute, "admin",
    |route| match route {
        Route::Operator(OperatorRoute::OfSite(_, route)) => Some(route),
        _ => None,
    },
    ApplyMessages => sites::apply_messages(),
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
    ExportSignups => signups::export(),
    GetSignup => backend::get_signup(),
    ListCalls => signups::list_calls(),
    GetCounts => signups::counts(),
    CheckSite => sites::check(),
    CreateLink => backend::create_link(),
    CancelSignup => signups::cancel(),
    RetrySignup => signups::retry(),
    ListAccounts => backend::list_accounts(),
    GetToken => backend::get_token(),
    ListEvents => backend::list_events(),
    ReplayEvents => backend::replay_events(),
    ListTokenReads => backend::token_reads(),
    CreateInfobipWebhook => infobip::create_webhook(),
    AddInfobipSender => infobip::add_sender(),
    SendInfobipMessage => infobip::send_message(),
    GetInfobipMessage => infobip::get_message(),
}
