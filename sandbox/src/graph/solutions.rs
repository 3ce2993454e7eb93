//! Partner solutions (Solution providers, "Multi-partner solutions"): `GET /{solution}`,
//! `GET /{app}/whatsapp_business_solutions`, `GET /{waba}/solutions`.

use super::access::{Need, to_waba};
use super::error::GraphError;
use super::fields::pick;
use super::phones::page;
use super::{Answer, Done, Graph};
use crate::token::Bearer;
use crate::world::{Solution, World};
use serde_json::{Value, json};

pub fn get(graph: &mut Graph, id: &str) -> Answer {
    let app_id = partner(graph)?;
    let solution = graph.world.solutions.get(id);
    let solution = solution
        .filter(|solution| solution.has(&app_id))
        .ok_or_else(|| GraphError::unsupported(&graph.call.method, id))?;
    let fields = graph.call.text("fields");
    Done::read(pick(
        &node(graph, solution),
        fields.as_deref(),
        DEFAULT,
        NODE,
    )?)
}

/// Those the app owns (`role=OWNER`), those it is a partner in (`PARTNER`), or both.
pub fn of_app(graph: &mut Graph, app: &str) -> Answer {
    let app_id = partner(graph)?;
    if app != app_id {
        return Err(GraphError::unsupported(&graph.call.method, app));
    }
    let role = graph.call.text("role");
    let wanted = |solution: &&Solution| match role.as_deref() {
        Some("OWNER") => solution.owner_app_id == app_id,
        Some("PARTNER") => solution.partner_app_id == app_id,
        _ => solution.has(&app_id),
    };
    list(graph, graph.world.solutions.values().filter(wanted))
}

pub fn of_waba(graph: &mut Graph, waba: &str) -> Answer {
    to_waba(graph, waba, Need::Read)?;
    let shared = graph.world.wabas[waba].solution_id.as_ref();
    let solution = shared.and_then(|id| graph.world.solutions.get(id));
    list(graph, solution.into_iter())
}

/// Whether this app may message the customers of the solution; the rule can take that away.
pub fn messaging(graph: &Graph, solution: &str, app_id: &str) -> bool {
    let solution = graph.world.solutions.get(solution);
    graph.rules.solution_messaging
        && solution.is_none_or(|solution| {
            solution
                .permissions(app_id)
                .iter()
                .any(|own| own == MESSAGING)
        })
}

/// App or system token.
fn partner(graph: &Graph) -> Result<String, GraphError> {
    match graph.who {
        Bearer::App { app_id } | Bearer::System { app_id } => Ok(app_id.clone()),
        Bearer::Missing => Err(GraphError::token_missing()),
        Bearer::Unknown => Err(GraphError::token_unknown()),
        Bearer::Business(_) => Err(GraphError::permission("Permissions error")),
    }
}

fn list<'a>(graph: &Graph, solutions: impl Iterator<Item = &'a Solution>) -> Answer {
    let fields = graph.call.text("fields");
    let one = |solution| pick(&node(graph, solution), fields.as_deref(), DEFAULT, NODE);
    let data: Vec<Value> = solutions.map(one).collect::<Result<_, _>>()?;
    Done::read(page(data))
}

fn node(graph: &Graph, solution: &Solution) -> Value {
    let pending = solution.status_for_pending_request.as_deref();
    let pending = pending.unwrap_or(match solution.status.as_str() {
        "INITIATED" => "PENDING_ACTIVATION",
        "PENDING_DEACTIVATION" => "PENDING_DEACTIVATION",
        _ => "NONE",
    });
    let partner = json!({
        "id": solution.partner_app_id,
        "partner_app": app(graph.world, &solution.partner_app_id),
        "partner_permissions": given(graph, &solution.partner_app_id, &solution.partner_permissions),
    });
    json!({
        "id": solution.id,
        "name": solution.name,
        "status": solution.status,
        "status_for_pending_request": pending,
        "owner_app": app(graph.world, &solution.owner_app_id),
        "owner_permissions": given(graph, &solution.owner_app_id, &solution.owner_permissions),
        "partners": {"data": [partner]},
    })
}

/// Exactly one side holds MESSAGING: where the rule takes it from us, it is the other one's.
fn given(graph: &Graph, app_id: &str, permissions: &[String]) -> Vec<String> {
    let mut permissions = permissions.to_vec();
    if !graph.rules.solution_messaging {
        permissions.retain(|own| own != MESSAGING);
        if graph.who.app_id() != Some(app_id) {
            permissions.push(MESSAGING.into());
        }
    }
    permissions
}

fn app(world: &World, id: &str) -> Value {
    let name = match world.apps.get(id) {
        Some(app) => app.name.as_str(),
        None if id == crate::seed::INFOBIP_APP => "Infobip",
        None => "Another Partner App",
    };
    json!({"id": id, "name": name})
}

const MESSAGING: &str = "MESSAGING";
const NODE: &str = "WhatsAppBusinessSolution";
const DEFAULT: &[&str] = &["name", "status", "status_for_pending_request"];
