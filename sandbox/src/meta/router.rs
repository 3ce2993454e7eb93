//! Which file handles which Graph API path.

use super::context::{GraphContext, GraphResult};
use super::error::GraphError;
use super::token::ProofCheck;
use super::{
    app_subscriptions, apps, code_exchange, credit_allocations, credit_lines, debug_token,
    messages, number_verification, phone_numbers, register, smb_app_data, solutions,
    subscribed_apps, system_users, token_recovery, waba,
};

/// Executes one call. `appsecret_proof` is checked before every call but the code exchange.
///
/// # Errors
/// The error Meta gives for this request.
pub fn handle_graph_request(ctx: &mut GraphContext, proof: ProofCheck) -> GraphResult {
    let request = ctx.request;
    let segments: Vec<&str> = request.segments.iter().map(String::as_str).collect();
    if let ("GET" | "POST", ["oauth", "access_token"]) =
        (request.method.as_str(), segments.as_slice())
    {
        return code_exchange::exchange_code(ctx);
    }
    proof.enforce(ctx.rules)?;
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["debug_token"]) => debug_token::inspect_token(ctx),
        ("GET", [id]) if ctx.world.wabas.contains_key(*id) => waba::get(ctx, id),
        ("GET", [id]) if ctx.world.businesses.contains_key(*id) => waba::get_business(ctx, id),
        ("GET", [id]) if ctx.world.solutions.contains_key(*id) => solutions::get(ctx, id),
        ("GET", [id]) if ctx.world.apps.contains_key(*id) => apps::get(ctx, id),
        ("GET", [id, "permissions"]) => apps::list_permissions(ctx, id),
        ("GET", [id, "whatsapp_business_solutions"]) => solutions::list_of_app(ctx, id),
        ("GET", [id, "solutions"]) => solutions::list_of_waba(ctx, id),
        ("GET", [id, "client_whatsapp_business_accounts"]) => waba::list_client_wabas(ctx, id),
        ("GET", [id, "phone_numbers"]) => phone_numbers::list(ctx, id),
        ("POST", [id, "phone_numbers"]) => phone_numbers::add(ctx, id),
        ("GET", [id, "subscribed_apps"]) => subscribed_apps::list(ctx, id),
        ("POST", [id, "subscribed_apps"]) => subscribed_apps::subscribe(ctx, id),
        ("DELETE", [id, "subscribed_apps"]) => subscribed_apps::unsubscribe(ctx, id),
        ("GET", [id, "system_users"]) => system_users::list(ctx, id),
        ("GET", [id, "assigned_users"]) => system_users::list_assigned(ctx, id),
        ("POST", [id, "assigned_users"]) => system_users::assign(ctx, id),
        ("GET", [id, "extendedcredits"]) => credit_lines::list(ctx, id),
        ("POST", [id, "whatsapp_credit_sharing_and_attach"]) => {
            credit_lines::share_and_attach(ctx, id)
        }
        ("POST", [id, "whatsapp_credit_sharing"]) => credit_lines::share(ctx, id),
        ("POST", [id, "whatsapp_credit_attach"]) => credit_lines::attach(ctx, id),
        ("GET", [id, "owning_credit_allocation_configs"]) => credit_allocations::list(ctx, id),
        ("GET", [id]) if ctx.world.allocations.contains_key(*id) => {
            credit_allocations::get(ctx, id)
        }
        ("DELETE", [id]) if ctx.world.allocations.contains_key(*id) => {
            credit_allocations::revoke(ctx, id)
        }
        ("POST", [id, "register"]) => register::register(ctx, id),
        ("POST", [id, "deregister"]) => register::deregister(ctx, id),
        ("POST", [id, "request_code"]) => number_verification::request_code(ctx, id),
        ("POST", [id, "verify_code"]) => number_verification::verify_code(ctx, id),
        ("GET", [id, "subscriptions"]) => app_subscriptions::list(ctx, id),
        ("POST", [id, "subscriptions"]) => app_subscriptions::subscribe(ctx, id),
        ("POST", [id, "smb_app_data"]) => smb_app_data::request_sync(ctx, id),
        ("POST", [id, "messages"]) => messages::send(ctx, id),
        ("POST", [id, "system_user_access_tokens"]) => token_recovery::fetch_token(ctx, id),
        ("GET", [id]) => phone_numbers::get(ctx, id),
        ("POST", [id]) => phone_numbers::update(ctx, id),
        (method, [id]) | (method, [id, _]) if id.bytes().all(|b| b.is_ascii_digit()) => {
            Err(GraphError::unsupported(method, id))
        }
        _ => Err(GraphError::unknown_path(&request.path)),
    }
}
