//! Infobip's registration webhook, which reports the progress of a shared account.

use crate::meta::response::TextOrNumber;
use crate::time::UnixMillis;
use embark_protocol::report::ProviderSender;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::format_description::well_known::Iso8601;
use time::{OffsetDateTime, PrimitiveDateTime};

/// A registration webhook, as far as it is relied on. Stored in this form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationWebhook {
    /// The account. Infobip sends it as a JSON number.
    pub waba: String,
    /// The state of the registration. One that we do not know is in progress.
    pub status: RegistrationStatus,
    /// The state is one that we do not know: only Meta can say what it means.
    #[serde(default)]
    pub is_status_unknown: bool,
    /// `lastModifiedAt`, by Infobip's clock; 0: absent or unreadable, which counts as new. The webhooks of an account are ordered by it.
    #[serde(rename = "at")]
    pub modified_at: UnixMillis,
    /// The numbers of the account. Those of a finished registration may have failed.
    pub senders: Vec<ProviderSender>,
}

/// The state of a registration, in Infobip's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RegistrationStatus {
    /// Infobip is working on it.
    InProgress,
    /// It failed.
    Failed,
    /// It is finished; each sender has a status of its own.
    Finished,
}

/// Reads a registration webhook. Texts and lists are cut to a length that can be stored.
///
/// # Errors
/// The body is not a JSON object that names an account. Everything else may be of any type: a webhook that is refused is
/// sent again and again.
pub fn parse_registration_webhook(body: &[u8]) -> Result<RegistrationWebhook, serde_json::Error> {
    let wire: WebhookWire = serde_json::from_slice(body)?;
    let modified_at = match wire.last_modified_at {
        Value::String(text) => parse_timestamp(text.trim()),
        Value::Number(millis) => millis.as_u64().map(UnixMillis),
        _ => None,
    };
    let known = RegistrationStatus::parse(wire.status.as_str().unwrap_or_default());
    let senders = match wire.senders {
        Value::Array(senders) => senders,
        _ => vec![],
    };
    let senders = senders.into_iter().filter(Value::is_object);
    Ok(RegistrationWebhook {
        waba: wire.business_account_id.0,
        status: known.unwrap_or(RegistrationStatus::InProgress),
        is_status_unknown: known.is_none(),
        modified_at: modified_at.unwrap_or_default(),
        senders: senders.take(MAX_SENDERS).map(read_sender).collect(),
    })
}

impl RegistrationStatus {
    /// Infobip's word, in any case. `None`: it is not one of these.
    fn parse(word: &str) -> Option<Self> {
        let is = |known: &str| word.trim().eq_ignore_ascii_case(known);
        if is("IN_PROGRESS") {
            Some(Self::InProgress)
        } else if is("FAILED") {
            Some(Self::Failed)
        } else {
            is("FINISHED").then_some(Self::Finished)
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WebhookWire {
    business_account_id: TextOrNumber,
    #[serde(default)]
    status: Value,
    #[serde(default)]
    last_modified_at: Value,
    #[serde(default)]
    senders: Value,
}

/// Reads one of the senders, whose members may be of any type.
fn read_sender(sender: Value) -> ProviderSender {
    let member = |name: &str| {
        let text = match sender.get(name)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        Some(text.chars().take(MAX_TEXT_LENGTH).collect::<String>())
    };
    ProviderSender {
        phone_number_id: member("phoneNumberId").unwrap_or_default(),
        display_phone_number: member("displayPhoneNumber"),
        status: member("status").unwrap_or_default(),
    }
}

/// Reads a timestamp of ISO 8601, e.g. `2026-01-02T03:04:05.678+0000`; Infobip's offset has no colon, which
/// RFC 3339 would demand. Without an offset it is taken as UTC. `None`: anything else, or before 1970.
fn parse_timestamp(text: &str) -> Option<UnixMillis> {
    let at = OffsetDateTime::parse(text, &Iso8601::PARSING)
        .or_else(|_| PrimitiveDateTime::parse(text, &Iso8601::PARSING).map(|at| at.assume_utc()))
        .ok()?;
    let millis = at.unix_timestamp_nanos() / 1_000_000;
    u64::try_from(millis).ok().map(UnixMillis)
}

/// How many senders are kept.
const MAX_SENDERS: usize = 50;
/// How many characters of a sender's texts are kept.
const MAX_TEXT_LENGTH: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registration_webhook_keeps_every_digit_of_the_account() {
        let body = br#"{"businessAccountId":18446744073709551615,"status":"FINISHED",
            "createdAt":"2026-01-02T03:04:05.678+0000","lastModifiedAt":"2026-01-02T03:05:05.678+0000",
            "senders":[{"phoneNumberId":"600","displayPhoneNumber":"+1 631","type":"CLOUD","status":"FAILED"}]}"#;
        let webhook = parse_registration_webhook(body).unwrap();
        assert_eq!(webhook.waba, "18446744073709551615");
        assert_eq!(webhook.status, RegistrationStatus::Finished);
        assert_eq!(webhook.modified_at, UnixMillis(1_767_323_105_678));
        assert_eq!(webhook.senders[0].status, "FAILED");
    }

    #[test]
    fn other_bodies_are_no_registration_webhook() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"businessAccountId":1.5,"status":"FINISHED"}"#,
            r#"{"businessAccountId":null,"status":"FINISHED"}"#,
            r#"{"status":"FINISHED"}"#,
        ] {
            assert!(
                parse_registration_webhook(body.as_bytes()).is_err(),
                "{body}"
            );
        }
    }

    #[test]
    fn webhook_of_unknown_or_missing_values_is_read() {
        let read = |members: &str| {
            let body = format!(r#"{{"businessAccountId":"50000"{members}}}"#);
            parse_registration_webhook(body.as_bytes()).unwrap()
        };
        for (status, want, unknown) in [
            (
                r#","status":"PENDING""#,
                RegistrationStatus::InProgress,
                true,
            ),
            (
                r#","status":"finished""#,
                RegistrationStatus::Finished,
                false,
            ),
            (r#","status":" Failed ""#, RegistrationStatus::Failed, false),
            (
                r#","status":"in_progress""#,
                RegistrationStatus::InProgress,
                false,
            ),
            (r#","status":null"#, RegistrationStatus::InProgress, true),
            (r#","status":7"#, RegistrationStatus::InProgress, true),
            ("", RegistrationStatus::InProgress, true),
        ] {
            let webhook = read(status);
            assert_eq!(
                (webhook.status, webhook.is_status_unknown),
                (want, unknown),
                "{status}"
            );
            assert_eq!(
                (webhook.modified_at, webhook.senders.len()),
                (UnixMillis(0), 0)
            );
        }
        for (senders, count) in [
            ("null", 0),
            ("{}", 0),
            (r#""none""#, 0),
            (r#"[null,7,{"phoneNumberId":600,"status":null}]"#, 1),
        ] {
            let webhook = read(&format!(r#","senders":{senders},"lastModifiedAt":{{}}"#));
            assert_eq!(webhook.senders.len(), count, "{senders}");
        }
        let millis = read(r#","lastModifiedAt":1767323105678"#).modified_at;
        assert_eq!(millis, UnixMillis(1_767_323_105_678));
    }

    #[test]
    fn timestamp_offset_is_read_with_and_without_a_colon() {
        for (text, want) in [
            ("1970-01-01T00:00:00.000+0000", Some(0)),
            ("2026-01-02T03:04:05.678+0000", Some(1_767_323_045_678)),
            ("2026-01-02T03:04:05Z", Some(1_767_323_045_000)),
            ("2026-01-02T04:34:05+01:30", Some(1_767_323_045_000)),
            ("2026-01-01T22:04:05-0500", Some(1_767_323_045_000)),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800_000)),
            ("2026-13-02T03:04:05Z", None),
            ("yesterday", None),
            ("2026-01-02T03:04:05.678", Some(1_767_323_045_678)),
            ("1969-12-31T23:59:59.999Z", None),
            ("2026-02-29T00:00:00Z", None),
            ("2026-01-02T03:04:05.678+0000 ", None),
            ("", None),
            ("2026-01-02", None),
        ] {
            assert_eq!(parse_timestamp(text), want.map(UnixMillis), "{text}");
        }
    }
}
