//! Whether a token may access a WABA or a number. A WABA that was not shared gets the same error as one that does not
//! exist.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/access-tokens>

use super::context::GraphContext;
use super::error::GraphError;
use super::token::Bearer;
use crate::world::{BusinessToken, Phone};

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// It reads; the partner's system user may do that without being assigned.
    Read,
    /// It changes settings.
    Manage,
    /// Register, PIN, messages: needs the messaging scope too.
    Message,
}

/// Returns the app's id. Business tokens: the WABAs of their grant, with the scopes the call needs. System tokens: the
/// WABAs shared with the app, and for anything but reading only those the system user is assigned to.
///
/// # Errors
/// 104, 190, 200, 10, or 100/33.
pub fn authorize_waba(ctx: &GraphContext, id: &str, access: Access) -> Result<String, GraphError> {
    let unsupported = || GraphError::unsupported(&ctx.request.method, id);
    let app_id = ctx.bearer.app_id().unwrap_or_default().to_owned();
    let shared = ctx
        .world
        .wabas
        .get(id)
        .filter(|waba| waba.shared_with.contains(&app_id));
    match ctx.bearer {
        Bearer::Missing => return Err(GraphError::token_missing()),
        Bearer::Unknown => return Err(GraphError::token_unknown()),
        Bearer::App { .. } => {
            return Err(GraphError::permission(
                "This call needs the access token of a user or system user.",
            ));
        }
        Bearer::Business(token) => {
            require_valid_token(token, ctx.now_ms)?;
            if !token.grant.waba_ids.iter().any(|granted| granted == id) || shared.is_none() {
                return Err(unsupported());
            }
            require_scopes(token, access)?;
        }
        Bearer::System { .. } => {
            let waba = shared.ok_or_else(unsupported)?;
            let user = ctx
                .world
                .apps
                .get(&app_id)
                .map(|app| app.system_user_id.as_str())
                .unwrap_or_default();
            if access != Access::Read && !waba.assigned_users.contains_key(user) {
                return Err(GraphError::not_permitted());
            }
        }
    }
    Ok(app_id)
}

/// The number, if the token may access its WABA.
///
/// # Errors
/// Those of [`authorize_waba`], and 33 when the number was deleted.
pub fn authorize_phone(ctx: &GraphContext, id: &str, access: Access) -> Result<Phone, GraphError> {
    match ctx.bearer {
        Bearer::Missing => return Err(GraphError::token_missing()),
        Bearer::Unknown => return Err(GraphError::token_unknown()),
        _ => {}
    }
    let phone = ctx
        .world
        .phones
        .get(id)
        .cloned()
        .ok_or_else(|| GraphError::unsupported(&ctx.request.method, id))?;
    // The error names the object of the request, not the WABA it belongs to.
    authorize_waba(ctx, &phone.waba_id, access).map_err(|error| {
        if error.subcode == Some(33) {
            GraphError::unsupported(&ctx.request.method, id)
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

/// Returns the app's id, if the token is a partner's system token.
///
/// # Errors
/// 104, 190 or 200.
pub fn authorize_system_user(ctx: &GraphContext) -> Result<String, GraphError> {
    match ctx.bearer {
        Bearer::System { app_id } => Ok(app_id.clone()),
        Bearer::Missing => Err(GraphError::token_missing()),
        Bearer::Unknown => Err(GraphError::token_unknown()),
        Bearer::Business(_) | Bearer::App { .. } => {
            Err(GraphError::permission("Permissions error"))
        }
    }
}

/// # Errors
/// 190 when the token was revoked or has expired.
fn require_valid_token(token: &BusinessToken, now_ms: u64) -> Result<(), GraphError> {
    if !token.is_valid {
        return Err(GraphError::token_revoked());
    }
    if token.is_expired(now_ms) {
        return Err(GraphError::token_expired());
    }
    Ok(())
}

/// # Errors
/// 200 without the management scope, 10 without the messaging scope.
fn require_scopes(token: &BusinessToken, access: Access) -> Result<(), GraphError> {
    let has = |scope: &str| token.grant.scopes.iter().any(|granted| granted == scope);
    if !has("whatsapp_business_management") {
        return Err(GraphError::permission(
            "Requires whatsapp_business_management permission to manage the object",
        ));
    }
    if access == Access::Message && !has("whatsapp_business_messaging") {
        return Err(GraphError::not_permitted());
    }
    Ok(())
}
