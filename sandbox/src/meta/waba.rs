//! WhatsApp Business Accounts: `GET /{waba}`, the portfolios that own them, and those shared with a partner.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/manage-accounts>

use super::access::{Access, authorize_system_user, authorize_waba};
use super::context::{GraphContext, GraphReply, GraphResult};
use super::error::GraphError;
use super::fields::{page, select_fields};
use super::health::{visible_funding, waba_health};
use super::subscribed_apps::subscription_rows;
use super::token::Bearer;
use crate::world::Waba;
use serde_json::{Value, json};

/// `GET /{waba}`.
pub fn get(ctx: &mut GraphContext, id: &str) -> GraphResult {
    authorize_waba(ctx, id, Access::Read)?;
    let waba = &ctx.world.wabas[id];
    GraphReply::unchanged(select_fields(
        &node(ctx, waba),
        ctx.request.param_text("fields").as_deref(),
        DEFAULT_FIELDS,
        "WhatsAppBusinessAccount",
    )?)
}

/// `GET /{business}`, with a business token of that portfolio, or for the partner's own with its system token.
pub fn get_business(ctx: &mut GraphContext, id: &str) -> GraphResult {
    let is_permitted = match ctx.bearer {
        Bearer::Business(token) => token.grant.business_id == id,
        _ => ctx
            .world
            .apps
            .get(&authorize_system_user(ctx)?)
            .is_some_and(|app| app.business_id == id),
    };
    let business = ctx.world.businesses.get(id).filter(|_| is_permitted);
    let business = business.ok_or_else(|| GraphError::unsupported(&ctx.request.method, id))?;
    let status = match business.verification_status.as_str() {
        "" => "verified",
        status => status,
    };
    let node = json!({"id": business.id, "name": business.name, "verification_status": status});
    GraphReply::unchanged(select_fields(
        &node,
        ctx.request.param_text("fields").as_deref(),
        &["name"],
        "Business",
    )?)
}

/// `GET /{partner business}/client_whatsapp_business_accounts`: WABAs shared with the app, newest first.
pub fn list_client_wabas(ctx: &mut GraphContext, id: &str) -> GraphResult {
    let app_id = authorize_system_user(ctx)?;
    if ctx
        .world
        .apps
        .get(&app_id)
        .is_none_or(|app| app.business_id != id)
    {
        return Err(GraphError::unsupported(&ctx.request.method, id));
    }
    let shared = ctx
        .world
        .wabas
        .values()
        .filter(|waba| waba.shared_with.contains(&app_id));
    let ids = ctx
        .world
        .sort_newest_first(shared.map(|waba| waba.id.clone()).collect());
    let fields = ctx.request.param_text("fields");
    let to_node = |id: &String| {
        select_fields(
            &node(ctx, &ctx.world.wabas[id]),
            fields.as_deref(),
            DEFAULT_FIELDS,
            "WhatsAppBusinessAccount",
        )
    };
    let data: Vec<Value> = ids.iter().map(to_node).collect::<Result<_, _>>()?;
    GraphReply::unchanged(page(data))
}

fn node(ctx: &GraphContext, waba: &Waba) -> Value {
    let business = ctx.world.businesses.get(&waba.business_id);
    let apps: Vec<Value> = subscription_rows(ctx.world, &waba.id);
    let phones: Vec<Value> = ctx
        .world
        .phones_in_waba(&waba.id)
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
        "primary_funding_id": visible_funding(ctx, waba),
        "purchase_order_number": null,
        "status": waba.status,
        "is_enabled_for_insights": true,
        "marketing_messages_lite_api_status": "INELIGIBLE",
        "health_status": waba_health(ctx, waba),
        "subscribed_apps": {"data": apps},
        "phone_numbers": {"data": phones},
    })
}

const DEFAULT_FIELDS: &[&str] = &[
    "name",
    "currency",
    "timezone_id",
    "message_template_namespace",
];
