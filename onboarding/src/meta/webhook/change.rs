//! One change of a webhook: what the object of its account gets.

use crate::time::UnixMillis;
use embark_protocol::PhoneNumberId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A change of an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MetaChange {
    /// 32 hexadecimal digits: the same however often, and by whichever webhook, Meta sends it.
    pub key: String,
    /// When it happened, by Meta's clock in whole seconds. When it was received, if Meta names no plausible time.
    pub at: UnixMillis,
    /// What changed.
    pub content: ChangeContent,
    /// Of messages and their statuses: the change as it came, for sites that have them forwarded; of one that is too large, as
    /// [`AccountEvent::meta`]. Nothing of it is stored otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages: Option<ForwardedMessages>,
}

/// A change that has messages, or statuses of messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ForwardedMessages {
    /// Whether it has no messages: it has statuses, or errors.
    pub are_statuses: bool,
    /// The number that they were sent to or from. `None`: Meta named none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<PhoneNumberId>,
    /// The change: `field` and `value`.
    pub meta: Box<Value>,
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeContent {
    /// Something about the account, a number or a template.
    Event(AccountEvent),
    /// Messages and what else end users cause. Their content is not kept.
    Traffic(TrafficCounts),
}

/// A change that is an event for the account's owners.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountEvent {
    /// Meta's field in lower case, e.g. `account_update`. `None`: Meta named none.
    pub field: Option<String>,
    /// `value.event` in upper case, e.g. `PARTNER_ADDED`. `None`: the field has no events.
    pub event: Option<String>,
    /// The number that it concerns, digits only, if it names one.
    pub number: Option<String>,
    /// The partner solution that a customer came by.
    pub solution: Option<String>,
    /// Of the field `history`.
    pub history: Option<HistoryPart>,
    /// The change as it came: `field` and `value`. The messages of a history are left out. Of a change that is too large
    /// or no JSON value, `field` and the beginning of its text, `excerpt`.
    pub meta: Box<Value>,
}

/// A part of the chat history of a number
/// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/history>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryPart {
    /// How much was sent, in per cent; 100: all of it. Parts may arrive out of order.
    Progress(u64),
    /// The customer does not share the history: error 2593109.
    Declined,
}

impl HistoryPart {
    /// What both say, in any order: the larger part.
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Progress(one), Self::Progress(two)) => Self::Progress(one.max(two)),
            (Self::Progress(part), Self::Declined) | (Self::Declined, Self::Progress(part)) => {
                Self::Progress(part)
            }
            (Self::Declined, Self::Declined) => Self::Declined,
        }
    }
}

/// How much of each kind end users caused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TrafficCounts {
    /// Messages of end users.
    pub messages: u64,
    /// Statuses of messages to them.
    pub statuses: u64,
    /// Messages that the business sent from the WhatsApp Business app.
    pub echoes: u64,
    /// Contacts of that app that were added, changed or removed.
    pub contacts: u64,
    /// Changes of other fields that end users cause: calls, preferences.
    pub other: u64,
}

impl TrafficCounts {
    /// Adds others to these.
    pub fn add(&mut self, more: Self) {
        for (count, more) in [
            (&mut self.messages, more.messages),
            (&mut self.statuses, more.statuses),
            (&mut self.echoes, more.echoes),
            (&mut self.contacts, more.contacts),
            (&mut self.other, more.other),
        ] {
            *count = count.saturating_add(more);
        }
    }
}
