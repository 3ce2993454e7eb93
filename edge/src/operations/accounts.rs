//! The accounts that a site has connected, and their business tokens, which are given out here and nowhere else.

use super::seed::Seed;
use super::site_client::SiteClient;
use crate::clock;
use crate::durable_objects::app_credentials::app_settings;
use crate::durable_objects::rpc;
use embark_onboarding::auth::grant::Grant;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply};
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::waba::{TokenOfRecord, WabaReply, WabaRequest, token_name};
use embark_onboarding::time::UnixMillis;
use embark_protocol::admin::{LinkResponse, SiteSettings};
use embark_protocol::backend::{AccountPage, BusinessTokenDocument};
use embark_protocol::{AppKey, Problem, ProblemCode, SignupId, WabaId};

/// A page of the accounts that signups of the site have connected, with their numbers. `after`: where the page before ended.
///
/// # Errors
/// `unknown_site`; `internal`: the site did not reply.
pub async fn list(
    client: &impl SiteClient,
    after: Option<WabaId>,
    limit: u32,
) -> Result<AccountPage, Problem> {
    match client.ask(BackendQuery::Accounts { after, limit }).await? {
        BackendReply::Accounts(page) => Ok(page),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// The site's token of record for an account. The read is recorded before the token is opened.
///
/// # Errors
/// `not_found`: the site has none for this account. `app_misconfigured`: it was sealed with a key that the deployment
/// does not have. `unknown_site`; `internal`: an object did not reply.
pub async fn read_token(
    client: &impl SiteClient,
    waba: WabaId,
) -> Result<BusinessTokenDocument, Problem> {
    let SiteSettings { app, .. } = client.settings().await?;
    let token = token_of_record(client, &app, &waba).await?;
    let token = token.ok_or_else(not_connected)?;
    let what = ["read the token of ", waba.as_str()].concat();
    client.ask(BackendQuery::ReadToken { what }).await?;
    let deployment = client.deployment();
    let settings = app_settings(deployment.env, &app).await?;
    let misconfigured = || Problem::new(ProblemCode::AppMisconfigured);
    let graph_version = settings.ok_or_else(misconfigured)?.graph_version;
    let keyring = &deployment.settings.keyring;
    let opened = keyring
        .open(&token_name(&app, &waba), &token.token)
        .map_err(|_| misconfigured())?;
    Ok(BusinessTokenDocument {
        waba_id: waba,
        token: opened.expose_secret().to_owned(),
        scopes: token.scopes,
        expires_at: token
            .expires_at
            .filter(|at| *at > 0)
            .map(|seconds| UnixMillis::from_secs(seconds).0),
        refused_at: token.refused_at.map(|at| at.0),
        signup: token.signup,
        graph_version,
    })
}

/// A link by which the customer renews the token of an account that the site has connected.
///
/// # Errors
/// `not_found`: the site has not connected the account; `unknown_site`; `internal`: an object did not reply.
pub async fn create_renewal(
    client: &impl SiteClient,
    waba: WabaId,
    seed: &Seed,
) -> Result<LinkResponse, Problem> {
    let SiteSettings { app, .. } = client.settings().await?;
    if token_of_record(client, &app, &waba).await?.is_none() {
        return Err(not_connected());
    }
    renewal_link(client, app, waba, seed)
}

/// A link to the hosted page, valid for two weeks, by which the token of one account is renewed and no other, also of one that
/// the site has not connected. A business token lives 60 days and cannot be refreshed, so that the customer must go through
/// Meta's popup again.
///
/// # Errors
/// `unknown_site`; `internal`: the site did not reply.
pub async fn create_any_renewal(
    client: &impl SiteClient,
    waba: WabaId,
    seed: &Seed,
) -> Result<LinkResponse, Problem> {
    let SiteSettings { app, .. } = client.settings().await?;
    renewal_link(client, app, waba, seed)
}

fn renewal_link(
    client: &impl SiteClient,
    app: AppKey,
    waba: WabaId,
    seed: &Seed,
) -> Result<LinkResponse, Problem> {
    let internal = || Problem::new(ProblemCode::Internal);
    let signup = SignupId::parse(&seed.id()).map_err(|_| internal())?;
    let settings = client.deployment().settings;
    let site = client.site().clone();
    let grant = Grant::renewal(signup, site, app, waba, &settings.origin, clock::now());
    let url = grant.hosted_page_url(&settings.origin, &settings.keyring);
    Ok(LinkResponse {
        url: url.ok_or_else(internal)?,
    })
}

fn not_connected() -> Problem {
    Problem::new(ProblemCode::NotFound)
        .with_detail("waba_id: the site has not connected this account")
}

/// `None`: the site has none for the account.
async fn token_of_record(
    client: &impl SiteClient,
    app: &AppKey,
    waba: &WabaId,
) -> Result<Option<TokenOfRecord>, Problem> {
    let request = WabaRequest::TokenOfSite {
        app: app.clone(),
        site: client.site().clone(),
    };
    match rpc::call(client.deployment().env, waba, &request).await? {
        WabaReply::TokenOfRecord { token } => Ok(token.map(|token| *token)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}
