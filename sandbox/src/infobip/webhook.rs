//! What Infobip's registration webhook says, and its way to the address of `PUT /_sandbox/infobip`. The
//! account's id is a JSON number, times have an offset without a colon.

use crate::errand::Course;
use crate::outbound;
use crate::state::{Shared, State};
use crate::time;
use crate::world::World;
use serde::Serialize;
use serde_json::{Value, json};

/// One post of the webhook, and what came of it.
#[derive(Debug, Clone, Serialize)]
pub struct Sent {
    pub body: Value,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    pub error: Option<String>,
}

/// `status` of the registration as it is told, `sender` of each number where it is not the fitting one.
pub fn body(world: &World, waba: &str, status: &str, sender: Option<&str>) -> Value {
    let registration = world.registrations.get(waba);
    let row = |phone: &crate::world::Phone| {
        let failed = registration.is_some_and(|row| row.failed.contains(&phone.id));
        let own = match status {
            "FINISHED" if failed => "FAILED",
            other => other,
        };
        json!({
            "phoneNumberId": phone.id,
            "displayPhoneNumber": phone.display_phone_number,
            "type": "CLOUD",
            "status": sender.unwrap_or(own),
        })
    };
    let senders: Vec<Value> = world.phones_of(waba).map(row).collect();
    let number = waba.parse::<u64>();
    json!({
        "businessAccountId": number.map_or_else(|_| Value::from(waba), Value::from),
        "status": status,
        "createdAt": time::millis(registration.map_or(0, |row| row.created_ms)),
        "lastModifiedAt": time::millis(registration.map_or(0, |row| row.modified_ms)),
        "senders": senders,
    })
}

/// Posts it now, and notes what came of it.
pub async fn deliver(shared: &Shared, text: String) -> Sent {
    let (url, host) = {
        let infobip = &shared.lock().infobip;
        (infobip.webhook.clone(), infobip.host_header.clone())
    };
    let told = match url {
        Some(url) => outbound::post(&url, host.as_deref(), &text)
            .await
            .map_err(|error| error.to_string()),
        None => Err("no webhook is set".into()),
    };
    let sent = Sent {
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        status: told.as_ref().ok().map(|(status, _)| *status),
        error: told.err(),
    };
    shared.lock().infobip.sent.push(sent.clone());
    sent
}

/// One word of a registration's course.
pub async fn say(course: &Course, waba: &str, status: &str) -> Option<()> {
    let build = |state: &mut State| body(&state.world, waba, status, None).to_string();
    let text = course.later(0, build).await?;
    deliver(&course.shared, text).await;
    Some(())
}
