//! `health_status` of a WABA or a number: whether each entity that a message involves can send, computed from the
//! stored rows, or the value that a test stored in the row.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/support/health-status>

use super::context::GraphContext;
use crate::world::{Phone, Waba};
use serde_json::{Value, json};

/// Of a WABA, its portfolio and the app.
pub fn waba_health(ctx: &GraphContext, waba: &Waba) -> Value {
    let stored = waba.health_status.clone();
    stored.unwrap_or_else(|| {
        status_of(&[
            waba_entity(ctx, waba),
            business_entity(ctx, waba),
            app_entity(ctx),
        ])
    })
}

/// Of a number, its WABA and portfolio, and the app.
pub fn phone_health(ctx: &GraphContext, phone: &Phone) -> Value {
    if let Some(stored) = &phone.health_status {
        return stored.clone();
    }
    let mut entities = vec![phone_entity(phone)];
    if let Some(waba) = ctx.world.wabas.get(&phone.waba_id) {
        entities.extend([waba_entity(ctx, waba), business_entity(ctx, waba)]);
    }
    entities.push(app_entity(ctx));
    status_of(&entities)
}

/// The `primary_funding_id`, once reads return it (rule `funding_delay_s`).
pub fn visible_funding<'a>(ctx: &GraphContext, waba: &'a Waba) -> Option<&'a String> {
    let funding = waba.primary_funding_id.as_ref();
    funding.filter(|_| ctx.now_ms >= waba.funding_visible_from_ms)
}

/// One entity: BLOCKED with errors, else LIMITED with additional information, else AVAILABLE.
struct Entity {
    entity_type: &'static str,
    id: String,
    errors: Vec<Value>,
    /// `additional_info`
    info: Vec<String>,
}

impl Entity {
    fn new(entity_type: &'static str, id: &str) -> Self {
        Self {
            entity_type,
            id: id.to_owned(),
            errors: Vec::new(),
            info: Vec::new(),
        }
    }

    fn add_error(&mut self, code: u32, description: &str, solution: &str) {
        let error = json!({"error_code": code, "error_description": description, "possible_solution": solution});
        self.errors.push(error);
    }

    fn can_send_message(&self) -> &'static str {
        match (self.errors.is_empty(), self.info.is_empty()) {
            (false, _) => "BLOCKED",
            (true, false) => "LIMITED",
            (true, true) => "AVAILABLE",
        }
    }

    fn to_json(&self) -> Value {
        let mut row = json!({"entity_type": self.entity_type, "id": self.id, "can_send_message": self.can_send_message()});
        match self.can_send_message() {
            "BLOCKED" => row["errors"] = self.errors.clone().into(),
            "LIMITED" => row["additional_info"] = self.info.clone().into(),
            _ => {}
        }
        row
    }
}

/// The overall status is the worst of the entities.
fn status_of(entities: &[Entity]) -> Value {
    let worst = ["BLOCKED", "LIMITED"].into_iter().find(|status| {
        entities
            .iter()
            .any(|entity| entity.can_send_message() == *status)
    });
    let rows: Vec<Value> = entities.iter().map(Entity::to_json).collect();
    json!({"can_send_message": worst.unwrap_or("AVAILABLE"), "entities": rows})
}

fn phone_entity(phone: &Phone) -> Entity {
    let mut entity = Entity::new("PHONE_NUMBER", &phone.id);
    match phone.status.as_str() {
        "CONNECTED" if phone.platform_type == "CLOUD_API" => {}
        "FLAGGED" | "RATE_LIMITED" => entity
            .info
            .push(format!("The phone number is {}.", phone.status)),
        "RESTRICTED" | "BANNED" => entity.add_error(
            OTHER,
            "The phone number may not start conversations.",
            "Wait until the restriction ends, or appeal it in WhatsApp Manager.",
        ),
        _ => entity.add_error(
            OTHER,
            "The phone number is not registered.",
            "Register the phone number.",
        ),
    }
    if !["APPROVED", "AVAILABLE_WITHOUT_REVIEW"].contains(&phone.name_status.as_str()) {
        entity.info.push(NAME_NOT_APPROVED.into());
    }
    entity
}

fn waba_entity(ctx: &GraphContext, waba: &Waba) -> Entity {
    let mut entity = Entity::new("WABA", &waba.id);
    match waba.status.as_str() {
        "ACTIVE" => {}
        "RESTRICTED" => entity.info.push("The account is restricted.".into()),
        _ => entity.add_error(
            OTHER,
            "The WhatsApp Business Account is not active.",
            "See the account's alerts in WhatsApp Manager.",
        ),
    }
    if waba.account_review_status == "REJECTED" {
        entity.add_error(
            OTHER,
            "The WhatsApp Business Account was rejected.",
            "Appeal the decision in WhatsApp Manager.",
        );
    }
    if ctx.rules.payment_required && visible_funding(ctx, waba).is_none() {
        entity.add_error(
            PAYMENT,
            "There is an error with the payment method. This will block business initiated conversations.",
            "Please add a new payment method to the account.",
        );
    }
    entity
}

fn business_entity(ctx: &GraphContext, waba: &Waba) -> Entity {
    let mut entity = Entity::new("BUSINESS", &waba.business_id);
    let status = &waba.business_verification_status;
    if !status.eq_ignore_ascii_case("verified") {
        let status = status.to_ascii_lowercase();
        entity
            .info
            .push(format!("The business is not verified ({status})."));
    }
    let exists = ctx.world.businesses.contains_key(&waba.business_id);
    if !exists {
        entity.add_error(OTHER, "The business does not exist.", "Contact support.");
    }
    entity
}

fn app_entity(ctx: &GraphContext) -> Entity {
    Entity::new("APP", ctx.bearer.app_id().unwrap_or_default())
}

/// Meta's code for a missing or wrong payment method.
const PAYMENT: u32 = 141_006;
/// Every other reason. Meta publishes few of these codes; this one is the sandbox's own.
const OTHER: u32 = 141_000;
const NAME_NOT_APPROVED: &str = "Your display name has not been approved yet. Your message limit will increase after the \
     display name is approved.";
