//! Connected accounts, and their business tokens, which are given out here and nowhere else.

use super::caller::Caller;
use super::parameters::{limit, optional};
use crate::durable_objects::app_credentials::app_settings;
use crate::durable_objects::rpc;
use crate::http::incoming::Incoming;
use crate::http::response::HandlerResponse;
use embark_onboarding::resources::backend::{BackendQuery, BackendReply};
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::waba::{TokenOfRecord, WabaReply, WabaRequest, token_name};
use embark_onboarding::time::UnixMillis;
use embark_protocol::backend::{BackendScope, BusinessTokenDocument};
use embark_protocol::{Problem, ProblemCode, WabaId};

/// `GET /v1/backend/wabas?after=…&limit=…`: the accounts that signups of the site have connected, with their numbers.
///
/// # Errors
/// `bad_request` for a parameter of the wrong shape.
pub async fn list(
    caller: &Caller<'_>,
    incoming: &Incoming<'_>,
) -> Result<HandlerResponse, Problem> {
    let after = optional(incoming, "after", |text| WabaId::parse(text).ok());
    let bad = |()| {
        Problem::new(ProblemCode::BadRequest)
            .with_detail("after: the field next of the page before")
    };
    let query = BackendQuery::Accounts {
        after: after.map_err(bad)?,
        limit: limit(incoming, ACCOUNTS_DEFAULT)?,
    };
    match caller.ask(query).await? {
        BackendReply::Accounts(page) => HandlerResponse::json(&page),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// The site's token of record for an account. `None`: it has none.
///
/// # Errors
/// `internal`: the account's object did not reply.
pub async fn token_of_record(
    caller: &Caller<'_>,
    waba: &WabaId,
) -> Result<Option<TokenOfRecord>, Problem> {
    let request = WabaRequest::TokenOfSite {
        app: caller.settings.app.clone(),
        site: caller.site().clone(),
    };
    match rpc::call(caller.env(), waba, &request).await? {
        WabaReply::TokenOfRecord { token } => Ok(token.map(|token| *token)),
        _ => Err(RpcError::UnexpectedReply.into()),
    }
}

/// `GET /v1/backend/wabas/{waba}/token`: the site's token of record for the account. The read is recorded before the
/// token is opened.
///
/// # Errors
/// `not_found`: the site has none for this account. `app_misconfigured`: it was sealed with a key that the deployment
/// does not have.
pub async fn get_token(caller: &Caller<'_>, waba: WabaId) -> Result<HandlerResponse, Problem> {
    let scope = BackendScope::Token;
    caller.ask(BackendQuery::Permit { scope }).await?;
    let app = &caller.settings.app;
    let token = token_of_record(caller, &waba).await?;
    let token = token.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let what = ["read the token of ", waba.as_str()].concat();
    caller.ask(BackendQuery::ReadToken { what }).await?;
    let settings = app_settings(caller.env(), app).await?;
    let misconfigured = || Problem::new(ProblemCode::AppMisconfigured);
    let graph_version = settings.ok_or_else(misconfigured)?.graph_version;
    let keyring = &caller.incoming().settings.keyring;
    let opened = keyring
        .open(&token_name(app, &waba), &token.token)
        .map_err(|_| misconfigured())?;
    HandlerResponse::json(&BusinessTokenDocument {
        waba_id: waba,
        token: opened.expose_secret().to_owned(),
        scopes: token.scopes,
        expires_at: token
            .expires_at
            .filter(|at| *at > 0)
            .map(|seconds| UnixMillis::from_secs(seconds).0),
        signup: token.signup,
        graph_version,
    })
}

const ACCOUNTS_DEFAULT: u32 = 100;
