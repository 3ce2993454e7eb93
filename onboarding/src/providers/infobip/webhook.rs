//! Infobip's registration webhook, which reports the progress of a shared account.

use crate::meta::response::TextOrNumber;
use crate::time::UnixMillis;
use embark_protocol::report::ProviderSender;
use serde::{Deserialize, Serialize};
use time::format_description::well_known::Iso8601;
use time::{OffsetDateTime, PrimitiveDateTime};

/// A registration webhook, as far as it is relied on. Stored in this form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationWebhook {
    /// The account. Infobip sends it as a JSON number.
    pub waba: String,
    /// The state of the registration.
    pub status: RegistrationStatus,
    /// `lastModifiedAt`, by Infobip's clock; 0: absent or unreadable. The webhooks of an account are ordered by it.
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
/// The body is not the JSON of a registration webhook.
pub fn parse_registration_webhook(body: &[u8]) -> Result<RegistrationWebhook, serde_json::Error> {
    let wire: WebhookWire = serde_json::from_slice(body)?;
    let modified_at = wire.last_modified_at.as_deref().and_then(parse_timestamp);
    let senders = wire.senders.into_iter().take(MAX_SENDERS);
    Ok(RegistrationWebhook {
        waba: wire.business_account_id.0,
        status: wire.status,
        modified_at: modified_at.unwrap_or_default(),
        senders: senders.map(ProviderSender::from).collect(),
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WebhookWire {
    business_account_id: TextOrNumber,
    status: RegistrationStatus,
    last_modified_at: Option<String>,
    #[serde(default)]
    senders: Vec<SenderWire>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SenderWire {
    phone_number_id: Option<TextOrNumber>,
    display_phone_number: Option<String>,
    status: Option<String>,
}

impl From<SenderWire> for ProviderSender {
    fn from(wire: SenderWire) -> Self {
        let truncate = |text: String| text.chars().take(MAX_TEXT_LENGTH).collect::<String>();
        let phone_number_id = wire.phone_number_id.map(|id| truncate(id.0));
        Self {
            phone_number_id: phone_number_id.unwrap_or_default(),
            display_phone_number: wire.display_phone_number.map(truncate),
            status: truncate(wire.status.unwrap_or_default()),
        }
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
            r#"{"businessAccountId":1,"status":"DONE"}"#,
            r#"{"status":"FINISHED"}"#,
        ] {
            assert!(
                parse_registration_webhook(body.as_bytes()).is_err(),
                "{body}"
            );
        }
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
