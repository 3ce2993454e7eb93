//! The changes in Meta's webhooks that concern a connected account: partners added and removed, numbers that leave
//! the API or return, and the synchronisation of numbers that stay in the WhatsApp Business app.
//!
//! Meta's examples put `field` in different places or leave it out, so the content of `value` decides where it can.
//!
//! No route receives Meta's webhooks yet: signature check, routing and deduplication are not implemented, and only
//! tests call [`parse_change`].

use crate::meta::response::TextOrNumber;
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
/// partner's portfolio for some. `None`: nothing that is acted on.
pub fn parse_change(entry: &str, change: &[u8]) -> Option<MetaEvent> {
    let Change { field, value } = serde_json::from_slice(change).ok()?;
    if let Some(event) = value.event.as_deref() {
        return parse_account_update(entry, event, value.waba_info, value.phone_number);
    }
    let phone = PhoneNumberId::parse(&value.metadata.phone_number_id?.0).ok()?;
    let to_u32 = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
    match field.as_deref() {
        Some("history") => {
            let chunk = value.history.first()?;
            if chunk.errors.iter().any(|error| error.code == DECLINED) {
                return Some(MetaEvent::HistoryDeclined { phone });
            }
            Some(MetaEvent::History {
                phone,
                phase: chunk.metadata.phase,
                chunk: chunk.metadata.chunk_order,
                progress: chunk.metadata.progress,
            })
        }
        Some("smb_app_state_sync") => {
            let is_removal = |contact: &&StateSync| contact.action == "remove";
            let removed = value.state_sync.iter().filter(is_removal).count();
            Some(MetaEvent::Contacts {
                phone,
                added: to_u32(value.state_sync.len() - removed),
                removed: to_u32(removed),
            })
        }
        Some("smb_message_echoes") => Some(MetaEvent::Echoes {
            phone,
            count: to_u32(value.message_echoes.len()),
        }),
        _ => None,
    }
}

/// Reads a change of the field `account_update`.
fn parse_account_update(
    entry: &str,
    event: &str,
    info: WabaInfo,
    number: Option<String>,
) -> Option<MetaEvent> {
    let named = info.waba_id.map(|id| id.0);
    let waba = WabaId::parse(named.as_deref().unwrap_or(entry)).ok()?;
    match event {
        // The entry is the partner's: without an account in the value there is none.
        "PARTNER_ADDED" | "PARTNER_APP_INSTALLED" => named.map(|_| MetaEvent::PartnerAdded {
            waba,
            owner: info
                .owner_business_id
                .and_then(|id| BusinessId::parse(&id.0).ok()),
            solutions: info.solution_id.into_iter().map(|id| id.0).collect(),
        }),
        "PARTNER_REMOVED" | "PARTNER_APP_UNINSTALLED" => {
            Some(MetaEvent::PartnerRemoved { waba, number })
        }
        "ACCOUNT_OFFBOARDED" => Some(MetaEvent::Offboarded { waba, number }),
        "ACCOUNT_RECONNECTED" => Some(MetaEvent::Reconnected { waba, number }),
        _ => None,
    }
}

/// "History sharing is turned off by the customer."
const DECLINED: i64 = 2_593_109;

#[derive(Deserialize)]
struct Change {
    field: Option<String>,
    value: Value,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Value {
    event: Option<String>,
    phone_number: Option<String>,
    waba_info: WabaInfo,
    metadata: Metadata,
    history: Vec<HistoryChunk>,
    state_sync: Vec<StateSync>,
    message_echoes: Vec<Ignored>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct WabaInfo {
    waba_id: Option<TextOrNumber>,
    owner_business_id: Option<TextOrNumber>,
    solution_id: Option<TextOrNumber>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    phone_number_id: Option<TextOrNumber>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct HistoryChunk {
    metadata: ChunkMetadata,
    errors: Vec<HistoryError>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ChunkMetadata {
    phase: u32,
    chunk_order: u32,
    progress: u32,
}

#[derive(Deserialize)]
struct HistoryError {
    code: i64,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct StateSync {
    action: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Ignored {}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    const PARTNER: &str = "2000000000000001";
    const WABA: &str = "5000000000000001";

    fn parse(entry: &str, change: Json) -> Option<MetaEvent> {
        parse_change(entry, change.to_string().as_bytes())
    }

    fn waba() -> WabaId {
        WabaId::parse(WABA).unwrap()
    }

    fn phone() -> PhoneNumberId {
        PhoneNumberId::parse("6000000000000001").unwrap()
    }

    #[test]
    fn partner_added_is_read_wherever_the_field_stands() {
        let info = json!({"waba_id": WABA, "owner_business_id": "4000000000000001",
            "solution_id": "7000000000000001", "solution_partner_business_ids": ["1"]});
        let value = json!({"event": "PARTNER_ADDED", "waba_info": info});
        let want = MetaEvent::PartnerAdded {
            waba: waba(),
            owner: BusinessId::parse("4000000000000001").ok(),
            solutions: vec!["7000000000000001".into()],
        };
        for change in [
            json!({"field": "account_update", "value": value}),
            json!({"value": value}),
            json!({"value": {"field": "account_update", "event": "PARTNER_ADDED", "waba_info": info}}),
        ] {
            assert_eq!(parse(PARTNER, change).as_ref(), Some(&want));
        }
        let alone = json!({"field": "account_update", "value": {"event": "PARTNER_ADDED"}});
        assert_eq!(parse(PARTNER, alone), None, "the entry is the partner's");
    }

    #[test]
    fn removal_and_return_of_a_number_are_parse() {
        let number = Some("16315550101".to_owned());
        for (event, want) in [
            (
                "PARTNER_REMOVED",
                MetaEvent::PartnerRemoved {
                    waba: waba(),
                    number: number.clone(),
                },
            ),
            (
                "ACCOUNT_OFFBOARDED",
                MetaEvent::Offboarded {
                    waba: waba(),
                    number: number.clone(),
                },
            ),
            (
                "ACCOUNT_RECONNECTED",
                MetaEvent::Reconnected {
                    waba: waba(),
                    number,
                },
            ),
        ] {
            let value = json!({"event": event, "phone_number": "16315550101"});
            let change = json!({"field": "account_update", "value": value});
            assert_eq!(parse(WABA, change), Some(want), "{event}");
        }
    }

    #[test]
    fn history_contacts_and_echoes_are_read_by_field() {
        let with = |field: &str, more: Json| {
            let mut value = json!({"messaging_product": "whatsapp", "metadata":
                {"display_phone_number": "16315550101", "phone_number_id": "6000000000000001"}});
            value
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            parse(WABA, json!({"field": field, "value": value}))
        };
        let chunk = json!({"history": [{"metadata": {"phase": 1, "chunk_order": 2, "progress": 55}, "threads": [{}]}]});
        let want = MetaEvent::History {
            phone: phone(),
            phase: 1,
            chunk: 2,
            progress: 55,
        };
        assert_eq!(with("history", chunk), Some(want));
        let declined = json!({"history": [{"errors": [{"code": 2_593_109, "title": "x"}]}]});
        assert_eq!(
            with("history", declined),
            Some(MetaEvent::HistoryDeclined { phone: phone() })
        );
        let contacts = json!({"state_sync": [{"type": "contact", "action": "add"}, {"action": "remove"}, {"action": "add"}]});
        let want = MetaEvent::Contacts {
            phone: phone(),
            added: 2,
            removed: 1,
        };
        assert_eq!(with("smb_app_state_sync", contacts), Some(want));
        let echoes = json!({"message_echoes": [{"id": "wamid.1"}]});
        assert_eq!(
            with("smb_message_echoes", echoes),
            Some(MetaEvent::Echoes {
                phone: phone(),
                count: 1
            })
        );
    }

    #[test]
    fn other_changes_are_ignored() {
        for change in [
            json!({}),
            json!({"field": "messages", "value": {"metadata": {"phone_number_id": "6000000000000001"}}}),
            json!({"field": "account_update", "value": {"event": "DISABLED_UPDATE"}}),
            json!({"field": "history", "value": {"history": []}}),
            json!({"value": {"event": "PARTNER_ADDED", "waba_info": {"waba_id": "not digits"}}}),
            json!([]),
        ] {
            assert_eq!(parse(WABA, change.clone()), None, "{change}");
        }
        assert_eq!(parse_change(WABA, b"<html>"), None);
    }
}
