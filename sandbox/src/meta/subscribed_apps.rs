//! `/{waba}/subscribed_apps`: a POST without an override subscribes the app and clears its override; a POST with one
//! needs the app subscribed before, and Meta verifies the override URL before it responds.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override>

use super::access::{Access, authorize_waba};
use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::params::missing_param;
use crate::http::IncomingRequest;
use crate::world::{Subscription, World};
use serde_json::{Value, json};
use url::Url;

/// `GET`: the subscribed apps.
pub fn list(ctx: &mut GraphContext, id: &str) -> GraphResult {
    authorize_waba(ctx, id, Access::Read)?;
    GraphReply::unchanged(json!({ "data": subscription_rows(ctx.world, id) }))
}

/// `POST`: sets or clears the override of the app that asks.
pub fn subscribe(ctx: &mut GraphContext, id: &str) -> GraphResult {
    let app_id = authorize_waba(ctx, id, Access::Manage)?;
    let waba = ctx
        .world
        .wabas
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    let subscription = Subscription {
        override_callback_uri: ctx.request.param_text("override_callback_uri"),
    };
    if let Some(uri) = &subscription.override_callback_uri {
        if !waba.subscriptions.contains_key(&app_id) {
            return Err(GraphError::invalid_parameter(NOT_SUBSCRIBED));
        }
        let verify_token = ctx.request.param_text("verify_token");
        check_override(ctx.request, uri, verify_token.as_deref())?;
    }
    let before = waba.subscriptions.insert(app_id, subscription.clone());
    GraphReply::success(before != Some(subscription))
}

/// Checks an address in place of the app's callback URL, and what came of the handshake with it.
///
/// # Errors
/// 100: it is no URL of at most 200 characters, or comes without a verify token. 2200: it did not answer.
pub fn check_override(
    request: &IncomingRequest,
    uri: &str,
    verify_token: Option<&str>,
) -> Result<(), GraphError> {
    let is_web_url = Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
    if !is_web_url || uri.len() > 200 {
        return Err(GraphError::invalid_parameter(
            "Param override_callback_uri must be a URL of at most 200 characters",
        ));
    }
    if verify_token.is_none_or(str::is_empty) {
        return Err(missing_param("verify_token"));
    }
    match &request.callback_verification {
        Some(Err(reason)) => {
            let message =
                format!("(#2200) Callback verification failed with the following errors: {reason}");
            Err(GraphError::new(400, 2200, message))
        }
        _ => Ok(()),
    }
}

/// `DELETE`: succeeds without effect when the app was not subscribed.
pub fn unsubscribe(ctx: &mut GraphContext, id: &str) -> GraphResult {
    let app_id = authorize_waba(ctx, id, Access::Manage)?;
    let waba = ctx
        .world
        .wabas
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    GraphReply::success(waba.subscriptions.remove(&app_id).is_some())
}

/// One row per subscribed app.
pub fn subscription_rows(world: &World, waba: &str) -> Vec<Value> {
    let subscriptions = world.wabas.get(waba).map(|waba| &waba.subscriptions);
    let to_row = |(id, subscription): (&String, &Subscription)| {
        let name = world.apps.get(id).map(|app| app.name.clone());
        let link = format!("https://www.facebook.com/games/?app_id={id}");
        let mut row = json!({"whatsapp_business_api_data": {"id": id, "link": link, "name": name}});
        if let Some(uri) = &subscription.override_callback_uri {
            row["override_callback_uri"] = uri.clone().into();
        }
        row
    };
    subscriptions.into_iter().flatten().map(to_row).collect()
}

const NOT_SUBSCRIBED: &str =
    "Before override the current callback uri, your app must be subscribed";
