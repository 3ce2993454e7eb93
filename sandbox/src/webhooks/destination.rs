//! Which address Meta calls with a change: for messages and the like that of the number, else that of its account, else the
//! app's; for everything else the app's.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/override>

use super::Change;
use crate::world::World;
use serde_json::Value;

/// The changes by the address that they are sent to, in their order.
pub fn by_destination(
    world: &World,
    app_id: &str,
    changes: Vec<Change>,
) -> Vec<(String, Vec<Change>)> {
    let mut sorted: Vec<(String, Vec<Change>)> = Vec::new();
    for change in changes {
        let url = destination(world, app_id, &change);
        match sorted.iter_mut().find(|(other, _)| *other == url) {
            Some((_, changes)) => changes.push(change),
            None => sorted.push((url, vec![change])),
        }
    }
    sorted
}

fn destination(world: &World, app_id: &str, change: &Change) -> String {
    let app = world.apps.get(app_id);
    let of_app = || app.map(|app| app.webhook_url.clone()).unwrap_or_default();
    let field = change.field.as_deref().unwrap_or_default();
    if !OVERRIDABLE_FIELDS.contains(&field) {
        return of_app();
    }
    let phone = change.value["metadata"]["phone_number_id"].as_str();
    let phone = phone.and_then(|id| world.phones.get(id));
    let of_phone = phone.and_then(|phone| phone.override_callback_uri.clone());
    let waba = match &change.entry_id {
        Value::String(id) => id.clone(),
        other => other.to_string(),
    };
    let subscription = world.wabas.get(&waba);
    let subscription = subscription.and_then(|waba| waba.subscriptions.get(app_id));
    let of_waba = subscription.and_then(|one| one.override_callback_uri.clone());
    of_phone.or(of_waba).unwrap_or_else(of_app)
}

/// The fields that Meta's page lists.
const OVERRIDABLE_FIELDS: &[&str] = &[
    "messages",
    "message_echoes",
    "calls",
    "consumer_profile",
    "messaging_handovers",
    "standby",
    "group_lifecycle_update",
    "group_participants_update",
    "group_settings_update",
    "group_status_update",
    "smb_message_echoes",
    "smb_app_state_sync",
    "history",
    "account_settings_update",
];
