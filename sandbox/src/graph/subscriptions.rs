//! `GET /{app}/subscriptions`: what the app's webhook hears. Asked with the app's own token.

use super::error::GraphError;
use super::{Answer, Done, Graph};
use crate::token::Bearer;
use serde_json::json;

pub fn list(graph: &mut Graph, id: &str) -> Answer {
    match graph.who {
        Bearer::App { app_id } if app_id == id => {}
        Bearer::Missing => return Err(GraphError::token_missing()),
        Bearer::Unknown => return Err(GraphError::token_unknown()),
        _ => {
            return Err(GraphError::parameter(
                "This method must be called with an app access_token.",
            ));
        }
    }
    let app = graph
        .world
        .apps
        .get(id)
        .ok_or_else(|| GraphError::unsupported("GET", id))?;
    if app.webhook_url.is_empty() {
        return Done::read(json!({"data": []}));
    }
    let field = |name: &String| json!({"name": name, "version": "v25.0"});
    let fields: Vec<_> = app.webhook_fields.iter().map(field).collect();
    Done::read(json!({"data": [{
        "object": "whatsapp_business_account",
        "callback_url": app.webhook_url,
        "active": true,
        "fields": fields,
    }]}))
}
