//! Infobip ("WhatsApp Tech Provider Program"): the account is shared with it, it registers the numbers
//! itself, and says by webhook how far it is. The success body of `share-waba` is not documented: any 2xx
//! counts. Entity and application are associated by Infobip: the entity's id is the customer's business
//! portfolio.

use super::{Facts, Taken};
use crate::graph::answer::TextOrNumber;
use crate::graph::{Failure, Heard, error};
use crate::outbound::{DEADLINE_MS, Request, is_allowed};
use crate::run::Ms;
use embark_protocol::SiteId;
use embark_protocol::partner::{Infobip, Message, NewSender, Scheme};
use embark_protocol::report::Sender;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The site's secret of Infobip's account.
pub const SECRET: &str = "infobip";

/// `POST /whatsapp/1/embedded-signup/registrations/share-waba`.
pub fn share_waba(infobip: &Infobip, facts: &Facts<'_>) -> Request {
    let path = "/whatsapp/1/embedded-signup/registrations/share-waba";
    let body = json!({"businessAccountId": facts.waba.as_str()});
    post("share_waba", infobip, facts.site, path, &body)
}

/// `POST …/registrations/business-account/{id}/senders`: one more number of a shared account.
pub fn add_sender(infobip: &Infobip, site: &SiteId, waba: &str, sender: &Value) -> Request {
    let path = [
        "/whatsapp/1/embedded-signup/registrations/business-account/",
        waba,
        "/senders",
    ];
    post("add_sender", infobip, site, &path.concat(), sender)
}

/// The number as Infobip wants it.
pub fn sender(order: &NewSender) -> Value {
    json!({
        "countryCode": order.country_code,
        "phoneNumber": order.phone_number,
        "displayName": order.display_name,
        "type": order.kind,
        "locale": order.locale,
    })
}

/// A test message, counted for the customer's entity; `template` or `text`.
pub fn message(infobip: &Infobip, order: &Message) -> (&'static str, Value) {
    let content = match &order.template {
        None => json!({"text": order.text}),
        Some(template) => json!({
            "templateName": template,
            "templateData": {"body": {"placeholders": order.placeholders}},
            "language": order.language,
        }),
    };
    let entity = order.business_id.as_ref().map(ToString::to_string);
    let fields = [
        ("from", Some(order.from.as_str().into())),
        ("to", Some(order.to.as_str().into())),
        ("content", Some(content)),
        ("entityId", entity.map(Value::from)),
        (
            "applicationId",
            infobip.application_id.clone().map(Value::from),
        ),
    ];
    let given = fields.into_iter();
    let given = given.filter_map(|(name, value)| Some((name.to_owned(), value?)));
    let message = Value::Object(given.collect());
    match order.template {
        None => ("text", message),
        Some(_) => ("template", json!({"messages": [message]})),
    }
}

/// `POST /whatsapp/1/message/template` or `/text`.
pub fn send(infobip: &Infobip, site: &SiteId, kind: &str, message: &Value) -> Request {
    let path = ["/whatsapp/1/message/", kind].concat();
    post("send_message", infobip, site, &path, message)
}

/// `GET /messages-api/1/reports`: what became of one message. Each report is handed out once.
pub fn report(infobip: &Infobip, site: &SiteId, message: &str) -> Request {
    let path = ["/messages-api/1/reports?messageId=", message].concat();
    Request {
        method: "GET",
        body: None,
        ..post("delivery_report", infobip, site, &path, &Value::Null)
    }
}

fn post(name: &'static str, infobip: &Infobip, site: &SiteId, path: &str, body: &Value) -> Request {
    let authorization = match infobip.authorization {
        Scheme::App => "App {secret:infobip}",
        Scheme::Basic => "Basic {secret_base64:infobip}",
        Scheme::Ibsso => "IBSSO {secret:infobip}",
        Scheme::Bearer => "Bearer {secret:infobip}",
    };
    Request {
        name,
        site: site.clone(),
        method: "POST",
        url: [infobip.base_url.as_str(), path].concat(),
        headers: vec![("authorization".to_owned(), authorization.to_owned())],
        body: Some(("application/json", body.to_string())),
        deadline_ms: DEADLINE_MS,
    }
}

pub fn taken(heard: Heard) -> Result<Taken, Failure> {
    error::check_provider(heard).map(|_| Taken::Pending(None))
}

/// Whether the base URL is one of Infobip's, compared by whole labels.
pub fn check(infobip: &Infobip) -> Result<(), String> {
    let host = infobip
        .base_url
        .strip_prefix("https://")
        .unwrap_or_default();
    let is_theirs = host == "api.infobip.com" || host.ends_with(".api.infobip.com");
    #[cfg(feature = "local")]
    let is_theirs = is_theirs || infobip.base_url.starts_with("http://localhost");
    if is_theirs && is_allowed(&infobip.base_url) {
        Ok(())
    } else {
        Err("infobip: base_url: https://api.infobip.com, or the account's own".to_owned())
    }
}

/// News by webhook, as far as it is relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// The account; a JSON number on the wire.
    pub waba: String,
    pub status: Status,
    /// When it changed last; 0: not said.
    pub at: Ms,
    /// A registration that is finished may have senders that failed.
    pub senders: Vec<Sender>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    InProgress,
    Failed,
    Finished,
}

/// Reads a registration webhook. `None`: it is none.
pub fn news(body: &[u8]) -> Option<News> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Wire {
        business_account_id: TextOrNumber,
        status: Status,
        last_modified_at: Option<String>,
        #[serde(default)]
        senders: Vec<WireSender>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct WireSender {
        phone_number_id: Option<TextOrNumber>,
        display_phone_number: Option<String>,
        status: Option<String>,
    }
    let wire: Wire = crate::json::from_slice(body).ok()?;
    let short = |text: String| text.chars().take(64).collect::<String>();
    let sender = |one: WireSender| Sender {
        phone_number_id: one
            .phone_number_id
            .map_or_else(String::new, |id| short(id.0)),
        display_phone_number: one.display_phone_number.map(short),
        status: short(one.status.unwrap_or_default()),
    };
    Some(News {
        waba: wire.business_account_id.0,
        status: wire.status,
        at: wire.last_modified_at.as_deref().and_then(time).unwrap_or(0),
        senders: wire.senders.into_iter().take(50).map(sender).collect(),
    })
}

/// `2026-01-02T03:04:05.678+0000`: no colon in the offset, which stricter readers refuse.
fn time(text: &str) -> Option<Ms> {
    let (date, rest) = text.split_once('T')?;
    let (clock, ahead) = match rest.find(['+', '-', 'Z']) {
        Some(at) => rest.split_at_checked(at)?,
        None => (rest, "Z"),
    };
    let mut date = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let mut clock = clock.split([':', '.']).map(|part| part.parse::<i64>().ok());
    let (hours, minutes, seconds) = (clock.next()??, clock.next()??, clock.next()??);
    let millis = clock.next().flatten().unwrap_or(0);
    let plausible = (1970..=9_999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..1_000).contains(&millis);
    let minutes = minutes - offset(ahead)?;
    let seconds = ((days(year, month, day) * 24 + hours) * 60 + minutes) * 60 + seconds;
    let at = plausible.then_some(seconds * 1_000 + millis)?;
    Ms::try_from(at).ok()
}

/// Minutes, of `Z`, `+0130` or `-01:30`.
fn offset(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if text == "Z" {
        return Some(0);
    }
    let (hours, minutes) = digits.split_at_checked(2)?;
    let whole = hours.parse::<i64>().ok()? * 60 + minutes.parse::<i64>().unwrap_or(0);
    Some(if text.starts_with('-') { -whole } else { whole })
}

/// Days from 1970-01-01, by the civil calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // March first: the leap day is the year's last.
    let (year, month) = if month < 3 {
        (year - 1, month + 9)
    } else {
        (year, month - 3)
    };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_keeps_every_digit_of_its_account() {
        let body = br#"{"businessAccountId":18446744073709551615,"status":"FINISHED",
            "createdAt":"2026-01-02T03:04:05.678+0000","lastModifiedAt":"2026-01-02T03:05:05.678+0000",
            "senders":[{"phoneNumberId":"600","displayPhoneNumber":"+1 631","type":"CLOUD","status":"FAILED"}]}"#;
        let news = news(body).unwrap();
        assert_eq!(news.waba, "18446744073709551615");
        assert_eq!(news.status, Status::Finished);
        assert_eq!(news.at, 1_767_323_105_678);
        assert_eq!(news.senders[0].status, "FAILED");
    }

    #[test]
    fn what_is_no_registration_is_none() {
        for body in [
            "",
            "[]",
            "{}",
            r#"{"businessAccountId":1.5,"status":"FINISHED"}"#,
            r#"{"businessAccountId":1,"status":"DONE"}"#,
            r#"{"status":"FINISHED"}"#,
        ] {
            assert!(news(body.as_bytes()).is_none(), "{body}");
        }
    }

    #[test]
    fn times_are_read_with_and_without_a_colon() {
        for (text, want) in [
            ("1970-01-01T00:00:00.000+0000", Some(0)),
            ("2026-01-02T03:04:05.678+0000", Some(1_767_323_045_678)),
            ("2026-01-02T03:04:05Z", Some(1_767_323_045_000)),
            ("2026-01-02T04:34:05+01:30", Some(1_767_323_045_000)),
            ("2026-01-01T22:04:05-0500", Some(1_767_323_045_000)),
            ("2024-02-29T00:00:00Z", Some(1_709_164_800_000)),
            ("2026-13-02T03:04:05Z", None),
            ("yesterday", None),
            ("2026-01-02", None),
        ] {
            assert_eq!(time(text), want, "{text}");
        }
    }
}
