//! The changes in Meta's webhooks that concern a connected account: partners added and removed, numbers that leave
//! the API or return, and the synchronisation of numbers that stay in the WhatsApp Business app.
//!
//! Meta's examples put `field` in different places or leave it out, so the content of `value` decides where it can.
//!
//! No route receives Meta's webhooks yet: signature check, routing and deduplication are not implemented, and only
//! tests call [`parse_change`].

mod document;
#[cfg(test)]
mod tests;

use document::{StateSync, WabaInfo, WebhookChange};
use embark_protocol::{BusinessId, PhoneNumberId, WabaId};
use serde::{Deserialize, Serialize};

/// A change that concerns a connected account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetaEvent {
    /// A customer finished Embedded Signup, or installed the app
    /// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/account_update>).
    PartnerAdded {
        /// The customer's account.
        waba: WabaId,
        /// The business portfolio that owns it. `None`: not named.
        owner: Option<BusinessId>,
        /// The partner solution that the customer came by; empty: none.
        solutions: Vec<String>,
    },
    /// A customer revoked the app's access to the account, or disconnected the number in the app.
    PartnerRemoved {
        /// The account.
        waba: WabaId,
        /// The number, if only one was disconnected; digits only.
        number: Option<String>,
    },
    /// A number left the API, and is used in the app alone.
    Offboarded {
        /// The number's account.
        waba: WabaId,
        /// The number, digits only.
        number: Option<String>,
    },
    /// A number that had left the API is connected again.
    Reconnected {
        /// The number's account.
        waba: WabaId,
        /// The number, digits only.
        number: Option<String>,
    },
    /// A part of the chat history. Parts may arrive out of order
    /// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/history>).
    History {
        /// The number.
        phone: PhoneNumberId,
        /// 0: the last day; 1: up to 90 days; 2: up to 180 days.
        phase: u32,
        /// The part's position in its phase.
        chunk: u32,
        /// Per cent; 100: the last part.
        progress: u32,
    },
    /// The customer does not share the chat history: error 2593109.
    HistoryDeclined {
        /// The number.
        phone: PhoneNumberId,
    },
    /// Contacts of the app changed
    /// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/smb_app_state_sync>).
    Contacts {
        /// The number.
        phone: PhoneNumberId,
        /// How many were added or changed.
        added: u32,
        /// How many were removed.
        removed: u32,
    },
    /// Messages were sent from the app
    /// (<https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/reference/smb_message_echoes>).
    Echoes {
        /// The number.
        phone: PhoneNumberId,
        /// How many.
        count: u32,
    },
}

/// Reads one element of `changes`. `entry` is the id of the entry that it stands in: the account for most events, the
/// partner's portfolio for some. `None`: nothing that is acted on. Members of unexpected types and unknown events cost
/// nothing but themselves, and words are read in any case.
pub fn parse_change(entry: &str, change: &[u8]) -> Option<MetaEvent> {
    let WebhookChange { field, value } = serde_json::from_slice(change).ok()?;
    let event = value.event.as_deref().unwrap_or_default();
    let number = value.phone_number.as_deref().map(digits);
    if let Some(event) = parse_account_update(entry, event, value.waba_info, number) {
        return Some(event);
    }
    let phone = PhoneNumberId::parse(&value.metadata.phone_number_id?).ok()?;
    let field = field.unwrap_or_default();
    let is_of = |name: &str| field.trim().eq_ignore_ascii_case(name);
    let to_u32 = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    if is_of("history") || !value.history.is_empty() {
        let mut errors = value.history.iter().flat_map(|chunk| &chunk.errors);
        if errors.any(|error| error.code == Some(DECLINED)) {
            return Some(MetaEvent::HistoryDeclined { phone });
        }
        let chunk = &value.history.first()?.metadata;
        return Some(MetaEvent::History {
            phone,
            phase: small(chunk.phase),
            chunk: small(chunk.chunk_order),
            progress: small(chunk.progress),
        });
    }
    if is_of("smb_app_state_sync") || !value.state_sync.is_empty() {
        let is_removal = |contact: &&StateSync| is_word(contact.action.as_deref(), "REMOVE");
        let removed = value.state_sync.iter().filter(is_removal).count();
        return Some(MetaEvent::Contacts {
            phone,
            added: to_u32(value.state_sync.len() - removed),
            removed: to_u32(removed),
        });
    }
    (is_of("smb_message_echoes") || !value.message_echoes.is_empty()).then(|| MetaEvent::Echoes {
        phone,
        count: to_u32(value.message_echoes.len()),
    })
}

/// Reads a change of the field `account_update`. `None`: it is none, or an event that is not acted on.
fn parse_account_update(
    entry: &str,
    event: &str,
    info: WabaInfo,
    number: Option<String>,
) -> Option<MetaEvent> {
    let named = info.waba_id.and_then(|id| WabaId::parse(&id).ok());
    // Of events that the account's entry stands for, not the partner's.
    let waba = || named.clone().or_else(|| WabaId::parse(entry).ok());
    match event.trim().to_ascii_uppercase().as_str() {
        "PARTNER_ADDED" | "PARTNER_APP_INSTALLED" => Some(MetaEvent::PartnerAdded {
            waba: named?,
            owner: info
                .owner_business_id
                .and_then(|id| BusinessId::parse(&id).ok()),
            solutions: info.solution_id.into_iter().collect(),
        }),
        "PARTNER_APP_UNINSTALLED" => Some(MetaEvent::PartnerRemoved {
            waba: named?,
            number,
        }),
        "PARTNER_REMOVED" => Some(MetaEvent::PartnerRemoved {
            waba: waba()?,
            number,
        }),
        "ACCOUNT_OFFBOARDED" => Some(MetaEvent::Offboarded {
            waba: waba()?,
            number,
        }),
        "ACCOUNT_RECONNECTED" => Some(MetaEvent::Reconnected {
            waba: waba()?,
            number,
        }),
        _ => None,
    }
}

/// 0 if Meta names none.
fn small(number: Option<u64>) -> u32 {
    u32::try_from(number.unwrap_or_default()).unwrap_or(u32::MAX)
}

fn is_word(text: Option<&str>, word: &str) -> bool {
    text.is_some_and(|text| text.trim().eq_ignore_ascii_case(word))
}

/// The digits of a phone number.
fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

/// "History sharing is turned off by the customer."
const DECLINED: i64 = 2_593_109;
