//! Where Meta's OpenAPI description is at hand (EMBARK_META_OPENAPI names the file), the sandbox's answers
//! may only use field names it knows, or one of a short list of additions with their reasons.

use crate::client::*;
use serde_json::{Map, Value, json};

/// Field names of ours that the description lacks: call, name, why.
const ADDITIONS: &[(&str, &str, &str)] = &[];

#[tokio::test]
async fn answers_use_field_names_meta_knows() {
    let Ok(file) = std::env::var("EMBARK_META_OPENAPI") else {
        println!("skipped: EMBARK_META_OPENAPI names no file");
        return;
    };
    let text = std::fs::read_to_string(&file).expect("the description");
    let api: Value = serde_yaml_ng::from_str(&text).expect("YAML");
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    let mut strange = Vec::new();
    let mut check = |path: &str, method: &str, told: Told| {
        assert_eq!(told.0, 200, "{path}: {}", told.1);
        let schema = &api["paths"][path][method]["responses"]["200"]["content"]["application/json"]
            ["schema"];
        assert!(!schema.is_null(), "{method} {path} is not described");
        names(&api, schema, &told.1, &mut |name| {
            if !ADDITIONS
                .iter()
                .any(|(at, known, _)| *at == path && *known == name)
            {
                strange.push(format!("{method} {path}: {name}"));
            }
        });
    };
    let fields = "id,display_phone_number,verified_name,status,quality_rating,code_verification_status,\
         platform_type,name_status,account_mode,is_pin_enabled,is_on_biz_app,throughput";
    let numbers = format!("{WABA}/phone_numbers?fields={fields}");
    check(
        "/{Version}/{WABA-ID}/phone_numbers",
        "get",
        lab.get(&numbers, &token).await,
    );
    let phone = format!("{PHONE}?fields={fields}");
    check(
        "/{Version}/{Phone-Number-ID}",
        "get",
        lab.get(&phone, &token).await,
    );
    let waba = "5000000000000001?fields=id,name,currency,timezone_id,message_template_namespace,\
         account_review_status,business_verification_status,country,ownership_type,owner_business_info";
    check("/{Version}/{WABA-ID}", "get", lab.get(waba, &token).await);
    let apps = format!("{WABA}/subscribed_apps");
    check(
        "/{Version}/{WABA-ID}/subscribed_apps",
        "post",
        lab.post(&apps, &token, Value::Null).await,
    );
    check(
        "/{Version}/{WABA-ID}/subscribed_apps",
        "get",
        lab.get(&apps, &token).await,
    );
    check(
        "/{Version}/{Phone-Number-ID}/register",
        "post",
        lab.register(&token, "123456").await,
    );
    let send = json!({"messaging_product": "whatsapp", "to": "16315550177"});
    let sent = lab.post(&format!("{PHONE}/messages"), &token, send).await;
    check("/{Version}/{Phone-Number-ID}/messages", "post", sent);
    let pin = lab.post(PHONE, &token, json!({"pin": "123456"})).await;
    check("/{Version}/{Phone-Number-ID}", "post", pin);
    assert!(strange.is_empty(), "{strange:#?}");
}

/// Reports every key of `value` that `schema` does not list. Schemas without properties say nothing.
fn names(api: &Value, schema: &Value, value: &Value, strange: &mut dyn FnMut(&str)) {
    match value {
        Value::Array(items) => {
            let inner = find(api, schema, "items");
            items
                .iter()
                .for_each(|item| names(api, &inner, item, strange));
        }
        Value::Object(fields) => {
            let known = properties(api, schema);
            for (name, value) in fields {
                match known.get(name) {
                    Some(inner) => names(api, inner, value, strange),
                    None if known.is_empty() => {}
                    None => strange(name),
                }
            }
        }
        _ => {}
    }
}

/// All properties of a schema, through `$ref`, `allOf`, `oneOf` and `anyOf`.
fn properties(api: &Value, schema: &Value) -> Map<String, Value> {
    let schema = resolved(api, schema);
    let mut all = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    for key in ["allOf", "oneOf", "anyOf"] {
        for part in schema[key].as_array().into_iter().flatten() {
            all.extend(properties(api, part));
        }
    }
    all
}

fn find(api: &Value, schema: &Value, key: &str) -> Value {
    resolved(api, schema)[key].clone()
}

fn resolved<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"]
        .as_str()
        .and_then(|reference| api.pointer(reference.trim_start_matches('#')))
    {
        Some(target) => resolved(api, target),
        None => schema,
    }
}
