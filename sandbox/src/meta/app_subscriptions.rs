//! `GET /{app}/subscriptions`: URL and fields of the app's webhook. Needs the app's own token.
//! <https://developers.facebook.com/docs/graph-api/reference/app/subscriptions/>

use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::token::Bearer;
use serde_json::json;

pub fn list(ctx: &mut GraphContext, id: &str) -> GraphResult {
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
        "object": "whatsapp_business_account",
        "callback_url": app.webhook_url,
        "active": true,
        "fields": fields,
    }]}))
}
