//! `GET /debug_token?input_token=`: what a token is good for. Asked with an app token or the system token.

use super::error::GraphError;
use super::{Answer, Done, Graph};
use crate::token::{Bearer, identify};
use crate::world::Token;
use serde_json::{Value, json};

pub fn answer(graph: &mut Graph) -> Answer {
    let viewer = match graph.who {
        Bearer::App { app_id } | Bearer::System { app_id } => app_id.clone(),
        Bearer::Missing => return Err(GraphError::token_missing()),
        Bearer::Unknown => return Err(GraphError::token_unknown()),
        Bearer::Business(_) => {
            return Err(GraphError::parameter(
                "You must provide an app access token, or a user access token that is an owner or developer of the app",
            ));
        }
    };
    let input = graph
        .call
        .text("input_token")
        .filter(|token| !token.is_empty());
    let input =
        input.ok_or_else(|| GraphError::parameter("The parameter input_token is required."))?;
    let subject = identify(graph.world, Some(&input));
    if subject.app_id().is_some_and(|app_id| app_id != viewer) {
        return Err(GraphError::parameter(
            "The App_id in the input_token did not match the Viewing App",
        ));
    }
    let name = graph
        .world
        .apps
        .get(&viewer)
        .map(|app| app.name.clone())
        .unwrap_or_default();
    let data = match &subject {
        Bearer::Business(token) => business(graph, token, &name),
        Bearer::System { app_id } => json!({
            "app_id": app_id, "application": name, "type": "SYSTEM_USER", "is_valid": true, "expires_at": 0,
            "data_access_expires_at": 0, "issued_at": 1_760_000_000_u64,
            "scopes": ["business_management", "whatsapp_business_management", "whatsapp_business_messaging"],
            "user_id": graph.world.apps.get(app_id).map(|app| app.system_user_id.clone()),
        }),
        Bearer::App { app_id } => {
            json!({"app_id": app_id, "application": name, "type": "APP", "is_valid": true, "scopes": []})
        }
        Bearer::Missing | Bearer::Unknown => json!({
            "error": {"code": 190, "message": "Invalid OAuth access token."}, "is_valid": false, "scopes": [],
        }),
    };
    Done::read(json!({ "data": data }))
}

fn business(graph: &Graph, token: &Token, application: &str) -> Value {
    let expired = token.expires_at != 0 && graph.now_ms / 1000 >= token.expires_at;
    let mut data = json!({
        "app_id": token.grant.app_id,
        "application": application,
        "type": "SYSTEM_USER",
        "is_valid": token.is_valid && !expired,
        "expires_at": token.expires_at,
        "data_access_expires_at": 0,
        "issued_at": token.issued_s,
        "scopes": token.grant.scopes,
        "granular_scopes": granular(graph, token),
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

/// Target ids newest first; a scope without target ids is granted for all assets.
fn granular(graph: &Graph, token: &Token) -> Vec<Value> {
    let listed = graph.rules.granular_targets && token.grant.granular;
    let wabas = graph.world.newest_first(token.grant.waba_ids.clone());
    let one = |scope: &String| {
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
    token.grant.scopes.iter().map(one).collect()
}
