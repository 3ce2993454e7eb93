//! `POST /{phone}/messages`: takes a message from a registered number and says what Meta would say.

use super::access::{Need, to_phone};
use super::error::GraphError;
use super::register::product;
use super::{Answer, Done, Graph};
use crate::world::random_word;
use serde_json::json;

pub fn send(graph: &mut Graph, id: &str) -> Answer {
    let phone = to_phone(graph, id, Need::Send)?;
    product(graph.call)?;
    let to = graph
        .call
        .text("to")
        .ok_or_else(|| GraphError::parameter("The parameter to is required."))?;
    if phone.platform_type != "CLOUD_API" || phone.status != "CONNECTED" {
        return Err(GraphError::cloud(
            133010,
            "Phone number not registered",
            "Register the number first.",
        ));
    }
    let digits: String = to.chars().filter(char::is_ascii_digit).collect();
    Done::changed(json!({
        "messaging_product": "whatsapp",
        "contacts": [{"input": to, "wa_id": digits}],
        "messages": [{"id": format!("wamid.{}", random_word(40))}],
    }))
}
