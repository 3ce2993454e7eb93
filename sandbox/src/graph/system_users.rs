//! `GET /{business}/system_users`, and system users on a WABA: `GET|POST /{waba}/assigned_users` (Solution
//! providers, "Manage system users").

use super::access::{Need, system, to_waba};
use super::error::GraphError;
use super::fields::pick;
use super::phones::page;
use super::{Answer, Done, Graph, solutions};
use serde_json::{Value, json};

/// The partner's own ones, with its system token.
pub fn list(graph: &mut Graph, business: &str) -> Answer {
    own_business(graph, business)?;
    let fields = graph.call.text("fields");
    let users = graph.world.system_users.values();
    let one = |user: &crate::world::SystemUser| {
        let node = json!({"id": user.id, "name": user.name, "role": user.role});
        pick(&node, fields.as_deref(), &["name", "role"], "SystemUser")
    };
    let data: Vec<Value> = users
        .filter(|user| user.business_id == business)
        .map(one)
        .collect::<Result<_, _>>()?;
    Done::read(page(data))
}

/// Those of the portfolio `business` who have tasks here.
pub fn assigned(graph: &mut Graph, waba: &str) -> Answer {
    to_waba(graph, waba, Need::Read)?;
    let business = graph.call.text("business");
    let business =
        business.ok_or_else(|| GraphError::parameter("The parameter business is required."))?;
    let one = |(id, tasks): (&String, &Vec<String>)| {
        let user = graph.world.system_users.get(id);
        let user = user.filter(|user| user.business_id == business)?;
        Some(json!({"id": id, "name": user.name, "tasks": tasks}))
    };
    let rows = graph.world.wabas[waba].assigned_users.iter();
    Done::read(page(rows.filter_map(one).collect()))
}

/// `?user=&tasks=['MANAGE']`, with the partner's system token. Replaces the user's tasks.
pub fn assign(graph: &mut Graph, waba: &str) -> Answer {
    let app_id = system(graph)?;
    to_waba(graph, waba, Need::Read)?;
    let missing = |name| GraphError::parameter(format_args!("The parameter {name} is required."));
    let user = graph.call.text("user").ok_or_else(|| missing("user"))?;
    let business = graph.world.apps.get(&app_id).map(|app| &app.business_id);
    let theirs = graph.world.system_users.get(&user);
    if theirs.is_none_or(|user| Some(&user.business_id) != business) {
        return Err(GraphError::parameter(
            "Invalid parameter: user is not a system user of this business",
        ));
    }
    let tasks = tasks(&graph.call.text("tasks").unwrap_or_default());
    if tasks.is_empty() {
        return Err(missing("tasks"));
    }
    if let Some(strange) = tasks.iter().find(|task| !TASKS.contains(&task.as_str())) {
        return Err(GraphError::parameter(format_args!(
            "Param tasks must be an array of {TASKS:?} - got \"{strange}\"."
        )));
    }
    let whole = tasks.iter().any(|task| WHOLE.contains(&task.as_str()));
    let solution = graph.world.wabas[waba].solution_id.as_deref();
    if whole && solution.is_some_and(|id| !solutions::messaging(graph, id, &app_id)) {
        return Err(GraphError::permission(
            "Your app has no MESSAGING permission in this partner solution, so it cannot grant full control.",
        ));
    }
    let unheard = GraphError::not_permitted;
    let waba = graph.world.wabas.get_mut(waba).ok_or_else(unheard)?;
    let changed = waba.assigned_users.insert(user, tasks.clone()) != Some(tasks);
    Done::success(changed)
}

/// The portfolio behind a system token, where it is the one asked for.
pub fn own_business(graph: &Graph, business: &str) -> Result<String, GraphError> {
    let app_id = system(graph)?;
    let own = graph.world.apps.get(&app_id);
    own.filter(|app| app.business_id == business)
        .ok_or_else(|| GraphError::unsupported(&graph.call.method, business))?;
    Ok(app_id)
}

/// A JSON list, or Meta's `['MANAGE']`.
fn tasks(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Full control, whose parts include messaging.
const WHOLE: &[&str] = &["MANAGE", "FULL_CONTROL"];
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
