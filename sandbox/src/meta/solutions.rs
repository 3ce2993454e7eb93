//! Multi-partner solutions: `GET /{solution}`, `GET /{app}/whatsapp_business_solutions`, `GET /{waba}/solutions`.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/multi-partner-solutions>

use super::access::{Access, authorize_waba};
use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::fields::{page, select_fields};
use super::token::Bearer;
use crate::world::seed_ids::INFOBIP_APP;
use crate::world::{Solution, World};
use serde_json::{Value, json};

/// `GET /{solution}`, for its owner and its partner.
pub fn get(ctx: &mut GraphContext, id: &str) -> GraphResult {
    let app_id = authorize_partner(ctx)?;
    let solution = ctx.world.solutions.get(id);
    let solution = solution
        .filter(|solution| solution.includes_app(&app_id))
        .ok_or_else(|| GraphError::unsupported(&ctx.request.method, id))?;
    let fields = ctx.request.param_text("fields");
    GraphReply::unchanged(select_fields(
        &node(ctx, solution),
        fields.as_deref(),
        DEFAULT_FIELDS,
        NODE_TYPE,
    )?)
}

/// `GET /{app}/whatsapp_business_solutions`: those the app owns (`role=OWNER`), those it is the partner of (`role=PARTNER`), or both.
pub fn list_of_app(ctx: &mut GraphContext, app: &str) -> GraphResult {
    let app_id = authorize_partner(ctx)?;
    if app != app_id {
        return Err(GraphError::unsupported(&ctx.request.method, app));
    }
    let role = ctx.request.param_text("role");
    let has_role = |solution: &&Solution| match role.as_deref() {
        Some("OWNER") => solution.owner_app_id == app_id,
        Some("PARTNER") => solution.partner_app_id == app_id,
        _ => solution.includes_app(&app_id),
    };
    list(ctx, ctx.world.solutions.values().filter(has_role))
}

/// `GET /{waba}/solutions`: the one the WABA was shared through, if any.
pub fn list_of_waba(ctx: &mut GraphContext, waba: &str) -> GraphResult {
    authorize_waba(ctx, waba, Access::Read)?;
    let shared = ctx.world.wabas[waba].solution_id.as_ref();
    let solution = shared.and_then(|id| ctx.world.solutions.get(id));
    list(ctx, solution.into_iter())
}

/// Whether the app may message the customers of the solution (rule `solution_messaging`). An unknown solution does not
/// prevent it.
pub fn has_messaging_permission(ctx: &GraphContext, solution: &str, app_id: &str) -> bool {
    let solution = ctx.world.solutions.get(solution);
    ctx.rules.solution_messaging
        && solution.is_none_or(|solution| {
            solution
                .permissions_of(app_id)
                .iter()
                .any(|permission| permission == MESSAGING)
        })
}

/// Returns the app's id.
///
/// # Errors
/// 104, 190, or 200 for anything but an app token or system token.
fn authorize_partner(ctx: &GraphContext) -> Result<String, GraphError> {
    match ctx.bearer {
        Bearer::App { app_id } | Bearer::System { app_id } => Ok(app_id.clone()),
        Bearer::Missing => Err(GraphError::token_missing()),
        Bearer::Unknown => Err(GraphError::token_unknown()),
        Bearer::Business(_) => Err(GraphError::permission("Permissions error")),
    }
}

fn list<'a>(ctx: &GraphContext, solutions: impl Iterator<Item = &'a Solution>) -> GraphResult {
    let fields = ctx.request.param_text("fields");
    let to_node = |solution| {
        select_fields(
            &node(ctx, solution),
            fields.as_deref(),
            DEFAULT_FIELDS,
            NODE_TYPE,
        )
    };
    let data: Vec<Value> = solutions.map(to_node).collect::<Result<_, _>>()?;
    GraphReply::unchanged(page(data))
}

fn node(ctx: &GraphContext, solution: &Solution) -> Value {
    let pending = solution.status_for_pending_request.as_deref();
    let pending = pending.unwrap_or(match solution.status.as_str() {
        "INITIATED" => "PENDING_ACTIVATION",
        "PENDING_DEACTIVATION" => "PENDING_DEACTIVATION",
        _ => "NONE",
    });
    let partner = json!({
        "id": solution.partner_app_id,
        "partner_app": app_node(ctx.world, &solution.partner_app_id),
        "partner_permissions": permissions_under_rules(ctx, &solution.partner_app_id, &solution.partner_permissions),
    });
    json!({
        "id": solution.id,
        "name": solution.name,
        "status": solution.status,
        "status_for_pending_request": pending,
        "owner_app": app_node(ctx.world, &solution.owner_app_id),
        "owner_permissions": permissions_under_rules(ctx, &solution.owner_app_id, &solution.owner_permissions),
        "partners": {"data": [partner]},
    })
}

/// Without the rule `solution_messaging` the other partner has MESSAGING in place of the app that asks.
fn permissions_under_rules(
    ctx: &GraphContext,
    app_id: &str,
    permissions: &[String],
) -> Vec<String> {
    let mut permissions = permissions.to_vec();
    if !ctx.rules.solution_messaging {
        permissions.retain(|permission| permission != MESSAGING);
        if ctx.bearer.app_id() != Some(app_id) {
            permissions.push(MESSAGING.into());
        }
    }
    permissions
}

fn app_node(world: &World, id: &str) -> Value {
    let name = match world.apps.get(id) {
        Some(app) => app.name.as_str(),
        None if id == INFOBIP_APP => "Infobip",
        None => "Another Partner App",
    };
    json!({"id": id, "name": name})
}

const MESSAGING: &str = "MESSAGING";
const NODE_TYPE: &str = "WhatsAppBusinessSolution";
const DEFAULT_FIELDS: &[&str] = &["name", "status", "status_for_pending_request"];
