//! What the calls answer, read leniently: fields we do not know are passed over, enums keep their raw
//! text, and ids are strings even where a list holds numbers.

use crate::seal::Secret;
use embark_protocol::{BusinessId, PhoneNumberId, WabaId};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize};

/// `oauth/access_token`: `{"access_token","token_type","expires_in"?}`. Older pages print a bare token.
pub struct Token {
    pub token: Secret,
    /// Seconds; absent for tokens that do not expire.
    pub expires_in: Option<u64>,
}

/// Reads the token. The body holds a secret: it is parsed once, here, and dropped by the caller.
pub fn token(body: &[u8]) -> Option<Token> {
    #[derive(Deserialize)]
    struct Wire {
        access_token: String,
        expires_in: Option<u64>,
    }
    let wire: Wire = crate::json::from_slice(body).ok()?;
    let plausible = wire.access_token.len() <= 4096
        && !wire.access_token.is_empty()
        && wire
            .access_token
            .bytes()
            .all(|byte| byte.is_ascii_graphic());
    plausible.then(|| Token {
        token: Secret::new(wire.access_token),
        expires_in: wire.expires_in,
    })
}

/// `debug_token`, as far as we rely on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debugged {
    pub is_valid: bool,
    pub app_id: Option<String>,
    pub scopes: Vec<String>,
    /// Target ids of `whatsapp_business_management`, newest first. Meta stopped listing them for some
    /// tokens in June 2026, so an empty list proves nothing.
    pub wabas: Vec<WabaId>,
    /// Unix seconds; 0 never expires.
    pub expires_at: Option<u64>,
    /// e.g. `SYSTEM_USER`.
    #[serde(default)]
    pub kind: Option<String>,
}

pub fn debugged(body: &[u8]) -> Option<Debugged> {
    #[derive(Deserialize)]
    struct Wire {
        data: Data,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Data {
        is_valid: bool,
        app_id: Option<TextOrNumber>,
        scopes: Vec<String>,
        granular_scopes: Vec<Granular>,
        expires_at: Option<u64>,
        #[serde(rename = "type")]
        kind: Option<String>,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Granular {
        scope: String,
        target_ids: Vec<TextOrNumber>,
    }
    let data = crate::json::from_slice::<Wire>(body).ok()?.data;
    let wabas = data
        .granular_scopes
        .iter()
        .filter(|granular| granular.scope == MANAGEMENT)
        .flat_map(|granular| &granular.target_ids)
        .filter_map(|id| WabaId::parse(&id.0).ok())
        .take(50)
        .collect();
    let Data {
        is_valid,
        app_id,
        scopes,
        expires_at,
        kind,
        ..
    } = data;
    let app_id = app_id.map(|id| id.0);
    Some(Debugged {
        is_valid,
        app_id,
        scopes,
        wabas,
        expires_at,
        kind,
    })
}

/// The scope every policy needs.
pub const MANAGEMENT: &str = "whatsapp_business_management";
/// Needed where we register the number or send.
pub const MESSAGING: &str = "whatsapp_business_messaging";

/// `GET /{waba}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waba {
    pub id: WabaId,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub owner_business_info: Option<Owner>,
    #[serde(default)]
    pub account_review_status: Option<String>,
    #[serde(default)]
    pub primary_funding_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    pub id: BusinessId,
    #[serde(default)]
    pub name: Option<String>,
}

pub fn waba(body: &[u8]) -> Option<Waba> {
    crate::json::from_slice(body).ok()
}

/// One number, with the fields of `call::PHONE_FIELDS`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phone {
    pub id: PhoneNumberId,
    #[serde(default)]
    pub display_phone_number: Option<String>,
    #[serde(default)]
    pub verified_name: Option<String>,
    #[serde(default)]
    pub code_verification_status: Option<String>,
    #[serde(default)]
    pub platform_type: Option<String>,
    #[serde(default)]
    pub status: Option<String>,
    #[serde(default)]
    pub name_status: Option<String>,
    #[serde(default)]
    pub quality_rating: Option<String>,
    #[serde(default)]
    pub is_on_biz_app: Option<bool>,
    #[serde(default)]
    pub is_pin_enabled: Option<bool>,
}

impl Phone {
    /// Ready to send: registered with the Cloud API.
    pub fn is_connected(&self) -> bool {
        self.on_cloud() && is(&self.status, "CONNECTED")
    }

    /// The number stays in the WhatsApp Business app ("Onboarding business app users").
    pub fn is_coexistence(&self) -> bool {
        self.on_cloud() && self.is_on_biz_app == Some(true)
    }

    /// Meta wants the number verified by a code before it can be registered.
    pub fn is_unverified(&self) -> bool {
        ["NOT_VERIFIED", "UNVERIFIED", "EXPIRED"]
            .iter()
            .any(|word| is(&self.code_verification_status, word))
    }

    fn on_cloud(&self) -> bool {
        is(&self.platform_type, "CLOUD_API")
    }
}

pub fn phone(body: &[u8]) -> Option<Phone> {
    crate::json::from_slice(body).ok()
}

pub fn phone_numbers(body: &[u8]) -> Option<Vec<Phone>> {
    #[derive(Deserialize)]
    struct Wire {
        data: Vec<Phone>,
    }
    crate::json::from_slice::<Wire>(body)
        .ok()
        .map(|wire| wire.data)
}

/// Whether the app is among `subscribed_apps`.
pub fn subscribes(body: &[u8], app_id: &str) -> Option<bool> {
    #[derive(Deserialize)]
    struct Wire {
        data: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        whatsapp_business_api_data: Option<AppData>,
    }
    #[derive(Deserialize)]
    struct AppData {
        id: Option<TextOrNumber>,
    }
    let wire = crate::json::from_slice::<Wire>(body).ok()?;
    let ours = |entry: &Entry| {
        entry
            .whatsapp_business_api_data
            .as_ref()
            .and_then(|app| app.id.as_ref())
            .is_some_and(|id| id.0 == app_id)
    };
    Some(wire.data.iter().any(ours))
}

/// Whether the app's webhook for WhatsApp accounts is on, has a callback, and hears all of these fields.
pub fn listens(body: &[u8], wanted: &[&str]) -> Option<bool> {
    #[derive(Deserialize)]
    struct Wire {
        data: Vec<Hook>,
    }
    #[derive(Deserialize)]
    struct Hook {
        object: String,
        #[serde(default)]
        active: bool,
        #[serde(default)]
        callback_url: String,
        #[serde(default)]
        fields: Vec<Field>,
    }
    #[derive(Deserialize)]
    struct Field {
        name: String,
    }
    let wire = crate::json::from_slice::<Wire>(body).ok()?;
    let hears = |hook: &Hook| {
        let has = |name: &&str| hook.fields.iter().any(|field| field.name == *name);
        hook.object == "whatsapp_business_account"
            && hook.active
            && !hook.callback_url.is_empty()
            && wanted.iter().all(has)
    };
    Some(wire.data.iter().any(hears))
}

/// `{"success":true}`.
pub fn success(body: &[u8]) -> Option<()> {
    #[derive(Deserialize)]
    struct Wire {
        success: bool,
    }
    crate::json::from_slice::<Wire>(body)
        .ok()
        .filter(|wire| wire.success)
        .map(|_| ())
}

fn is(field: &Option<String>, word: &str) -> bool {
    field
        .as_deref()
        .is_some_and(|text| text.eq_ignore_ascii_case(word))
}

/// An id that Meta writes as text and, in some places, as a number. Whole numbers up to 2^64 keep their
/// digits; anything else is not an id.
pub(crate) struct TextOrNumber(pub String);

impl<'de> Deserialize<'de> for TextOrNumber {
    fn deserialize<D: Deserializer<'de>>(de: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = TextOrNumber;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("an id")
            }

            fn visit_str<E>(self, text: &str) -> Result<TextOrNumber, E> {
                Ok(TextOrNumber(text.to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<TextOrNumber, E> {
                Ok(TextOrNumber(number.to_string()))
            }
        }
        de.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_and_nonsense_is_not() {
        let body = br#"{"access_token":"EAAx","token_type":"bearer","expires_in":5183944}"#;
        let read = token(body).unwrap();
        assert_eq!(
            (read.token.secret(), read.expires_in),
            ("EAAx", Some(5_183_944))
        );
        let bad: [&[u8]; 6] = [
            b"",
            b"{}",
            b"EAAx",
            br#"{"access_token":""}"#,
            br#"{"access_token":7}"#,
            br#"{"access_"#,
        ];
        for body in bad {
            assert!(token(body).is_none());
        }
    }

    #[test]
    fn debug_token_with_and_without_targets() {
        let with = br#"{"data":{"app_id":"1","is_valid":true,"scopes":["a"],"granular_scopes":[
            {"scope":"whatsapp_business_management","target_ids":["50000",60001]},{"scope":"x"}]}}"#;
        let read = debugged(with).unwrap();
        assert_eq!(
            read.wabas.iter().map(WabaId::as_str).collect::<Vec<_>>(),
            ["50000", "60001"]
        );
        let without = br#"{"data":{"app_id":1,"is_valid":false}}"#;
        let read = debugged(without).unwrap();
        assert_eq!(
            (read.app_id.as_deref(), read.is_valid, read.wabas.len()),
            (Some("1"), false, 0)
        );
    }

    #[test]
    fn a_phone_says_how_it_stands() {
        let phone = |json: &str| serde_json::from_str::<Phone>(json).unwrap();
        let on_cloud = phone(r#"{"id":"60000","platform_type":"CLOUD_API","status":"CONNECTED"}"#);
        assert!(on_cloud.is_connected() && !on_cloud.is_coexistence());
        let coexisting =
            phone(r#"{"id":"60000","platform_type":"CLOUD_API","is_on_biz_app":true}"#);
        assert!(coexisting.is_coexistence() && !coexisting.is_connected());
        assert!(phone(r#"{"id":"60000","code_verification_status":"expired"}"#).is_unverified());
        assert!(!phone(r#"{"id":"60000","status":"SOMETHING_NEW"}"#).is_connected());
    }

    #[test]
    fn a_webhook_hears_what_it_is_subscribed_to() {
        let hook = |active: bool, url: &str, fields: &str| {
            let body = format!(
                r#"{{"data":[{{"object":"page"}},{{"object":"whatsapp_business_account",
                "callback_url":"{url}","active":{active},"fields":[{fields}]}}]}}"#
            );
            listens(body.as_bytes(), &["history", "messages"])
        };
        let both = r#"{"name":"messages","version":"v25.0"},{"name":"history"}"#;
        assert_eq!(hook(true, "https://x.example/", both), Some(true));
        assert_eq!(hook(false, "https://x.example/", both), Some(false));
        assert_eq!(hook(true, "", both), Some(false));
        assert_eq!(
            hook(true, "https://x.example/", r#"{"name":"history"}"#),
            Some(false)
        );
        assert_eq!(listens(b"<html>", &[]), None);
    }

    #[test]
    fn subscribed_apps_are_found_by_id() {
        let body = br#"{"data":[{"whatsapp_business_api_data":{"id":"111","name":"x"}}]}"#;
        assert_eq!(subscribes(body, "111"), Some(true));
        assert_eq!(subscribes(body, "222"), Some(false));
        assert_eq!(subscribes(b"<html>", "111"), None);
    }
}
