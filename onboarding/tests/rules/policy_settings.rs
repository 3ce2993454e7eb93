//! The settings that a site's policy needs: the credit line, Infobip, the template of another provider.

use crate::site_settings;
use embark_onboarding::resources::policy_settings::check;
use embark_onboarding::settings_error::SettingsErrors;
use embark_protocol::admin::SiteSettings;
use serde_json::{Value, json};

/// # Errors
/// The settings are not of their shape, or contradict each other.
fn parse_and_validate(settings: &Value) -> Result<(), String> {
    let site: SiteSettings =
        serde_json::from_value(site_settings(settings)).map_err(|error| error.to_string())?;
    let mut errors = SettingsErrors::default();
    check(&site, &mut errors);
    errors.into_result().map_err(|errors| errors.to_string())
}

#[test]
fn policy_without_its_settings_is_rejected() {
    let credit = json!({"line": "8100000000000001", "currency": "USD", "method": "share_and_attach", "system_user": "8000000000000001"});
    let with_credit = |field: &str, value: Value| {
        let mut credit = credit.clone();
        credit[field] = value;
        json!({"policy": "solution-partner", "credit": credit})
    };
    let infobip = |url: &str| json!({"policy": "infobip", "solution_id": "7000000000000001", "infobip": {"base_url": url}});
    for (accepted, settings) in [
        (true, json!({})),
        (
            true,
            json!({"policy": "solution-partner", "credit": credit}),
        ),
        (false, json!({"policy": "solution-partner"})),
        (false, with_credit("currency", json!("CHF"))),
        (false, with_credit("currency", Value::Null)),
        (false, with_credit("method", json!("both"))),
        (false, with_credit("line", json!("x"))),
        (
            false,
            json!({"policy": "solution-partner", "credit": credit, "features": ["app_only_install"]}),
        ),
        (true, infobip("https://api.infobip.com")),
        (true, infobip("https://xk3v.api.infobip.com")),
        (
            false,
            infobip("https://evilapi.infobip.com.attacker.example"),
        ),
        (false, infobip("https://evil-api.infobip.com")),
        (false, infobip("http://api.infobip.com")),
        (false, infobip("https://api.infobip.com:8443")),
        (
            false,
            json!({"policy": "infobip", "infobip": {"base_url": "https://api.infobip.com"}}),
        ),
        (
            false,
            json!({"policy": "infobip", "solution_id": "7000000000000001"}),
        ),
        (false, json!({"policy": "handoff"})),
        (false, json!({"policy": "no-such"})),
    ] {
        let result = parse_and_validate(&settings);
        assert_eq!(result.is_ok(), accepted, "{settings}: {result:?}");
    }
}

#[test]
fn template_with_bad_urls_headers_or_placeholders_is_rejected() {
    let url = "https://provider.example/senders";
    for (accepted, template) in [
        (true, json!({"url": url})),
        (
            true,
            json!({"url": "https://provider.example/{waba_id}/{const:region}", "constants": {"region": "EU"}}),
        ),
        (
            false,
            json!({"url": "https://provider.example/{const:region}"}),
        ),
        (false, json!({"url": "https://provider.example/{no_such}"})),
        (false, json!({"url": "https://{waba_id}.example/"})),
        (false, json!({"url": "https://provider.example{waba_id}/"})),
        (false, json!({"url": "http://provider.example/"})),
        (false, json!({"url": "https://10.0.0.1/"})),
        (false, json!({"url": "https://localhost/"})),
        (false, json!({"url": "https://{secret:key}.example/"})),
        (
            true,
            json!({"url": url, "headers": {"authorization": "Bearer {secret:key}"}}),
        ),
        (
            false,
            json!({"url": url, "headers": {"authorization": "Bearer {secret:No Name}", "x-bad": "{nobody}"}}),
        ),
        (
            false,
            json!({"url": url, "headers": {"host": "other.example"}}),
        ),
        (false, json!({"url": url, "headers": {"x": "a\r\nb: c"}})),
        (false, json!({"url": url, "headers": {"x y": "a"}})),
        (
            true,
            json!({"url": url, "json": {"a": ["{waba_id}", 7, null, {"b": "{phone_e164}"}]}}),
        ),
        (false, json!({"url": url, "json": {"a": "{secret:key}"}})),
        (false, json!({"url": url, "json": {"a": "{nobody}"}})),
        (false, json!({"url": url, "json": {}, "form": {"a": "b"}})),
        (
            true,
            json!({"url": url, "form": {"region": "{const:region}"}, "constants": {"region": "EU"}}),
        ),
        (
            true,
            json!({"url": url, "status": {"url": "https://provider.example/{answer:/sid}", "pointer": "/status", "done": ["ONLINE"]}}),
        ),
        (
            false,
            json!({"url": url, "status": {"url": "https://{answer:/host}/", "pointer": "/status", "done": ["ONLINE"]}}),
        ),
        (
            false,
            json!({"url": url, "status": {"url": url, "pointer": "status", "done": ["ONLINE"]}}),
        ),
        (
            false,
            json!({"url": url, "status": {"url": url, "pointer": "/status", "done": []}}),
        ),
        (
            false,
            json!({"url": url, "status": {"url": url, "pointer": "/status", "done": ["A"], "deadline_s": 9_999_999}}),
        ),
        (false, json!({"url": url, "tries": 0})),
        (false, json!({"url": url, "method": "GET"})),
        (false, json!({"url": url, "no_such": 1})),
    ] {
        let result = parse_and_validate(&json!({"policy": "handoff", "handoff": template}));
        assert_eq!(result.is_ok(), accepted, "{template}: {result:?}");
    }
}

#[test]
fn template_with_a_literal_credential_is_rejected() {
    for (accepted, name, value) in [
        (true, "authorization", "Bearer {secret:key}"),
        (true, "x-api-key", "{secret:key}"),
        (true, "idempotency-key", "{signup_id}"),
        (true, "x-customer", "shop-1"),
        (false, "authorization", "Bearer eyJhbGciOi"),
        (false, "Authorization", "Basic {const:key}"),
        (false, "x-api-key", "0123456789abcdef"),
        (false, "D360-API-KEY", "abc"),
        (false, "x-auth-token", "{signup_id}"),
        (false, "cookie", "session=1"),
    ] {
        let template = json!({"url": "https://provider.example/", "headers": {name: value},
            "constants": {"key": "a2V5"}});
        let result = parse_and_validate(&json!({"policy": "handoff", "handoff": template}));
        assert_eq!(result.is_ok(), accepted, "{name}: {value}: {result:?}");
    }
}
