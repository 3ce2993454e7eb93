//! `GET /{app}` and `GET /{app}/permissions`. Need the app's own token.
//! <https://developers.facebook.com/docs/graph-api/reference/application>

use super::app_subscriptions::authorize;
use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::fields::{page, select_fields};
use crate::world::App;
use serde_json::{Value, json};

pub fn get(ctx: &mut GraphContext, id: &str) -> GraphResult {
    let app = authorized(ctx, id)?;
    let details = &app.details;
    // Meta leaves out what is not filled in.
    let text = |value: &String| match value.is_empty() {
        true => Value::Null,
        false => value.as_str().into(),
    };
    let node = json!({
        "id": app.id,
        "name": app.name,
        "app_domains": details.app_domains,
        "privacy_policy_url": text(&details.privacy_policy_url),
        "terms_of_service_url": text(&details.terms_of_service_url),
        "contact_email": text(&details.contact_email),
        "icon_url": text(&details.icon_url),
        "deauth_callback_url": text(&details.deauth_callback_url),
    });
    let fields = ctx.request.param_text("fields");
    GraphReply::unchanged(select_fields(
        &node,
        fields.as_deref(),
        &["name"],
        "Application",
    )?)
}

/// Those that Meta's review has approved.
pub fn list_permissions(ctx: &mut GraphContext, id: &str) -> GraphResult {
    let app = authorized(ctx, id)?;
    let row = |name: &String| json!({"permission": name, "status": "live"});
    GraphReply::unchanged(page(app.permissions.iter().map(row).collect()))
}

fn authorized<'a>(ctx: &'a GraphContext, id: &str) -> Result<&'a App, GraphError> {
    authorize(ctx, id)?;
    let app = ctx.world.apps.get(id);
    app.ok_or_else(|| GraphError::unsupported("GET", id))
}
