//! A Solution Partner's credit lines: shared with a customer's portfolio and attached to a WABA, in one call (the
//! classic method) or in two (the alternate method).
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/share-and-revoke-credit-lines>

use super::access::{Access, authorize_system_user, authorize_waba};
use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::fields::select_fields;
use super::params::required_param;
use super::system_users::authorize_own_business;
use super::token::Bearer;
use crate::rules::CreditMethod;
use crate::world::{Allocation, IdKind, Waba};
use serde_json::{Value, json};

/// `GET /{business}/extendedcredits`.
pub fn list(ctx: &mut GraphContext, business: &str) -> GraphResult {
    authorize_own_business(ctx, business)?;
    let fields = ctx.request.param_text("fields");
    let lines = ctx.world.credits.values();
    let data: Vec<Value> = lines
        .filter(|credit| credit.business_id == business)
        .map(|credit| json!({"id": credit.id, "legal_entity_name": credit.legal_entity_name}))
        .map(|node| select_fields(&node, fields.as_deref(), &[], "ExtendedCredit"))
        .collect::<Result<_, _>>()?;
    GraphReply::unchanged(json!({ "data": data }))
}

/// The classic method. Needs a system user with the task MANAGE or MANAGE_BILLING on the WABA.
pub fn share_and_attach(ctx: &mut GraphContext, credit: &str) -> GraphResult {
    let app_id = authorize_credit_line(ctx, credit)?;
    require_method(ctx, CreditMethod::Classic)?;
    let waba = required_param(ctx, "waba_id")?;
    authorize_waba(ctx, &waba, Access::Read)?;
    let user = ctx.world.apps.get(&app_id).map(|app| &app.system_user_id);
    let tasks = user.and_then(|user| ctx.world.wabas[&waba].assigned_users.get(user));
    if !tasks.is_some_and(|tasks| {
        tasks
            .iter()
            .any(|task| BILLING_TASKS.contains(&task.as_str()))
    }) {
        return Err(GraphError::permission(
            "The system user needs the task MANAGE or MANAGE_BILLING on this WhatsApp Business Account.",
        ));
    }
    require_attachable(ctx, &waba)?;
    let business = ctx.world.wabas[&waba].business_id.clone();
    let id = match active_allocation(ctx, credit, &business) {
        Some(allocation) => allocation.id.clone(),
        None => create_allocation(ctx, credit, &business),
    };
    attach_to_waba(ctx, &id, &waba);
    GraphReply::changed(json!({"allocation_config_id": id, "waba_id": waba}))
}

/// The alternate method, first call: shares the credit line with a portfolio, with the partner's system token.
pub fn share(ctx: &mut GraphContext, credit: &str) -> GraphResult {
    let app_id = authorize_credit_line(ctx, credit)?;
    require_method(ctx, CreditMethod::Alternate)?;
    let business = required_param(ctx, "receiving_business_id")?;
    let is_customer =
        |waba: &Waba| waba.business_id == business && waba.shared_with.contains(&app_id);
    if !ctx.world.wabas.values().any(is_customer) {
        return Err(GraphError::invalid_parameter(
            "Invalid parameter: receiving_business_id is no business that shared an account with you",
        ));
    }
    if active_allocation(ctx, credit, &business).is_some() {
        return Err(GraphError::invalid_parameter(
            "This credit line is already shared with the receiving business.",
        )
        .with_subcode(ALREADY_SHARED));
    }
    let id = create_allocation(ctx, credit, &business);
    GraphReply::changed(json!({"success": true, "allocation_config_id": id}))
}

/// The alternate method, second call: attaches it to a WABA, with the customer's business token.
pub fn attach(ctx: &mut GraphContext, credit: &str) -> GraphResult {
    match ctx.bearer {
        Bearer::Business(_) => {}
        Bearer::Missing => return Err(GraphError::token_missing()),
        Bearer::Unknown => return Err(GraphError::token_unknown()),
        Bearer::System { .. } | Bearer::App { .. } => {
            return Err(GraphError::permission(
                "This call needs the business token of the customer who owns the account.",
            ));
        }
    }
    require_method(ctx, CreditMethod::Alternate)?;
    let waba = required_param(ctx, "waba_id")?;
    authorize_waba(ctx, &waba, Access::Manage)?;
    require_attachable(ctx, &waba)?;
    let business = &ctx.world.wabas[&waba].business_id;
    let id = active_allocation(ctx, credit, business).map(|allocation| allocation.id.clone());
    let id = id.ok_or_else(|| {
        GraphError::invalid_parameter(
            "This credit line is not shared with the business of this account.",
        )
        .with_subcode(NOT_SHARED)
    })?;
    attach_to_waba(ctx, &id, &waba);
    GraphReply::changed(json!({"success": true, "waba_id": waba, "allocation_config_id": id}))
}

/// Whether a role in a portfolio may share its credit lines.
fn may_lend(role: &str) -> bool {
    ["ADMIN", "FINANCE_EDITOR"].contains(&role)
}

/// Returns the app's id, if the token is the system token of a portfolio's admin or finance editor and the credit line is
/// the portfolio's.
///
/// # Errors
/// 104, 190, 200, 10, or 100/33.
pub fn authorize_credit_line(ctx: &GraphContext, credit: &str) -> Result<String, GraphError> {
    let app_id = authorize_system_user(ctx)?;
    let app = ctx.world.apps.get(&app_id);
    let line_and_app = ctx.world.credits.get(credit).zip(app);
    let (_, app) = line_and_app
        .filter(|(credit, app)| credit.business_id == app.business_id)
        .ok_or_else(|| GraphError::unsupported(&ctx.request.method, credit))?;
    let user = ctx.world.system_users.get(&app.system_user_id);
    if user.is_none_or(|user| !may_lend(&user.role)) {
        return Err(GraphError::permission(
            "The system user must be an admin or finance editor of the business.",
        ));
    }
    if !ctx.rules.credit_terms_accepted {
        return Err(GraphError::not_permitted());
    }
    Ok(app_id)
}

/// # Errors
/// 3 when the rules enable the other method only.
fn require_method(ctx: &GraphContext, method: CreditMethod) -> Result<(), GraphError> {
    if [CreditMethod::Both, method].contains(&ctx.rules.credit_method) {
        return Ok(());
    }
    Err(GraphError::new(
        500,
        3,
        "(#3) Application does not have the capability to make this API call.",
    ))
}

/// Checks that `waba_currency` is one that credit lines have and the WABA's own, and that the WABA has no payment
/// method yet.
///
/// # Errors
/// 100.
fn require_attachable(ctx: &GraphContext, waba: &str) -> Result<(), GraphError> {
    let currency = required_param(ctx, "waba_currency")?;
    if !CURRENCIES.contains(&currency.as_str()) {
        return Err(GraphError::invalid_parameter(format_args!(
            "Param waba_currency must be one of {{AUD, EUR, GBP, IDR, INR, USD}} - got \"{currency}\"."
        )));
    }
    let waba = &ctx.world.wabas[waba];
    if waba.primary_funding_id.is_some() {
        return Err(GraphError::invalid_parameter(
            "This account already has a payment method; a credit line cannot be changed once attached.",
        )
        .with_subcode(ALREADY_ATTACHED));
    }
    if !waba.currency.is_empty() && waba.currency != currency {
        return Err(GraphError::invalid_parameter(format_args!(
            "Param waba_currency must be the currency of the account, {}.",
            waba.currency
        )));
    }
    Ok(())
}

/// The allocation of this credit line to this portfolio, unless it is revoked.
fn active_allocation<'a>(
    ctx: &'a GraphContext,
    credit: &str,
    business: &str,
) -> Option<&'a Allocation> {
    ctx.world.allocations.values().find(|allocation| {
        allocation.credit_id == credit
            && allocation.receiving_business_id == business
            && allocation.request_status != DELETED
    })
}

/// Shares the credit line with the portfolio; returns the id of the allocation.
fn create_allocation(ctx: &mut GraphContext, credit: &str, business: &str) -> String {
    let id = ctx.world.new_id(IdKind::Allocation);
    let allocation = Allocation {
        id: id.clone(),
        credit_id: credit.to_owned(),
        receiving_business_id: business.to_owned(),
        receiving_credential_id: ctx.world.new_id(IdKind::Allocation),
        request_status: "APPROVED".into(),
        ..Allocation::default()
    };
    ctx.world.allocations.insert(id.clone(), allocation);
    id
}

/// Makes the allocation the payment method of the WABA.
fn attach_to_waba(ctx: &mut GraphContext, allocation: &str, waba: &str) {
    let currency = ctx.request.param_text("waba_currency").unwrap_or_default();
    let visible_from_ms = ctx.now_ms + ctx.rules.funding_delay_s * 1000;
    let allocation = ctx.world.allocations.get_mut(allocation);
    if let (Some(allocation), Some(row)) = (allocation, ctx.world.wabas.get_mut(waba)) {
        allocation.waba_ids.insert(waba.to_owned());
        row.primary_funding_id = Some(allocation.receiving_credential_id.clone());
        row.funding_visible_from_ms = visible_from_ms;
        row.currency = currency;
    }
}

/// `request_status` of a revoked allocation.
pub const DELETED: &str = "DELETED";
const BILLING_TASKS: &[&str] = &["MANAGE", "MANAGE_BILLING"];
const CURRENCIES: &[&str] = &["AUD", "EUR", "GBP", "IDR", "INR", "USD"];
// Meta publishes no subcodes for these errors; these are the sandbox's own, listed in README.md.
const ALREADY_ATTACHED: i64 = 8_100_001;
const ALREADY_SHARED: i64 = 8_100_002;
const NOT_SHARED: i64 = 8_100_003;
