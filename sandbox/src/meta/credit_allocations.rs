//! Allocations of a credit line: `GET /{allocation}`, the list of one credit line, and `DELETE /{allocation}`.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/share-and-revoke-credit-lines>

use super::context::{GraphContext, GraphReply, GraphResult};
use super::credit_lines::{DELETED, authorize_credit_line};
use super::error::GraphError;
use super::fields::{page, select_fields};
use crate::world::{Allocation, World};
use serde_json::{Value, json};

/// `GET /{allocation}`.
pub fn get(ctx: &mut GraphContext, id: &str) -> GraphResult {
    let allocation = authorize_allocation(ctx, id)?;
    GraphReply::unchanged(select_fields(
        &node(ctx.world, &allocation),
        ctx.request.param_text("fields").as_deref(),
        DEFAULT_FIELDS,
        NODE_TYPE,
    )?)
}

/// `GET /{credit}/owning_credit_allocation_configs?receiving_business_id=`: those that are not revoked.
pub fn list(ctx: &mut GraphContext, credit: &str) -> GraphResult {
    authorize_credit_line(ctx, credit)?;
    let fields = ctx.request.param_text("fields");
    let business = ctx.request.param_text("receiving_business_id");
    let is_listed = |allocation: &&Allocation| {
        allocation.credit_id == credit
            && allocation.request_status != DELETED
            && business
                .as_ref()
                .is_none_or(|id| *id == allocation.receiving_business_id)
    };
    let rows = ctx.world.allocations.values().filter(is_listed);
    let data: Vec<Value> = rows
        .map(|row| {
            select_fields(
                &node(ctx.world, row),
                fields.as_deref(),
                DEFAULT_FIELDS,
                NODE_TYPE,
            )
        })
        .collect::<Result<_, _>>()?;
    GraphReply::unchanged(page(data))
}

/// `DELETE /{allocation}`: detaches the credit line from every WABA of the receiving business. Doing it again succeeds without effect.
pub fn revoke(ctx: &mut GraphContext, id: &str) -> GraphResult {
    let allocation = authorize_allocation(ctx, id)?;
    let funding = Some(allocation.receiving_credential_id);
    for waba in ctx.world.wabas.values_mut() {
        if waba.primary_funding_id == funding {
            waba.primary_funding_id = None;
        }
    }
    if let Some(row) = ctx.world.allocations.get_mut(id) {
        row.request_status = DELETED.into();
    }
    GraphReply::success(allocation.request_status != DELETED)
}

/// # Errors
/// Those of [`authorize_credit_line`]; 100/33 when there is no such allocation.
fn authorize_allocation(ctx: &GraphContext, id: &str) -> Result<Allocation, GraphError> {
    let unsupported = || GraphError::unsupported(&ctx.request.method, id);
    let allocation = ctx.world.allocations.get(id).ok_or_else(unsupported)?;
    // The error names the object of the request, not the credit line it belongs to.
    authorize_credit_line(ctx, &allocation.credit_id).map_err(|error| match error.subcode {
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

const NODE_TYPE: &str = "ExtendedCreditAllocationConfig";
const DEFAULT_FIELDS: &[&str] = &["receiving_business"];
