//! What Meta posts when a person removes the app or wants their data deleted, and the page that says how far a deletion is
//! (<https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback>).

use super::meta_webhooks::require_app;
use crate::clock;
use crate::durable_objects::rpc;
use crate::durable_objects::webhook_secrets::{signing_secret_copies, signing_secrets};
use crate::http::html;
use crate::http::incoming::Incoming;
use crate::http::locale::language;
use crate::http::rate_limit;
use crate::http::response::HandlerResponse;
use crate::http::texts;
use embark_onboarding::meta::signed_request::{
    SignedRequest, SignedRequestError, SignedUser, VerifiedRequest,
};
use embark_onboarding::resources::partner::{PartnerReply, PartnerRequest};
use embark_onboarding::resources::rpc::{RpcError, Singleton};
use embark_onboarding::resources::users::{UsersReply, UsersRequest};
use embark_protocol::user_callbacks::{
    DeletionConfirmation, UserCallback, UserCallbackKind, UserCallbackStatus,
};
use embark_protocol::{AppKey, Problem, ProblemCode};

/// `POST /v1/callbacks/meta/{app}/{kind}`: 200 once the Partner object has stored it, which then has it done.
///
/// # Errors
/// `not_found`: there is no such app. `body_too_large`. `bad_request`: the form has no `signed_request`, or what is signed is not
/// valid. `unauthorized`: another secret signed it; `too_many_requests`, if many of the client's network are. `internal`: it is
/// perhaps not stored.
pub async fn receive(
    incoming: &Incoming<'_>,
    app: &AppKey,
    kind: UserCallbackKind,
) -> Result<HandlerResponse, Problem> {
    require_app(incoming, app).await?;
    let request = match SignedRequest::from_form(incoming.body()?) {
        Ok(request) => request,
        Err(error) => return refuse(incoming, error).await,
    };
    let Some(verified) = verify(incoming, app, request).await? else {
        return refuse(incoming, SignedRequestError::Mismatch).await;
    };
    let now = clock::now();
    let SignedUser { user_id, issued_at } = match verified.user(now) {
        Ok(user) => user,
        Err(error) => return refuse(incoming, error).await,
    };
    let purpose = [app.as_str(), "/", kind.as_str()].concat();
    let code = verified.code(&purpose);
    let callback = UserCallback {
        code: code.clone(),
        app: app.clone(),
        user_id,
        kind,
        issued_at: issued_at.0,
        received_at: now.0,
        status: UserCallbackStatus::Working,
    };
    let request = PartnerRequest::Users(UsersRequest::Callback(callback));
    match rpc::call(incoming.env, &Singleton, &request).await? {
        PartnerReply::Accepted => {}
        _ => return Err(RpcError::UnexpectedReply.into()),
    }
    match kind {
        UserCallbackKind::Deauthorize => HandlerResponse::json(&serde_json::json!({})),
        UserCallbackKind::Delete => {
            let origin = &incoming.settings.origin;
            HandlerResponse::json(&DeletionConfirmation {
                url: format!("{origin}/v1/callbacks/meta/{app}/deletions/{code}"),
                confirmation_code: code,
            })
        }
    }
}

/// `GET /v1/callbacks/meta/{app}/deletions/{code}`: a page for the person, in the language of the browser.
///
/// # Errors
/// `not_found`: no such deletion was asked for. `internal`.
pub async fn deletion_page(
    incoming: &Incoming<'_>,
    app: &AppKey,
    code: &str,
) -> Result<HandlerResponse, Problem> {
    let request = UsersRequest::Status {
        code: code.to_owned(),
        app: app.clone(),
    };
    let reply = rpc::call(incoming.env, &Singleton, &PartnerRequest::Users(request)).await?;
    let PartnerReply::Users(UsersReply::Callback(callback)) = reply else {
        return Err(RpcError::UnexpectedReply.into());
    };
    let deletion = callback.filter(|callback| callback.kind == UserCallbackKind::Delete);
    let deletion = deletion.ok_or_else(|| Problem::new(ProblemCode::NotFound))?;
    let language = language(incoming);
    let texts = texts::read_or_english(incoming.env, language).await;
    let page = html::deletion_page(&deletion, language, texts.as_ref());
    Ok(HandlerResponse::Page(page))
}

/// Checks with the copies in KV, then with the Partner object's secrets, as for webhooks. `None`: none of them signed it.
async fn verify(
    incoming: &Incoming<'_>,
    app: &AppKey,
    request: SignedRequest,
) -> Result<Option<VerifiedRequest>, Problem> {
    let (env, settings) = (incoming.env, incoming.settings);
    let copies = signing_secret_copies(env, settings, app).await;
    let request = match request.verify(&copies.unwrap_or_default()) {
        Ok(verified) => return Ok(Some(verified)),
        Err(request) => request,
    };
    rate_limit::check_address(incoming).await?;
    let secrets = signing_secrets(env, settings, app).await?;
    Ok(request.verify(&secrets).ok())
}

async fn refuse(
    incoming: &Incoming<'_>,
    error: SignedRequestError,
) -> Result<HandlerResponse, Problem> {
    let code = match error {
        SignedRequestError::Mismatch => ProblemCode::Unauthorized,
        _ => {
            rate_limit::check_address(incoming).await?;
            ProblemCode::BadRequest
        }
    };
    Err(Problem::new(code).with_detail(&error.to_string()))
}
