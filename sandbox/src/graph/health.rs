//! `health_status` of a WABA or a number (Support, "Messaging health status"): what each entity on the way of
//! a message says, computed from the rows, or the word a row was given.

use super::Graph;
use crate::world::{Phone, Waba};
use serde_json::{Value, json};

pub fn of_waba(graph: &Graph, waba: &Waba) -> Value {
    let given = waba.health_status.clone();
    given.unwrap_or_else(|| told(&[account(graph, waba), business(graph, waba), app(graph)]))
}

pub fn of_phone(graph: &Graph, phone: &Phone) -> Value {
    if let Some(given) = &phone.health_status {
        return given.clone();
    }
    let mut entities = vec![number(phone)];
    if let Some(waba) = graph.world.wabas.get(&phone.waba_id) {
        entities.extend([account(graph, waba), business(graph, waba)]);
    }
    entities.push(app(graph));
    told(&entities)
}

/// Attached funding shows with the delay the rules want.
pub fn funding<'a>(graph: &Graph, waba: &'a Waba) -> Option<&'a String> {
    let funding = waba.primary_funding_id.as_ref();
    funding.filter(|_| graph.now_ms >= waba.funding_shows_ms)
}

/// BLOCKED with errors, else LIMITED with further words, else AVAILABLE.
struct Entity {
    kind: &'static str,
    id: String,
    errors: Vec<Value>,
    info: Vec<String>,
}

impl Entity {
    fn new(kind: &'static str, id: &str) -> Self {
        Self {
            kind,
            id: id.to_owned(),
            errors: Vec::new(),
            info: Vec::new(),
        }
    }

    fn error(&mut self, code: u32, what: &str, remedy: &str) {
        let error =
            json!({"error_code": code, "error_description": what, "possible_solution": remedy});
        self.errors.push(error);
    }

    fn word(&self) -> &'static str {
        match (self.errors.is_empty(), self.info.is_empty()) {
            (false, _) => "BLOCKED",
            (true, false) => "LIMITED",
            (true, true) => "AVAILABLE",
        }
    }

    fn told(&self) -> Value {
        let mut row =
            json!({"entity_type": self.kind, "id": self.id, "can_send_message": self.word()});
        match self.word() {
            "BLOCKED" => row["errors"] = self.errors.clone().into(),
            "LIMITED" => row["additional_info"] = self.info.clone().into(),
            _ => {}
        }
        row
    }
}

/// The overall word is the worst of the entities.
fn told(entities: &[Entity]) -> Value {
    let worst = ["BLOCKED", "LIMITED"]
        .into_iter()
        .find(|word| entities.iter().any(|entity| entity.word() == *word));
    let rows: Vec<Value> = entities.iter().map(Entity::told).collect();
    json!({"can_send_message": worst.unwrap_or("AVAILABLE"), "entities": rows})
}

fn number(phone: &Phone) -> Entity {
    let mut entity = Entity::new("PHONE_NUMBER", &phone.id);
    match phone.status.as_str() {
        "CONNECTED" if phone.platform_type == "CLOUD_API" => {}
        "FLAGGED" | "RATE_LIMITED" => entity
            .info
            .push(format!("The phone number is {}.", phone.status)),
        "RESTRICTED" | "BANNED" => entity.error(
            OTHER,
            "The phone number may not start conversations.",
            "Wait until the restriction ends, or appeal it in WhatsApp Manager.",
        ),
        _ => entity.error(
            OTHER,
            "The phone number is not registered.",
            "Register the phone number.",
        ),
    }
    if !["APPROVED", "AVAILABLE_WITHOUT_REVIEW"].contains(&phone.name_status.as_str()) {
        entity.info.push(NAME.into());
    }
    entity
}

fn account(graph: &Graph, waba: &Waba) -> Entity {
    let mut entity = Entity::new("WABA", &waba.id);
    match waba.status.as_str() {
        "ACTIVE" => {}
        "RESTRICTED" => entity.info.push("The account is restricted.".into()),
        _ => entity.error(
            OTHER,
            "The WhatsApp Business Account is not active.",
            "See the account's alerts in WhatsApp Manager.",
        ),
    }
    if waba.account_review_status == "REJECTED" {
        entity.error(
            OTHER,
            "The WhatsApp Business Account was rejected.",
            "Appeal the decision in WhatsApp Manager.",
        );
    }
    if graph.rules.payment_required && funding(graph, waba).is_none() {
        entity.error(
            PAYMENT,
            "There is an error with the payment method. This will block business initiated conversations.",
            "Please add a new payment method to the account.",
        );
    }
    entity
}

fn business(graph: &Graph, waba: &Waba) -> Entity {
    let mut entity = Entity::new("BUSINESS", &waba.business_id);
    let status = &waba.business_verification_status;
    if !status.eq_ignore_ascii_case("verified") {
        let word = status.to_ascii_lowercase();
        entity
            .info
            .push(format!("The business is not verified ({word})."));
    }
    let known = graph.world.businesses.contains_key(&waba.business_id);
    if !known {
        entity.error(OTHER, "The business is not there.", "Contact support.");
    }
    entity
}

fn app(graph: &Graph) -> Entity {
    Entity::new("APP", graph.who.app_id().unwrap_or_default())
}

const PAYMENT: u32 = 141_006;
/// Meta publishes few of these codes; this one is the sandbox's own.
const OTHER: u32 = 141_000;
const NAME: &str = "Your display name has not been approved yet. Your message limit will increase after the \
     display name is approved.";
