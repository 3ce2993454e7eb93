//! May this token do that to this WABA? Somebody else's WABA looks exactly like one that is not there.

use super::Graph;
use super::error::GraphError;
use crate::token::Bearer;
use crate::world::{Phone, Token};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Reading; also open to the partner's system user.
    Read,
    /// Changing settings.
    Manage,
    /// Register, PIN, messages: needs the messaging scope too.
    Send,
}

/// Business tokens: their own WABAs, with the scopes the call needs. System tokens: WABAs shared with
/// the app, and only those where the system user is assigned for anything but reading.
pub fn to_waba(graph: &Graph, id: &str, need: Need) -> Result<String, GraphError> {
    let unsupported = || GraphError::unsupported(&graph.call.method, id);
    let app_id = graph.who.app_id().unwrap_or_default().to_owned();
    let shared = graph
        .world
        .wabas
        .get(id)
        .filter(|waba| waba.shared_with.contains(&app_id));
    match graph.who {
        Bearer::Missing => return Err(GraphError::token_missing()),
        Bearer::Unknown => return Err(GraphError::token_unknown()),
        Bearer::App { .. } => {
            return Err(GraphError::permission(
                "This call needs the access token of a user or system user.",
            ));
        }
        Bearer::Business(token) => {
            alive(token, graph.now_ms)?;
            if !token.grant.waba_ids.iter().any(|own| own == id) || shared.is_none() {
                return Err(unsupported());
            }
            scopes(token, need)?;
        }
        Bearer::System { .. } => {
            let waba = shared.ok_or_else(unsupported)?;
            let user = graph
                .world
                .apps
                .get(&app_id)
                .map(|app| app.system_user_id.as_str())
                .unwrap_or_default();
            if need != Need::Read && !waba.assigned_users.contains_key(user) {
                return Err(GraphError::not_permitted());
            }
        }
    }
    Ok(app_id)
}

/// The same for the WABA a number is in.
pub fn to_phone(graph: &Graph, id: &str, need: Need) -> Result<Phone, GraphError> {
    match graph.who {
        Bearer::Missing => return Err(GraphError::token_missing()),
        Bearer::Unknown => return Err(GraphError::token_unknown()),
        _ => {}
    }
    let phone = graph
        .world
        .phones
        .get(id)
        .cloned()
        .ok_or_else(|| GraphError::unsupported(&graph.call.method, id))?;
    // The refusal names the object that was asked for, not the WABA behind it.
    to_waba(graph, &phone.waba_id, need).map_err(|error| {
        if error.subcode == Some(33) {
            GraphError::unsupported(&graph.call.method, id)
        } else {
            error
        }
    })?;
    if phone.status == "DELETED" {
        return Err(GraphError::new(
            400,
            33,
            "(#33) This phone number id was deleted.",
        ));
    }
    Ok(phone)
}

/// The partner's own system user; returns its app's id.
pub fn system(graph: &Graph) -> Result<String, GraphError> {
    match graph.who {
        Bearer::System { app_id } => Ok(app_id.clone()),
        Bearer::Missing => Err(GraphError::token_missing()),
        Bearer::Unknown => Err(GraphError::token_unknown()),
        Bearer::Business(_) | Bearer::App { .. } => {
            Err(GraphError::permission("Permissions error"))
        }
    }
}

fn alive(token: &Token, now_ms: u64) -> Result<(), GraphError> {
    if !token.is_valid {
        return Err(GraphError::token_revoked());
    }
    if token.expires_at != 0 && now_ms / 1000 >= token.expires_at {
        return Err(GraphError::token_expired());
    }
    Ok(())
}

fn scopes(token: &Token, need: Need) -> Result<(), GraphError> {
    let has = |scope: &str| token.grant.scopes.iter().any(|own| own == scope);
    if !has("whatsapp_business_management") {
        return Err(GraphError::permission(
            "Requires whatsapp_business_management permission to manage the object",
        ));
    }
    if need == Need::Send && !has("whatsapp_business_messaging") {
        return Err(GraphError::not_permitted());
    }
    Ok(())
}
