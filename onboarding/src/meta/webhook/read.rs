//! One element of `changes`. Meta's examples put `field` in different places or leave it out, so that the content of
//! `value` decides where it can.

use super::change::{
    AccountEvent, ChangeContent, ForwardedMessages, HistoryPart, MetaChange, TrafficCounts,
};
use super::document::{ChangeValue, WebhookChange};
use super::surrogates::replace_lone_surrogates;
use crate::crypto::sha256_hex;
use crate::time::UnixMillis;
use embark_protocol::{AppKey, PhoneNumberId, WabaId};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The entry that a change stands in.
pub(super) struct Source<'a> {
    /// The app whose webhook it is.
    pub(super) app: &'a AppKey,
    /// `id`: the account for most events, the partner's portfolio for some. `None`: not an id.
    pub(super) account: Option<WabaId>,
    /// When its changes happened.
    pub(super) at: UnixMillis,
    /// `time`, as it came; empty: absent.
    pub(super) time: String,
    /// `field`, where it stands in the entry.
    pub(super) field: Option<String>,
}

/// Reads a change. `None`: it names no account.
pub(super) fn read_change(source: &Source<'_>, json: &str) -> Option<(WabaId, MetaChange)> {
    let json = &*replace_lone_surrogates(json);
    let value = serde_json::from_str::<Value>(json).ok();
    let document = value
        .as_ref()
        .and_then(|value| WebhookChange::deserialize(value).ok())
        .unwrap_or_default();
    let WebhookChange { field, value: read } = document;
    let field = field
        .or(read.field.clone())
        .or(source.field.clone())
        .map(|field| field.trim().to_ascii_lowercase());
    let event = read.event.as_deref();
    let event = event.map(|event| event.trim().to_ascii_uppercase());
    let named = read.waba_info.waba_id.as_deref();
    let named = named.and_then(|id| WabaId::parse(id).ok());
    let account = named.or_else(|| source.account.clone())?;
    let counts = match &value {
        Some(_) => traffic(field.as_deref(), event.as_deref(), &read),
        None => unreadable_traffic(field.as_deref(), json),
    };
    if let Some(counts) = counts {
        // Media of a history come as messages of another field.
        let is_messages = match field.as_deref() {
            _ if value.is_none() => false,
            Some(field) => field == MESSAGES,
            None => counts.messages + counts.statuses > 0,
        };
        let change = MetaChange {
            key: traffic_key(source, &read, json),
            at: source.at,
            content: ChangeContent::Traffic(counts),
            messages: is_messages.then(|| ForwardedMessages {
                are_statuses: counts.messages == 0,
                number: read
                    .metadata
                    .phone_number_id
                    .as_deref()
                    .and_then(|id| PhoneNumberId::parse(id).ok()),
                meta: Box::new(meta(value.clone(), field.as_deref(), json)),
            }),
        };
        return Some((account, change));
    }
    // Each app is added and removed for itself; anything else that several apps are sent is one event for each owner.
    let is_of_app = event
        .as_deref()
        .is_some_and(|event| EVENTS_OF_APPS.contains(&event));
    let app = if is_of_app { source.app.as_str() } else { "" };
    let change = MetaChange {
        key: key(&[app, &source.time, json]),
        at: source.at,
        content: ChangeContent::Event(AccountEvent {
            event,
            number: read.phone_number.as_deref().map(digits),
            history: history_part(&read),
            solution: read.waba_info.solution_id,
            meta: Box::new(meta(value, field.as_deref(), json)),
            field,
        }),
        messages: None,
    };
    Some((account, change))
}

/// What end users caused. `None`: the change is an event.
fn traffic(field: Option<&str>, event: Option<&str>, value: &ChangeValue) -> Option<TrafficCounts> {
    let mut counts = TrafficCounts {
        messages: count(value.messages.len()),
        statuses: count(value.statuses.len()),
        echoes: count(value.message_echoes.len()),
        contacts: count(value.state_sync.len()),
        other: 0,
    };
    let is_named = field.is_some_and(|field| TRAFFIC_FIELDS.contains(&field));
    let is_empty = counts == TrafficCounts::default();
    if !is_named && (is_empty || event.is_some() || !value.history.is_empty()) {
        return None;
    }
    if is_empty {
        counts.other = 1;
    }
    Some(counts)
}

/// Of a change that cannot be read, e.g. because it is nested too deeply. What may have messages of end users in it is no
/// event, which has an excerpt.
fn unreadable_traffic(field: Option<&str>, json: &str) -> Option<TrafficCounts> {
    let names = |name: &&str| json.contains(&["\"", name, "\""].concat());
    let is_named = field.is_some_and(|field| TRAFFIC_FIELDS.contains(&field));
    let is_traffic =
        is_named || TRAFFIC_FIELDS.iter().any(names) || TRAFFIC_LISTS.iter().any(names);
    is_traffic.then(|| TrafficCounts {
        other: 1,
        ..TrafficCounts::default()
    })
}

/// By what the change says. Its time does not count where each message has an id: a repetition has another. The id alone says
/// too little: statuses of a message to a group have one id for all of its participants.
fn traffic_key(source: &Source<'_>, value: &ChangeValue, json: &str) -> String {
    let phone = value.metadata.phone_number_id.as_deref();
    let mut messages = [&value.messages, &value.statuses, &value.message_echoes]
        .into_iter()
        .flatten()
        .peekable();
    let is_named = messages.peek().is_some() && messages.all(|message| message.id.is_some());
    match is_named {
        true => key(&[phone.unwrap_or(""), json]),
        // Contacts have no id.
        false => key(&[&source.time, json]),
    }
}

fn history_part(value: &ChangeValue) -> Option<HistoryPart> {
    let first = value.history.first()?;
    let mut errors = value.history.iter().flat_map(|part| &part.errors);
    if errors.any(|error| error.code == Some(HISTORY_DECLINED)) {
        return Some(HistoryPart::Declined);
    }
    let progress = value.history.iter().map(|part| part.metadata.progress);
    let progress = progress.max().unwrap_or(first.metadata.progress);
    Some(HistoryPart::Progress(progress.unwrap_or_default()))
}

/// The change as owners get it.
fn meta(change: Option<Value>, field: Option<&str>, json: &str) -> Value {
    let Some(mut change) = change.filter(Value::is_object) else {
        return excerpt(field, json);
    };
    let parts = change.pointer_mut("/value/history");
    for part in parts.and_then(Value::as_array_mut).into_iter().flatten() {
        part.as_object_mut().map(|part| part.remove("threads"));
    }
    if let (Some(field), Value::Object(change)) = (field, &mut change) {
        change.entry("field").or_insert_with(|| field.into());
    }
    let is_large = json.len() > LARGEST_META && change.to_string().len() > LARGEST_META;
    if is_large || is_deeper_than(&change, DEEPEST_META) {
        return excerpt(field, json);
    }
    change
}

/// Whether a value has more than `levels` arrays and objects in one another.
fn is_deeper_than(value: &Value, levels: usize) -> bool {
    let inner = |value: &Value| match levels.checked_sub(1) {
        Some(rest) => is_deeper_than(value, rest),
        None => true,
    };
    match value {
        Value::Array(list) => levels == 0 || list.iter().any(inner),
        Value::Object(map) => levels == 0 || map.values().any(inner),
        _ => false,
    }
}

fn excerpt(field: Option<&str>, json: &str) -> Value {
    let mut meta = Map::new();
    let text: String = json.chars().take(EXCERPT).collect();
    if let Some(field) = field {
        meta.insert("field".to_owned(), field.into());
    }
    meta.insert("excerpt".to_owned(), text.into());
    Value::Object(meta)
}

fn key(parts: &[&str]) -> String {
    let digest = sha256_hex(parts.join("\n").as_bytes());
    digest.chars().take(KEY_LENGTH).collect()
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// The digits of a phone number.
fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// Events of `account_update` that concern the app that is sent them.
const EVENTS_OF_APPS: &[&str] = &[
    "PARTNER_ADDED",
    "PARTNER_APP_INSTALLED",
    "PARTNER_APP_UNINSTALLED",
    "PARTNER_REMOVED",
];
/// The field of messages and their statuses.
const MESSAGES: &str = "messages";
/// Fields whose changes end users cause.
const TRAFFIC_FIELDS: &[&str] = &[
    MESSAGES,
    "smb_message_echoes",
    "smb_app_state_sync",
    "calls",
    "user_preferences",
    "automatic_events",
];
/// Lists of what end users sent, in `value`.
const TRAFFIC_LISTS: &[&str] = &["statuses", "message_echoes", "state_sync", "threads"];
/// "History sharing is turned off by the customer."
const HISTORY_DECLINED: i64 = 2_593_109;
/// In bytes. Meta's changes that are events are shorter than two kilobytes.
const LARGEST_META: usize = 64 * 1024;
/// Arrays and objects in one another. Objects pass changes on within documents of their own, and no reader takes more than
/// 127.
const DEEPEST_META: usize = 64;
/// In characters.
const EXCERPT: usize = 4_000;
/// In hexadecimal digits.
const KEY_LENGTH: usize = 32;
