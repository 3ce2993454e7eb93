//! `/{waba}/subscribed_apps` (Webhooks, "Override"): a bare POST subscribes and clears an override; a POST
//! with an override needs the app subscribed first, and Meta calls that URL before it answers.

use super::access::{Need, to_waba};
use super::error::GraphError;
use super::{Answer, Done, Graph};
use crate::call::Call;
use crate::world::{Subscription, World};
use serde_json::{Value, json};
use url::Url;

pub fn list(graph: &mut Graph, id: &str) -> Answer {
    to_waba(graph, id, Need::Read)?;
    Done::read(json!({ "data": rows(graph.world, id) }))
}

pub fn subscribe(graph: &mut Graph, id: &str) -> Answer {
    let app_id = to_waba(graph, id, Need::Manage)?;
    let waba = graph
        .world
        .wabas
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    let wanted = Subscription {
        override_callback_uri: graph.call.text("override_callback_uri"),
    };
    if let Some(uri) = &wanted.override_callback_uri {
        if !waba.subscriptions.contains_key(&app_id) {
            return Err(GraphError::parameter(NOT_SUBSCRIBED));
        }
        let web = Url::parse(uri).is_ok_and(|url| matches!(url.scheme(), "https" | "http"));
        if !web || uri.len() > 200 {
            return Err(GraphError::parameter(
                "Param override_callback_uri must be a URL of at most 200 characters",
            ));
        }
        if graph
            .call
            .text("verify_token")
            .is_none_or(|token| token.is_empty())
        {
            return Err(GraphError::parameter(
                "The parameter verify_token is required.",
            ));
        }
        if let Some(Err(why)) = &graph.call.handshake {
            let message =
                format!("(#2200) Callback verification failed with the following errors: {why}");
            return Err(GraphError::new(400, 2200, message));
        }
    }
    let before = waba.subscriptions.insert(app_id, wanted.clone());
    Done::success(before != Some(wanted))
}

pub fn unsubscribe(graph: &mut Graph, id: &str) -> Answer {
    let app_id = to_waba(graph, id, Need::Manage)?;
    let waba = graph
        .world
        .wabas
        .get_mut(id)
        .ok_or_else(GraphError::not_permitted)?;
    Done::success(waba.subscriptions.remove(&app_id).is_some())
}

pub fn rows(world: &World, waba: &str) -> Vec<Value> {
    let subscriptions = world.wabas.get(waba).map(|waba| &waba.subscriptions);
    let one = |(id, own): (&String, &Subscription)| {
        let name = world.apps.get(id).map(|app| app.name.clone());
        let link = format!("https://www.facebook.com/games/?app_id={id}");
        let mut row = json!({"whatsapp_business_api_data": {"id": id, "link": link, "name": name}});
        if let Some(uri) = &own.override_callback_uri {
            row["override_callback_uri"] = uri.clone().into();
        }
        row
    };
    subscriptions.into_iter().flatten().map(one).collect()
}

/// The override URL to call back for this request, with Meta's challenge in it; and the challenge.
pub fn handshake_url(call: &Call, challenge: &str) -> Option<Url> {
    if call.method != "POST"
        || call
            .parts
            .last()
            .is_none_or(|part| part != "subscribed_apps")
    {
        return None;
    }
    let mut url = Url::parse(&call.text("override_callback_uri")?).ok()?;
    url.query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", challenge)
        .append_pair("hub.verify_token", &call.text("verify_token")?);
    Some(url)
}

const NOT_SUBSCRIBED: &str =
    "Before override the current callback uri, your app must be subscribed";
