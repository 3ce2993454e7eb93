//! `GET /{business}/system_users`, and the tasks of system users on a WABA: `GET|POST /{waba}/assigned_users`.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-system-users>

use super::access::{Access, authorize_system_user, authorize_waba};
use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::fields::{page, select_fields};
use super::params::missing_param;
use super::solutions::has_messaging_permission;
use crate::world::SystemUser;
use serde_json::{Value, json};

/// Those of the partner's own portfolio. Needs its system token.
pub fn list(ctx: &mut GraphContext, business: &str) -> GraphResult {
    authorize_own_business(ctx, business)?;
    let fields = ctx.request.param_text("fields");
    let users = ctx.world.system_users.values();
    let to_node = |user: &SystemUser| {
        let node = json!({"id": user.id, "name": user.name, "role": user.role});
        select_fields(&node, fields.as_deref(), &["name", "role"], "SystemUser")
    };
    let data: Vec<Value> = users
        .filter(|user| user.business_id == business)
        .map(to_node)
        .collect::<Result<_, _>>()?;
    GraphReply::unchanged(page(data))
}

/// System users of the portfolio `business` who have tasks on the WABA.
pub fn list_assigned(ctx: &mut GraphContext, waba: &str) -> GraphResult {
    authorize_waba(ctx, waba, Access::Read)?;
    let business = ctx.request.param_text("business");
    let business = business.ok_or_else(|| missing_param("business"))?;
    let to_row = |(id, tasks): (&String, &Vec<String>)| {
        let user = ctx.world.system_users.get(id);
        let user = user.filter(|user| user.business_id == business)?;
        Some(json!({"id": id, "name": user.name, "tasks": tasks}))
    };
    let rows = ctx.world.wabas[waba].assigned_users.iter();
    GraphReply::unchanged(page(rows.filter_map(to_row).collect()))
}

/// `?user=&tasks=['MANAGE']`, with the partner's system token. Replaces the user's tasks on the WABA.
pub fn assign(ctx: &mut GraphContext, waba: &str) -> GraphResult {
    let app_id = authorize_system_user(ctx)?;
    authorize_waba(ctx, waba, Access::Read)?;
    let user = ctx
        .request
        .param_text("user")
        .ok_or_else(|| missing_param("user"))?;
    let business = ctx.world.apps.get(&app_id).map(|app| &app.business_id);
    let user_row = ctx.world.system_users.get(&user);
    if user_row.is_none_or(|user| Some(&user.business_id) != business) {
        return Err(GraphError::invalid_parameter(
            "Invalid parameter: user is not a system user of this business",
        ));
    }
    let tasks = parse_tasks(&ctx.request.param_text("tasks").unwrap_or_default());
    if tasks.is_empty() {
        return Err(missing_param("tasks"));
    }
    if let Some(unknown) = tasks.iter().find(|task| !TASKS.contains(&task.as_str())) {
        return Err(GraphError::invalid_parameter(format_args!(
            "Param tasks must be an array of {TASKS:?} - got \"{unknown}\"."
        )));
    }
    let is_full_control = tasks
        .iter()
        .any(|task| FULL_CONTROL_TASKS.contains(&task.as_str()));
    let solution = ctx.world.wabas[waba].solution_id.as_deref();
    if is_full_control && solution.is_some_and(|id| !has_messaging_permission(ctx, id, &app_id)) {
        return Err(GraphError::permission(
            "Your app has no MESSAGING permission in this partner solution, so it cannot grant full control.",
        ));
    }
    let waba = ctx.world.wabas.get_mut(waba);
    let waba = waba.ok_or_else(GraphError::not_permitted)?;
    let changed = waba.assigned_users.insert(user, tasks.clone()) != Some(tasks);
    GraphReply::success(changed)
}

/// Returns the app's id, if the token is a system token of this portfolio.
///
/// # Errors
/// 104, 190, 200, or 100/33.
pub fn authorize_own_business(ctx: &GraphContext, business: &str) -> Result<String, GraphError> {
    let app_id = authorize_system_user(ctx)?;
    let app = ctx.world.apps.get(&app_id);
    app.filter(|app| app.business_id == business)
        .ok_or_else(|| GraphError::unsupported(&ctx.request.method, business))?;
    Ok(app_id)
}

/// From a JSON list, or from the form Meta's examples use: `['MANAGE']`.
fn parse_tasks(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|task| !task.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Tasks that include MESSAGING.
const FULL_CONTROL_TASKS: &[&str] = &["MANAGE", "FULL_CONTROL"];
const TASKS: &[&str] = &[
    "MANAGE",
    "FULL_CONTROL",
    "DEVELOP",
    "MANAGE_TEMPLATES",
    "MANAGE_PHONE",
    "VIEW_COST",
    "MANAGE_EXTENSIONS",
    "VIEW_PHONE_ASSETS",
    "MANAGE_PHONE_ASSETS",
    "VIEW_TEMPLATES",
    "VIEW_INSIGHTS",
    "MANAGE_USERS",
    "MANAGE_BILLING",
    "RECEIVE_INCOMING_MESSAGES",
    "MESSAGING",
];
