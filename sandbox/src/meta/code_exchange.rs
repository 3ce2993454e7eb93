//! `GET|POST /oauth/access_token`: exchanges an authorization code for a business token, once and within thirty
//! seconds. A wrong `redirect_uri` does not use the code up.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-customers-as-a-tech-provider>

use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use crate::world::digest;
use serde_json::json;

/// Also returns an app token, for `grant_type=client_credentials`.
pub fn exchange_code(ctx: &mut GraphContext) -> GraphResult {
    let request = ctx.request;
    let app_id = request
        .param_text("client_id")
        .ok_or_else(|| oauth_error(101, "Missing client_id parameter."))?;
    let app =
        ctx.world.apps.get(&app_id).ok_or_else(|| {
            oauth_error(101, "Error validating application. Invalid application ID.")
        })?;
    match request.param_text("client_secret") {
        None => return Err(oauth_error(1, "Missing client_secret parameter.")),
        Some(secret) if secret != app.secret => {
            return Err(oauth_error(1, "Error validating client secret."));
        }
        Some(_) => {}
    }
    if request.param_text("grant_type").as_deref() == Some("client_credentials") {
        return GraphReply::unchanged(
            json!({"access_token": format!("{}|{}", app.id, app.secret), "token_type": "bearer"}),
        );
    }
    let code = request
        .param_text("code")
        .ok_or_else(|| oauth_error(1, "Missing authorization code"))?;
    let now_ms = ctx.now_ms;
    let row = ctx
        .world
        .codes
        .get_mut(&digest(&code))
        .filter(|row| row.code == code && row.grant.app_id == app_id)
        .ok_or_else(|| oauth_error(100, "Invalid verification code format.").with_subcode(36007))?;
    if row.used {
        return Err(oauth_error(100, "This authorization code has been used.").with_subcode(36009));
    }
    if now_ms.saturating_sub(row.issued_ms) > ctx.rules.code_ttl_s * 1000 {
        return Err(oauth_error(100, "This authorization code has expired.").with_subcode(36007));
    }
    let redirect_uri = request.param_text("redirect_uri");
    if !ctx
        .rules
        .accepts_redirect_uri(&row.bound_to, redirect_uri.as_deref())
    {
        return Err(oauth_error(100, WRONG_REDIRECT).with_subcode(36008));
    }
    row.used = true;
    let grant = row.grant.clone();
    let token = ctx
        .world
        .issue_token(grant, now_ms, ctx.rules.token_expires_in_s);
    let mut body = json!({"access_token": token, "token_type": "bearer"});
    if let Some(seconds) = ctx.rules.token_expires_in_s {
        body["expires_in"] = seconds.into();
    }
    GraphReply::changed(body)
}

fn oauth_error(code: i64, message: &str) -> GraphError {
    GraphError::new(400, code, message)
}

const WRONG_REDIRECT: &str = "Error validating verification code. Please make sure your redirect_uri is identical \
     to the one you used in the OAuth dialog request";
