//! `POST /{customer business}/system_user_access_tokens` with `fetch_only=true`: the customer's business
//! token by way of the partner's system token, for apps that may (rule `recover_tokens`).

use super::access::system;
use super::error::GraphError;
use super::{Answer, Done, Graph};
use crate::world::{Grant, default_scopes};
use serde_json::json;

pub fn answer(graph: &mut Graph, business: &str) -> Answer {
    let app_id = system(graph)?;
    if graph.call.text("appsecret_proof").is_none() {
        return Err(GraphError::proof_missing());
    }
    if !graph.rules.recover_tokens {
        return Err(GraphError::new(
            500,
            3,
            "(#3) Application does not have the capability to make this API call.",
        ));
    }
    let shared = graph.world.wabas.values();
    let waba_ids: Vec<String> = shared
        .filter(|waba| waba.business_id == business && waba.shared_with.contains(&app_id))
        .map(|waba| waba.id.clone())
        .collect();
    if waba_ids.is_empty() {
        return Err(GraphError::unsupported(&graph.call.method, business));
    }
    // `fetch_only` hands out the token there is; only without one a new one is made.
    let now_s = graph.now_ms / 1000;
    let living = graph.world.tokens.values().find(|token| {
        token.grant.app_id == app_id
            && token.grant.business_id == business
            && token.is_valid
            && (token.expires_at == 0 || token.expires_at > now_s)
    });
    if let Some(token) = living {
        return Done::read(json!({ "access_token": token.token }));
    }
    let grant = Grant {
        app_id,
        business_id: business.to_owned(),
        waba_ids,
        scopes: default_scopes(),
        granular: true,
        solution_id: None,
    };
    let token = graph
        .world
        .mint_token(grant, graph.now_ms, graph.rules.token_expires_in_s);
    Done::changed(json!({ "access_token": token }))
}
