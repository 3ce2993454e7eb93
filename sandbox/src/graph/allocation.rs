//! Allocations of a credit line: `GET /{allocation}`, the list of a credit line, and the revocation.

use super::credit::{DELETED, lender};
use super::error::GraphError;
use super::fields::pick;
use super::phones::page;
use super::{Answer, Done, Graph};
use crate::world::{Allocation, World};
use serde_json::{Value, json};

pub fn get(graph: &mut Graph, id: &str) -> Answer {
    let allocation = own(graph, id)?;
    Done::read(pick(
        &node(graph.world, &allocation),
        graph.call.text("fields").as_deref(),
        DEFAULT,
        NODE,
    )?)
}

/// `GET /{credit}/owning_credit_allocation_configs?receiving_business_id=`: what is shared now.
pub fn list(graph: &mut Graph, credit: &str) -> Answer {
    lender(graph, credit)?;
    let fields = graph.call.text("fields");
    let business = graph.call.text("receiving_business_id");
    let wanted = |allocation: &&Allocation| {
        allocation.credit_id == credit
            && allocation.request_status != DELETED
            && business
                .as_ref()
                .is_none_or(|id| *id == allocation.receiving_business_id)
    };
    let rows = graph.world.allocations.values().filter(wanted);
    let data: Vec<Value> = rows
        .map(|row| pick(&node(graph.world, row), fields.as_deref(), DEFAULT, NODE))
        .collect::<Result<_, _>>()?;
    Done::read(page(data))
}

/// Takes the credit line from every WABA of that business.
pub fn revoke(graph: &mut Graph, id: &str) -> Answer {
    let allocation = own(graph, id)?;
    let funding = Some(allocation.receiving_credential_id);
    for waba in graph.world.wabas.values_mut() {
        if waba.primary_funding_id == funding {
            waba.primary_funding_id = None;
        }
    }
    if let Some(row) = graph.world.allocations.get_mut(id) {
        row.request_status = DELETED.into();
    }
    Done::success(allocation.request_status != DELETED)
}

fn own(graph: &Graph, id: &str) -> Result<Allocation, GraphError> {
    let unsupported = || GraphError::unsupported(&graph.call.method, id);
    let allocation = graph.world.allocations.get(id).ok_or_else(unsupported)?;
    // The refusal names the object that was asked for, not the credit line behind it.
    lender(graph, &allocation.credit_id).map_err(|error| match error.subcode {
        Some(33) => unsupported(),
        _ => error,
    })?;
    Ok(allocation.clone())
}

fn node(world: &World, allocation: &Allocation) -> Value {
    let business = world.businesses.get(&allocation.receiving_business_id);
    json!({
        "id": allocation.id,
        "receiving_business": {
            "id": allocation.receiving_business_id,
            "name": business.map(|business| business.name.clone()),
        },
        "receiving_credential": {"id": allocation.receiving_credential_id},
        "request_status": allocation.request_status,
    })
}

const NODE: &str = "ExtendedCreditAllocationConfig";
const DEFAULT: &[&str] = &["receiving_business"];
