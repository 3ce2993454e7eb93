//! `/{app}/subscriptions`: URL and fields of the app's webhook, read and set. Needs the app's own token.
//! <https://developers.facebook.com/docs/graph-api/reference/app/subscriptions/>

use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::params::missing_param;
use super::token::Bearer;
use serde_json::json;
use std::collections::BTreeSet;
use url::Url;

pub fn list(ctx: &mut GraphContext, id: &str) -> GraphResult {
    authorize(ctx, id)?;
    let app = ctx
        .world
        .apps
        .get(id)
        .ok_or_else(|| GraphError::unsupported("GET", id))?;
    if app.webhook_url.is_empty() {
        return GraphReply::unchanged(json!({"data": []}));
    }
    let field = |name: &String| json!({"name": name, "version": "v25.0"});
    let fields: Vec<_> = app.webhook_fields.iter().map(field).collect();
    GraphReply::unchanged(json!({"data": [{
        "object": OBJECT,
        "callback_url": app.webhook_url,
        "active": true,
        "fields": fields,
    }]}))
}

/// `POST`: sets URL and fields, after a handshake with the URL.
pub fn subscribe(ctx: &mut GraphContext, id: &str) -> GraphResult {
    authorize(ctx, id)?;
    let required = |name| {
        ctx.request
            .param_text(name)
            .ok_or_else(|| missing_param(name))
    };
    if required("object")? != OBJECT {
        return Err(GraphError::invalid_parameter(
            "Param object must be whatsapp_business_account",
        ));
    }
    let url = required("callback_url")?;
    required("verify_token")?;
    if !Url::parse(&url).is_ok_and(|url| matches!(url.scheme(), "https" | "http")) {
        return Err(GraphError::invalid_parameter(
            "Param callback_url must be a URL",
        ));
    }
    let fields = required("fields")?;
    // A list of names, as JSON or separated by commas.
    let fields: BTreeSet<String> = serde_json::from_str(&fields).unwrap_or_else(|_| {
        fields
            .split(',')
            .map(|name| name.trim().to_owned())
            .collect()
    });
    if let Some(Err(reason)) = &ctx.request.callback_verification {
        let message =
            format!("(#2200) Callback verification failed with the following errors: {reason}");
        return Err(GraphError::new(400, 2200, message));
    }
    let app = ctx
        .world
        .apps
        .get_mut(id)
        .ok_or_else(|| GraphError::unsupported("POST", id))?;
    let effect = app.webhook_url != url || app.webhook_fields != fields;
    (app.webhook_url, app.webhook_fields) = (url, fields);
    GraphReply::success(effect)
}

pub(super) fn authorize(ctx: &GraphContext, id: &str) -> Result<(), GraphError> {
    match ctx.bearer {
        Bearer::App { app_id } if app_id == id => {}
        Bearer::Missing => return Err(GraphError::token_missing()),
        Bearer::Unknown => return Err(GraphError::token_unknown()),
        _ => {
            return Err(GraphError::invalid_parameter(
                "This method must be called with an app access_token.",
            ));
        }
    }
    Ok(())
}

const OBJECT: &str = "whatsapp_business_account";
