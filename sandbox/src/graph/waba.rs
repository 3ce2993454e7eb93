//! `GET /{waba}`, its business, and the WABAs shared with a partner.

use super::access::{Need, system, to_waba};
use super::error::GraphError;
use super::fields::pick;
use super::{Answer, Done, Graph, health, phones};
use crate::world::Waba;
use serde_json::{Value, json};

pub fn get(graph: &mut Graph, id: &str) -> Answer {
    to_waba(graph, id, Need::Read)?;
    let waba = &graph.world.wabas[id];
    Done::read(pick(
        &node(graph, waba),
        graph.call.text("fields").as_deref(),
        DEFAULT,
        "WhatsAppBusinessAccount",
    )?)
}

/// `GET /{business}`: readable with a token of that business, or the partner's own.
pub fn business(graph: &mut Graph, id: &str) -> Answer {
    let own = match graph.who {
        crate::token::Bearer::Business(token) => token.grant.business_id == id,
        _ => graph
            .world
            .apps
            .get(&system(graph)?)
            .is_some_and(|app| app.business_id == id),
    };
    let business = graph.world.businesses.get(id).filter(|_| own);
    let business = business.ok_or_else(|| GraphError::unsupported(&graph.call.method, id))?;
    let node = json!({"id": business.id, "name": business.name});
    Done::read(pick(
        &node,
        graph.call.text("fields").as_deref(),
        &["name"],
        "Business",
    )?)
}

/// `GET /{partner business}/client_whatsapp_business_accounts`, newest first.
pub fn clients(graph: &mut Graph, id: &str) -> Answer {
    let app_id = system(graph)?;
    if graph
        .world
        .apps
        .get(&app_id)
        .is_none_or(|app| app.business_id != id)
    {
        return Err(GraphError::unsupported(&graph.call.method, id));
    }
    let shared = graph
        .world
        .wabas
        .values()
        .filter(|waba| waba.shared_with.contains(&app_id));
    let ids = graph
        .world
        .newest_first(shared.map(|waba| waba.id.clone()).collect());
    let fields = graph.call.text("fields");
    let one = |id: &String| {
        pick(
            &node(graph, &graph.world.wabas[id]),
            fields.as_deref(),
            DEFAULT,
            "WhatsAppBusinessAccount",
        )
    };
    let data: Vec<Value> = ids.iter().map(one).collect::<Result<_, _>>()?;
    Done::read(phones::page(data))
}

fn node(graph: &Graph, waba: &Waba) -> Value {
    let business = graph.world.businesses.get(&waba.business_id);
    let apps: Vec<Value> = super::subscribed_apps::rows(graph.world, &waba.id);
    let phones: Vec<Value> = graph
        .world
        .phones_of(&waba.id)
        .map(|phone| json!({"id": phone.id}))
        .collect();
    json!({
        "id": waba.id,
        "name": waba.name,
        "currency": Some(&waba.currency).filter(|currency| !currency.is_empty()),
        "timezone_id": waba.timezone_id,
        "country": waba.country,
        "message_template_namespace": waba.message_template_namespace,
        "account_review_status": waba.account_review_status,
        "business_verification_status": waba.business_verification_status,
        "ownership_type": waba.ownership_type,
        "primary_business_location": waba.country,
        "owner_business_info": {"id": waba.business_id, "name": business.map(|business| business.name.clone())},
        "on_behalf_of_business_info": null,
        "primary_funding_id": health::funding(graph, waba),
        "purchase_order_number": null,
        "status": waba.status,
        "is_enabled_for_insights": true,
        "marketing_messages_lite_api_status": "INELIGIBLE",
        "health_status": health::of_waba(graph, waba),
        "subscribed_apps": {"data": apps},
        "phone_numbers": {"data": phones},
    })
}

const DEFAULT: &[&str] = &[
    "name",
    "currency",
    "timezone_id",
    "message_template_namespace",
];
