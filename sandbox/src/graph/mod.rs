//! Graph with memory: one request in, one answer or one of Meta's errors out. Nothing here waits or
//! touches the network; the clock comes in as a number.

pub mod error;

mod access;
mod allocation;
mod credit;
mod debug_token;
mod exchange;
mod fields;
mod health;
mod messages;
mod phones;
mod recover;
mod register;
mod solutions;
mod subscribed_apps;
mod subscriptions;
mod sync;
mod system_users;
mod verify;
mod waba;

use crate::call::Call;
use crate::rules::Rules;
use crate::token::{Bearer, Proof};
use crate::world::World;
use error::GraphError;
use serde_json::{Value, json};

pub use subscribed_apps::handshake_url;
pub use verify::code_for;

pub struct Graph<'a> {
    pub world: &'a mut World,
    pub rules: &'a Rules,
    pub call: &'a Call,
    pub who: &'a Bearer,
    pub now_ms: u64,
}

/// A good answer, and whether the world changed by it.
#[derive(Debug)]
pub struct Done {
    pub body: Value,
    pub effect: bool,
}

pub type Answer = Result<Done, GraphError>;

impl Done {
    pub fn read(body: Value) -> Answer {
        Ok(Self {
            body,
            effect: false,
        })
    }

    pub fn changed(body: Value) -> Answer {
        Ok(Self { body, effect: true })
    }

    pub fn success(effect: bool) -> Answer {
        Ok(Self {
            body: json!({"success": true}),
            effect,
        })
    }
}

/// Finds the call's own file. Every call but the exchange answers for its proof first.
pub fn answer(graph: &mut Graph, proof: Proof) -> Answer {
    let call = graph.call;
    let parts: Vec<&str> = call.parts.iter().map(String::as_str).collect();
    if let ("GET" | "POST", ["oauth", "access_token"]) = (call.method.as_str(), parts.as_slice()) {
        return exchange::answer(graph);
    }
    proof.check(graph.rules)?;
    match (call.method.as_str(), parts.as_slice()) {
        ("GET", ["debug_token"]) => debug_token::answer(graph),
        ("GET", [id]) if graph.world.wabas.contains_key(*id) => waba::get(graph, id),
        ("GET", [id]) if graph.world.businesses.contains_key(*id) => waba::business(graph, id),
        ("GET", [id]) if graph.world.solutions.contains_key(*id) => solutions::get(graph, id),
        ("GET", [id, "whatsapp_business_solutions"]) => solutions::of_app(graph, id),
        ("GET", [id, "solutions"]) => solutions::of_waba(graph, id),
        ("GET", [id, "client_whatsapp_business_accounts"]) => waba::clients(graph, id),
        ("GET", [id, "phone_numbers"]) => phones::list(graph, id),
        ("POST", [id, "phone_numbers"]) => phones::add(graph, id),
        ("GET", [id, "subscribed_apps"]) => subscribed_apps::list(graph, id),
        ("POST", [id, "subscribed_apps"]) => subscribed_apps::subscribe(graph, id),
        ("DELETE", [id, "subscribed_apps"]) => subscribed_apps::unsubscribe(graph, id),
        ("GET", [id, "system_users"]) => system_users::list(graph, id),
        ("GET", [id, "assigned_users"]) => system_users::assigned(graph, id),
        ("POST", [id, "assigned_users"]) => system_users::assign(graph, id),
        ("GET", [id, "extendedcredits"]) => credit::lines(graph, id),
        ("POST", [id, "whatsapp_credit_sharing_and_attach"]) => credit::share_and_attach(graph, id),
        ("POST", [id, "whatsapp_credit_sharing"]) => credit::share(graph, id),
        ("POST", [id, "whatsapp_credit_attach"]) => credit::attach(graph, id),
        ("GET", [id, "owning_credit_allocation_configs"]) => allocation::list(graph, id),
        ("GET", [id]) if graph.world.allocations.contains_key(*id) => allocation::get(graph, id),
        ("DELETE", [id]) if graph.world.allocations.contains_key(*id) => {
            allocation::revoke(graph, id)
        }
        ("POST", [id, "register"]) => register::register(graph, id),
        ("POST", [id, "deregister"]) => register::deregister(graph, id),
        ("POST", [id, "request_code"]) => verify::request_code(graph, id),
        ("POST", [id, "verify_code"]) => verify::verify_code(graph, id),
        ("GET", [id, "subscriptions"]) => subscriptions::list(graph, id),
        ("POST", [id, "smb_app_data"]) => sync::answer(graph, id),
        ("POST", [id, "messages"]) => messages::send(graph, id),
        ("POST", [id, "system_user_access_tokens"]) => recover::answer(graph, id),
        ("GET", [id]) => phones::get(graph, id),
        ("POST", [id]) => phones::set(graph, id),
        (method, [id]) | (method, [id, _]) if id.bytes().all(|b| b.is_ascii_digit()) => {
            Err(GraphError::unsupported(method, id))
        }
        _ => Err(GraphError::unknown_path(&call.path)),
    }
}
