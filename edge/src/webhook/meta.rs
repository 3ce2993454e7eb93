//! One change of Meta's webhook, recognised: who became a customer's partner, numbers that leave the API or
//! come back, and the chats and contacts of numbers that stay in the WhatsApp Business app. Meta's own
//! examples put `field` in different places or leave it out, so the value decides where it can.

use crate::graph::answer::TextOrNumber;
use embark_protocol::{BusinessId, PhoneNumberId, WabaId};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// A customer finished Embedded Signup; with the partner solutions it belongs to.
    PartnerAdded {
        waba: WabaId,
        owner: Option<BusinessId>,
        solutions: Vec<String>,
    },
    /// A customer took our access back, or disconnected the number in the app.
    PartnerRemoved {
        waba: WabaId,
        number: Option<String>,
    },
    /// The number left the API; it goes on in the app alone.
    Offboarded {
        waba: WabaId,
        number: Option<String>,
    },
    Reconnected {
        waba: WabaId,
        number: Option<String>,
    },
    /// A part of the chats. Parts may overtake each other.
    History {
        phone: PhoneNumberId,
        phase: u32,
        chunk: u32,
        /// 100: the last part.
        progress: u32,
    },
    /// The customer did not want to share them (2593109).
    HistoryDeclined { phone: PhoneNumberId },
    /// Contacts that were added or changed, and that were removed.
    Contacts {
        phone: PhoneNumberId,
        added: u32,
        removed: u32,
    },
    /// What was sent from the app.
    Echoes { phone: PhoneNumberId, count: u32 },
}

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
    history: Vec<History>,
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
struct History {
    metadata: Chunk,
    errors: Vec<Failure>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Chunk {
    phase: u32,
    chunk_order: u32,
    progress: u32,
}

#[derive(Deserialize)]
struct Failure {
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

/// Reads one element of `changes`. `entry`: the id of the entry it stands in, which is the account for most
/// events and the partner's portfolio for some. `None`: nothing we act on.
pub fn recognise(entry: &str, change: &[u8]) -> Option<News> {
    let Change { field, value } = crate::json::from_slice(change).ok()?;
    if let Some(event) = value.event.as_deref() {
        return of_account(entry, event, value.waba_info, value.phone_number);
    }
    let phone = PhoneNumberId::parse(&value.metadata.phone_number_id?.0).ok()?;
    let count = |list: usize| u32::try_from(list).unwrap_or(u32::MAX);
    match field.as_deref() {
        Some("history") => {
            let part = value.history.first()?;
            if part.errors.iter().any(|failure| failure.code == DECLINED) {
                return Some(News::HistoryDeclined { phone });
            }
            let Chunk {
                phase,
                chunk_order,
                progress,
            } = part.metadata;
            Some(News::History {
                phone,
                phase,
                chunk: chunk_order,
                progress,
            })
        }
        Some("smb_app_state_sync") => {
            let is_removal = |one: &&StateSync| one.action == "remove";
            let removed = value.state_sync.iter().filter(is_removal).count();
            Some(News::Contacts {
                phone,
                added: count(value.state_sync.len() - removed),
                removed: count(removed),
            })
        }
        Some("smb_message_echoes") => Some(News::Echoes {
            phone,
            count: count(value.message_echoes.len()),
        }),
        _ => None,
    }
}

fn of_account(entry: &str, event: &str, info: WabaInfo, number: Option<String>) -> Option<News> {
    let named = info.waba_id.map(|id| id.0);
    let waba = WabaId::parse(named.as_deref().unwrap_or(entry)).ok()?;
    match event {
        // The entry is the partner's own: without an account in it there is none.
        "PARTNER_ADDED" | "PARTNER_APP_INSTALLED" => named.map(|_| News::PartnerAdded {
            waba,
            owner: info
                .owner_business_id
                .and_then(|id| BusinessId::parse(&id.0).ok()),
            solutions: info.solution_id.into_iter().map(|id| id.0).collect(),
        }),
        "PARTNER_REMOVED" | "PARTNER_APP_UNINSTALLED" => {
            Some(News::PartnerRemoved { waba, number })
        }
        "ACCOUNT_OFFBOARDED" => Some(News::Offboarded { waba, number }),
        "ACCOUNT_RECONNECTED" => Some(News::Reconnected { waba, number }),
        _ => None,
    }
}

/// "History sharing is turned off by the customer."
const DECLINED: i64 = 2_593_109;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value as Json, json};

    const PARTNER: &str = "2000000000000001";
    const WABA: &str = "5000000000000001";

    fn read(entry: &str, change: Json) -> Option<News> {
        recognise(entry, change.to_string().as_bytes())
    }

    fn waba() -> WabaId {
        WabaId::parse(WABA).unwrap()
    }

    fn phone() -> PhoneNumberId {
        PhoneNumberId::parse("6000000000000001").unwrap()
    }

    #[test]
    fn a_new_customer_comes_with_its_solution_wherever_the_field_stands() {
        let info = json!({"waba_id": WABA, "owner_business_id": "4000000000000001",
            "solution_id": "7000000000000001", "solution_partner_business_ids": ["1"]});
        let value = json!({"event": "PARTNER_ADDED", "waba_info": info});
        let want = News::PartnerAdded {
            waba: waba(),
            owner: BusinessId::parse("4000000000000001").ok(),
            solutions: vec!["7000000000000001".into()],
        };
        for change in [
            json!({"field": "account_update", "value": value}),
            json!({"value": value}),
            json!({"value": {"field": "account_update", "event": "PARTNER_ADDED", "waba_info": info}}),
        ] {
            assert_eq!(read(PARTNER, change).as_ref(), Some(&want));
        }
        let alone = json!({"field": "account_update", "value": {"event": "PARTNER_ADDED"}});
        assert_eq!(read(PARTNER, alone), None, "the partner is no account");
    }

    #[test]
    fn numbers_leave_and_come_back() {
        let number = Some("16315550101".to_owned());
        for (event, want) in [
            (
                "PARTNER_REMOVED",
                News::PartnerRemoved {
                    waba: waba(),
                    number: number.clone(),
                },
            ),
            (
                "ACCOUNT_OFFBOARDED",
                News::Offboarded {
                    waba: waba(),
                    number: number.clone(),
                },
            ),
            (
                "ACCOUNT_RECONNECTED",
                News::Reconnected {
                    waba: waba(),
                    number,
                },
            ),
        ] {
            let value = json!({"event": event, "phone_number": "16315550101"});
            let change = json!({"field": "account_update", "value": value});
            assert_eq!(read(WABA, change), Some(want), "{event}");
        }
    }

    #[test]
    fn chats_contacts_and_echoes_are_told_apart() {
        let with = |field: &str, more: Json| {
            let mut value = json!({"messaging_product": "whatsapp", "metadata":
                {"display_phone_number": "16315550101", "phone_number_id": "6000000000000001"}});
            value
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            read(WABA, json!({"field": field, "value": value}))
        };
        let part = json!({"history": [{"metadata": {"phase": 1, "chunk_order": 2, "progress": 55}, "threads": [{}]}]});
        let (phase, chunk, progress) = (1, 2, 55);
        let want = News::History {
            phone: phone(),
            phase,
            chunk,
            progress,
        };
        assert_eq!(with("history", part), Some(want));
        let declined = json!({"history": [{"errors": [{"code": 2_593_109, "title": "x"}]}]});
        assert_eq!(
            with("history", declined),
            Some(News::HistoryDeclined { phone: phone() })
        );
        let contacts = json!({"state_sync": [{"type": "contact", "action": "add"}, {"action": "remove"}, {"action": "add"}]});
        let want = News::Contacts {
            phone: phone(),
            added: 2,
            removed: 1,
        };
        assert_eq!(with("smb_app_state_sync", contacts), Some(want));
        let echoes = json!({"message_echoes": [{"id": "wamid.1"}]});
        assert_eq!(
            with("smb_message_echoes", echoes),
            Some(News::Echoes {
                phone: phone(),
                count: 1
            })
        );
    }

    #[test]
    fn anything_else_is_passed_over() {
        for change in [
            json!({}),
            json!({"field": "messages", "value": {"metadata": {"phone_number_id": "6000000000000001"}}}),
            json!({"field": "account_update", "value": {"event": "DISABLED_UPDATE"}}),
            json!({"field": "history", "value": {"history": []}}),
            json!({"value": {"event": "PARTNER_ADDED", "waba_info": {"waba_id": "not digits"}}}),
            json!([]),
        ] {
            assert_eq!(read(WABA, change.clone()), None, "{change}");
        }
        assert_eq!(recognise(WABA, b"<html>"), None);
    }
}
