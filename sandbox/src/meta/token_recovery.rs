//! `POST /{customer business}/system_user_access_tokens` with `fetch_only=true`: returns the customer's business token
//! for the partner's system token, where the app has that capability (rule `recover_tokens`).
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/hosted-es>

use super::access::authorize_system_user;
use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use crate::world::{Grant, default_scopes};
use serde_json::json;

pub fn fetch_token(ctx: &mut GraphContext, business: &str) -> GraphResult {
    let app_id = authorize_system_user(ctx)?;
    if ctx.request.param_text("appsecret_proof").is_none() {
        return Err(GraphError::proof_missing());
    }
    if !ctx.rules.recover_tokens {
        return Err(GraphError::new(
            500,
            3,
            "(#3) Application does not have the capability to make this API call.",
        ));
    }
    let shared = ctx.world.wabas.values();
    let waba_ids: Vec<String> = shared
        .filter(|waba| waba.business_id == business && waba.shared_with.contains(&app_id))
        .map(|waba| waba.id.clone())
        .collect();
    if waba_ids.is_empty() {
        return Err(GraphError::unsupported(&ctx.request.method, business));
    }
    // An existing token is returned; a new one is only issued where there is none.
    let active_token = ctx.world.tokens.values().find(|token| {
        token.grant.app_id == app_id
            && token.grant.business_id == business
            && token.is_valid
            && !token.is_expired(ctx.now_ms)
    });
    if let Some(token) = active_token {
        return GraphReply::unchanged(json!({ "access_token": token.token }));
    }
    let grant = Grant {
        app_id,
        business_id: business.to_owned(),
        waba_ids,
        scopes: default_scopes(),
        granular: true,
        solution_id: None,
        extra_assets: Default::default(),
    };
    let token = ctx
        .world
        .issue_token(grant, ctx.now_ms, ctx.rules.token_expires_in_s);
    GraphReply::changed(json!({ "access_token": token }))
}
