//! The body of a webhook, split into changes with their accounts
//! (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview>).

use super::change::MetaChange;
use super::document::{Entry, Envelope};
use super::read::{Source, read_change};
use crate::time::UnixMillis;
use core::fmt;
use core::time::Duration;
use embark_protocol::{AppKey, WabaId};
use serde_json::value::RawValue;

/// The changes of a webhook.
#[derive(Debug, Default, PartialEq)]
pub struct Webhook {
    /// In the order of the body, each with its account.
    pub changes: Vec<(WabaId, MetaChange)>,
    /// How many entries and changes name no account, or are of objects other than WhatsApp Business Accounts.
    pub skipped: usize,
}

/// The body is not a JSON object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotJson(String);

impl fmt::Display for NotJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the webhook is not a JSON object: {}", self.0)
    }
}

impl core::error::Error for NotJson {}

/// Reads the body of a webhook of an app. Within it nothing is refused: a change that cannot be read is an event with its
/// text.
///
/// # Errors
/// The body is not a JSON object.
pub fn parse_webhook(app: &AppKey, body: &[u8], now: UnixMillis) -> Result<Webhook, NotJson> {
    // The fields of a struct may also stand in a list.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(NotJson("line 1, column 1".to_owned()));
    }
    let envelope: Envelope<'_> = serde_json::from_slice(body).map_err(|error| {
        // The parser's own words may quote the body.
        NotJson(format!("line {}, column {}", error.line(), error.column()))
    })?;
    let mut webhook = Webhook::default();
    let entries = list(envelope.entry);
    if envelope
        .object
        .and_then(text)
        .is_some_and(|object| object != OBJECT)
    {
        webhook.skipped = entries.len().max(1);
        return Ok(webhook);
    }
    for raw in entries {
        let Ok(entry) = serde_json::from_str::<Entry<'_>>(raw.get()) else {
            webhook.skipped += 1;
            continue;
        };
        let time = entry.time.and_then(text);
        let field = entry.field.and_then(text);
        let account = entry.id.and_then(text);
        let source = Source {
            app,
            account: account.and_then(|id| WabaId::parse(&id).ok()),
            at: happened_at(time.as_deref(), now),
            time: time.unwrap_or_default(),
            field,
        };
        let mut changes = list(entry.changes);
        if changes.is_empty() {
            // The entry may be the change.
            changes.push(raw);
        }
        for change in changes {
            match read_change(&source, change.get()) {
                Some(addressed) => webhook.changes.push(addressed),
                None => webhook.skipped += 1,
            }
        }
    }
    Ok(webhook)
}

/// The elements of a list; anything else has none.
fn list(raw: Option<&RawValue>) -> Vec<&RawValue> {
    raw.and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default()
}

/// Text, or a number with all its digits. `None`: anything else.
fn text(raw: &RawValue) -> Option<String> {
    let json = raw.get();
    if json.starts_with('"') {
        return serde_json::from_str(json).ok();
    }
    json.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| json.to_owned())
}

/// `time` is in Unix seconds. One in the future or long past is not the time of a change: Meta repeats webhooks for
/// seven days.
fn happened_at(time: Option<&str>, now: UnixMillis) -> UnixMillis {
    let seconds = time.and_then(|time| time.parse::<u64>().ok());
    let at = seconds.map(|seconds| UnixMillis(seconds.saturating_mul(1_000)));
    at.filter(|at| *at <= now && now.since(*at) <= LONGEST_DELAY)
        .unwrap_or(now)
}

/// `object` of the webhooks that are read.
const OBJECT: &str = "whatsapp_business_account";
const LONGEST_DELAY: Duration = Duration::from_hours(30 * 24);
