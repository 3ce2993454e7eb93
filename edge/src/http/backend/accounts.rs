//! The business tokens of connected accounts: given out here, and nowhere else.

use super::caller::Caller;
use crate::durable_objects::app_credentials::app_settings;
use crate::durable_objects::rpc;
use crate::http::response::HandlerResponse;
use embark_onboarding::resources::backend::BackendQuery;
use embark_onboarding::resources::rpc::RpcError;
use embark_onboarding::resources::waba::{WabaReply, WabaRequest, token_name};
use embark_protocol::backend::BusinessTokenDocument;
use embark_protocol::{Problem, ProblemCode, WabaId};

/// `GET /v1/backend/wabas/{waba}/token`: the site's token of record for the account. The read is recorded before the
/// token is opened.
///
/// # Errors
/// `not_found`: the site has none for this account. `app_misconfigured`: it was sealed with a key that the deployment
/// does not have.
pub async fn get_token(caller: &Caller<'_>, waba: WabaId) -> Result<HandlerResponse, Problem> {
    let what = ["read the token of ", waba.as_str()].concat();
    caller.ask(BackendQuery::ReadToken { what }).await?;
    let app = &caller.settings.app;
    let request = WabaRequest::TokenOfSite {
        app: app.clone(),
        site: caller.site().clone(),
    };
    let token = match rpc::call(caller.env(), &waba, &request).await? {
        WabaReply::TokenOfRecord { token } => token,
        _ => return Err(RpcError::UnexpectedReply.into()),
    };
    let token = token.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
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
        expires_at: token.expires_at.filter(|at| *at > 0),
        signup: token.signup,
        graph_version,
    })
}
