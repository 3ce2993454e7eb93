//! What goes together in a site's settings: policy, credit line, provider.

use embark_edge::terms::check;
use embark_protocol::config::Site;
use serde_json::{Value, json};

fn read(more: &Value) -> Result<(), String> {
    let mut site = json!({"key": "acme", "app": "main", "origins": ["https://shop.example"], "config_id": "3000000000000001"});
    site.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let site: Site = serde_json::from_value(site).map_err(|error| error.to_string())?;
    check(&site)
}

#[test]
fn a_policy_wants_its_settings() {
    let credit = json!({"line": "8100000000000001", "currency": "USD", "method": "share_and_attach", "system_user": "8000000000000001"});
    let with = |field: &str, value: Value| {
        let mut changed = credit.clone();
        changed[field] = value;
        json!({"policy": "solution-partner", "credit": changed})
    };
    let base = |url: &str| json!({"policy": "infobip", "solution_id": "7000000000000001", "infobip": {"base_url": url}});
    for (fits, more) in [
        (true, json!({})),
        (
            true,
            json!({"policy": "solution-partner", "credit": credit}),
        ),
        (false, json!({"policy": "solution-partner"})),
        (false, with("currency", json!("CHF"))),
        (false, with("currency", Value::Null)),
        (false, with("method", json!("both"))),
        (false, with("line", json!("x"))),
        (
            false,
            json!({"policy": "solution-partner", "credit": credit, "features": ["app_only_install"]}),
        ),
        (true, base("https://api.infobip.com")),
        (true, base("https://xk3v.api.infobip.com")),
        (false, base("https://evilapi.infobip.com.attacker.example")),
        (false, base("https://evil-api.infobip.com")),
        (false, base("http://api.infobip.com")),
        (false, base("https://api.infobip.com:8443")),
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
        let said = read(&more);
        assert_eq!(said.is_ok(), fits, "{more}: {said:?}");
    }
}

#[test]
fn a_template_is_checked_before_it_is_used() {
    let url = "https://provider.example/senders";
    for (fits, template) in [
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
        let said = read(&json!({"policy": "handoff", "handoff": template}));
        assert_eq!(said.is_ok(), fits, "{template}: {said:?}");
    }
}
