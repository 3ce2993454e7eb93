//! `GET /debug_token?input_token=`: validity, scopes and target ids of a token. Needs an app token or the system token.
//! <https://developers.facebook.com/docs/facebook-login/guides/access-tokens/debugging>

use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::params::missing_param;
use super::token::{Bearer, identify_bearer};
use crate::world::BusinessToken;
use serde_json::{Value, json};

/// An unknown, revoked or expired token is not an error: the reply says that it is not valid.
pub fn inspect_token(ctx: &mut GraphContext) -> GraphResult {
    let viewer = match ctx.bearer {
        Bearer::App { app_id } | Bearer::System { app_id } => app_id.clone(),
        Bearer::Missing => return Err(GraphError::token_missing()),
        Bearer::Unknown => return Err(GraphError::token_unknown()),
        Bearer::Business(_) => {
            return Err(GraphError::invalid_parameter(
                "You must provide an app access token, or a user access token that is an owner or developer of the app",
            ));
        }
    };
    let input = ctx
        .request
        .param_text("input_token")
        .filter(|token| !token.is_empty());
    let input = input.ok_or_else(|| missing_param("input_token"))?;
    let subject = identify_bearer(ctx.world, Some(&input));
    if subject.app_id().is_some_and(|app_id| app_id != viewer) {
        return Err(GraphError::invalid_parameter(
            "The App_id in the input_token did not match the Viewing App",
        ));
    }
    let name = ctx
        .world
        .apps
        .get(&viewer)
        .map(|app| app.name.clone())
        .unwrap_or_default();
    let data = match &subject {
        Bearer::Business(token) => business_token_data(ctx, token, &name),
        Bearer::System { app_id } => json!({
            "app_id": app_id, "application": name, "type": "SYSTEM_USER", "is_valid": true, "expires_at": 0,
            "data_access_expires_at": 0, "issued_at": 1_760_000_000_u64,
            "scopes": ["business_management", "whatsapp_business_management", "whatsapp_business_messaging"],
            "user_id": ctx.world.apps.get(app_id).map(|app| app.system_user_id.clone()),
        }),
        Bearer::App { app_id } => {
            json!({"app_id": app_id, "application": name, "type": "APP", "is_valid": true, "scopes": []})
        }
        Bearer::Missing | Bearer::Unknown => json!({
            "error": {"code": 190, "message": "Invalid OAuth access token."}, "is_valid": false, "scopes": [],
        }),
    };
    GraphReply::unchanged(json!({ "data": data }))
}

fn business_token_data(ctx: &GraphContext, token: &BusinessToken, application: &str) -> Value {
    let expired = token.is_expired(ctx.now_ms);
    let mut data = json!({
        "app_id": token.grant.app_id,
        "application": application,
        "type": "SYSTEM_USER",
        "is_valid": token.is_valid && !expired,
        "expires_at": token.expires_at,
        "data_access_expires_at": 0,
        "issued_at": token.issued_s,
        "scopes": token.grant.scopes,
        "granular_scopes": granular_scopes(ctx, token),
        "user_id": token.user_id,
    });
    if !token.is_valid {
        let message = "Error validating access token: The user has not authorized the application.";
        data["error"] = json!({"code": 190, "message": message, "subcode": 458});
    } else if expired {
        let message = "Error validating access token: Session has expired.";
        data["error"] = json!({"code": 190, "message": message, "subcode": 463});
    }
    data
}

/// Target ids are listed newest first; a scope without target ids is granted for all assets.
fn granular_scopes(ctx: &GraphContext, token: &BusinessToken) -> Vec<Value> {
    let listed = ctx.rules.granular_targets && token.grant.granular;
    let wabas = ctx.world.sort_newest_first(token.grant.waba_ids.clone());
    let granular_scope = |scope: &String| {
        let targets = if scope == "business_management" {
            vec![token.grant.business_id.clone()]
        } else {
            wabas.clone()
        };
        if listed {
            json!({"scope": scope, "target_ids": targets})
        } else {
            json!({"scope": scope})
        }
    };
    let mut scopes: Vec<Value> = token.grant.scopes.iter().map(granular_scope).collect();
    if listed {
        let extra = token.grant.extra_assets.iter();
        scopes.extend(extra.map(|(name, ids)| {
            let scope = EXTRA_SCOPES.iter().find(|(list, _)| list == name);
            let scope = scope.map_or("business_management", |(_, scope)| scope);
            json!({"scope": scope, "target_ids": ids})
        }));
    }
    scopes
}

/// The scopes of other assets, by the names of the event's lists.
const EXTRA_SCOPES: &[(&str, &str)] = &[
    ("ad_account_ids", "ads_management"),
    ("page_ids", "pages_show_list"),
    ("dataset_ids", "ads_management"),
    ("catalog_ids", "catalog_management"),
    ("instagram_account_ids", "instagram_basic"),
];
