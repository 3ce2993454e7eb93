//! A Solution Partner's credit lines (Solution providers, "Share and revoke credit lines"): shared with a
//! customer's portfolio and attached to a WABA, in one call or in two.

use super::access::{Need, system, to_waba};
use super::error::GraphError;
use super::fields::pick;
use super::system_users::own_business;
use super::{Answer, Done, Graph};
use crate::rules::CreditMethod;
use crate::token::Bearer;
use crate::world::{Allocation, Kind};
use serde_json::{Value, json};

/// `GET /{business}/extendedcredits`.
pub fn lines(graph: &mut Graph, business: &str) -> Answer {
    own_business(graph, business)?;
    let fields = graph.call.text("fields");
    let own = graph.world.credits.values();
    let data: Vec<Value> = own
        .filter(|credit| credit.business_id == business)
        .map(|credit| json!({"id": credit.id, "legal_entity_name": credit.legal_entity_name}))
        .map(|node| pick(&node, fields.as_deref(), &[], "ExtendedCredit"))
        .collect::<Result<_, _>>()?;
    Done::read(json!({ "data": data }))
}

/// The classic method: both at once, where the system user may manage the WABA's billing.
pub fn share_and_attach(graph: &mut Graph, credit: &str) -> Answer {
    let app_id = lender(graph, credit)?;
    enabled(graph, CreditMethod::Classic)?;
    let waba = required(graph, "waba_id")?;
    to_waba(graph, &waba, Need::Read)?;
    let user = graph.world.apps.get(&app_id).map(|app| &app.system_user_id);
    let tasks = user.and_then(|user| graph.world.wabas[&waba].assigned_users.get(user));
    if !tasks.is_some_and(|tasks| tasks.iter().any(|task| BILLING.contains(&task.as_str()))) {
        return Err(GraphError::permission(
            "The system user needs the task MANAGE or MANAGE_BILLING on this WhatsApp Business Account.",
        ));
    }
    attachable(graph, &waba)?;
    let business = graph.world.wabas[&waba].business_id.clone();
    let id = match living(graph, credit, &business) {
        Some(allocation) => allocation.id.clone(),
        None => allocate(graph, credit, &business),
    };
    fund(graph, &id, &waba);
    Done::changed(json!({"allocation_config_id": id, "waba_id": waba}))
}

/// The alternate method, first half: with the portfolio, by the partner.
pub fn share(graph: &mut Graph, credit: &str) -> Answer {
    let app_id = lender(graph, credit)?;
    enabled(graph, CreditMethod::Alternate)?;
    let business = required(graph, "receiving_business_id")?;
    let customer = |waba: &crate::world::Waba| {
        waba.business_id == business && waba.shared_with.contains(&app_id)
    };
    if !graph.world.wabas.values().any(customer) {
        return Err(GraphError::parameter(
            "Invalid parameter: receiving_business_id is no business that shared an account with you",
        ));
    }
    if living(graph, credit, &business).is_some() {
        return Err(GraphError::parameter(
            "This credit line is already shared with the receiving business.",
        )
        .subcode(ALREADY_SHARED));
    }
    let id = allocate(graph, credit, &business);
    Done::changed(json!({"success": true, "allocation_config_id": id}))
}

/// The second half: to the WABA, with the customer's business token.
pub fn attach(graph: &mut Graph, credit: &str) -> Answer {
    match graph.who {
        Bearer::Business(_) => {}
        Bearer::Missing => return Err(GraphError::token_missing()),
        Bearer::Unknown => return Err(GraphError::token_unknown()),
        Bearer::System { .. } | Bearer::App { .. } => {
            return Err(GraphError::permission(
                "This call needs the business token of the customer who owns the account.",
            ));
        }
    }
    enabled(graph, CreditMethod::Alternate)?;
    let waba = required(graph, "waba_id")?;
    to_waba(graph, &waba, Need::Manage)?;
    attachable(graph, &waba)?;
    let business = &graph.world.wabas[&waba].business_id;
    let id = living(graph, credit, business).map(|allocation| allocation.id.clone());
    let id = id.ok_or_else(|| {
        GraphError::parameter("This credit line is not shared with the business of this account.")
            .subcode(NOT_SHARED)
    })?;
    fund(graph, &id, &waba);
    Done::changed(json!({"success": true, "waba_id": waba, "allocation_config_id": id}))
}

/// The app of a system user who may lend this credit line.
pub fn lender(graph: &Graph, credit: &str) -> Result<String, GraphError> {
    let app_id = system(graph)?;
    let app = graph.world.apps.get(&app_id);
    let own = graph.world.credits.get(credit).zip(app);
    let (_, app) = own
        .filter(|(credit, app)| credit.business_id == app.business_id)
        .ok_or_else(|| GraphError::unsupported(&graph.call.method, credit))?;
    let user = graph.world.system_users.get(&app.system_user_id);
    if user.is_none_or(|user| user.role != "ADMIN") {
        return Err(GraphError::permission(
            "The system user must be an admin or finance editor of the business.",
        ));
    }
    if !graph.rules.credit_terms_accepted {
        return Err(GraphError::not_permitted());
    }
    Ok(app_id)
}

fn enabled(graph: &Graph, method: CreditMethod) -> Result<(), GraphError> {
    if [CreditMethod::Both, method].contains(&graph.rules.credit_method) {
        return Ok(());
    }
    Err(GraphError::new(
        500,
        3,
        "(#3) Application does not have the capability to make this API call.",
    ))
}

/// A currency credit is given in, and the WABA's own; nothing attached yet.
fn attachable(graph: &Graph, waba: &str) -> Result<(), GraphError> {
    let currency = required(graph, "waba_currency")?;
    if !CURRENCIES.contains(&currency.as_str()) {
        return Err(GraphError::parameter(format_args!(
            "Param waba_currency must be one of {{AUD, EUR, GBP, IDR, INR, USD}} - got \"{currency}\"."
        )));
    }
    let waba = &graph.world.wabas[waba];
    if waba.primary_funding_id.is_some() {
        return Err(GraphError::parameter(
            "This account already has a payment method; a credit line cannot be changed once attached.",
        )
        .subcode(ALREADY_ATTACHED));
    }
    if !waba.currency.is_empty() && waba.currency != currency {
        return Err(GraphError::parameter(format_args!(
            "Param waba_currency must be the currency of the account, {}.",
            waba.currency
        )));
    }
    Ok(())
}

fn living<'a>(graph: &'a Graph, credit: &str, business: &str) -> Option<&'a Allocation> {
    graph.world.allocations.values().find(|allocation| {
        allocation.credit_id == credit
            && allocation.receiving_business_id == business
            && allocation.request_status != DELETED
    })
}

fn allocate(graph: &mut Graph, credit: &str, business: &str) -> String {
    let id = graph.world.draw_id(Kind::Allocation);
    let allocation = Allocation {
        id: id.clone(),
        credit_id: credit.to_owned(),
        receiving_business_id: business.to_owned(),
        receiving_credential_id: graph.world.draw_id(Kind::Allocation),
        request_status: "APPROVED".into(),
        ..Allocation::default()
    };
    graph.world.allocations.insert(id.clone(), allocation);
    id
}

fn fund(graph: &mut Graph, allocation: &str, waba: &str) {
    let currency = graph.call.text("waba_currency").unwrap_or_default();
    let shows = graph.now_ms + graph.rules.funding_delay_s * 1000;
    let allocation = graph.world.allocations.get_mut(allocation);
    if let (Some(allocation), Some(row)) = (allocation, graph.world.wabas.get_mut(waba)) {
        allocation.waba_ids.insert(waba.to_owned());
        row.primary_funding_id = Some(allocation.receiving_credential_id.clone());
        row.funding_shows_ms = shows;
        row.currency = currency;
    }
}

fn required(graph: &Graph, name: &str) -> Result<String, GraphError> {
    let given = graph.call.text(name).filter(|text| !text.is_empty());
    given.ok_or_else(|| GraphError::parameter(format_args!("The parameter {name} is required.")))
}

pub const DELETED: &str = "DELETED";
const BILLING: &[&str] = &["MANAGE", "MANAGE_BILLING"];
const CURRENCIES: &[&str] = &["AUD", "EUR", "GBP", "IDR", "INR", "USD"];
// Meta publishes no subcodes for these; the README lists ours.
const ALREADY_ATTACHED: i64 = 8_100_001;
const ALREADY_SHARED: i64 = 8_100_002;
const NOT_SHARED: i64 = 8_100_003;
