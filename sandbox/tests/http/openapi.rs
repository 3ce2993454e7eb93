//! Compares the sandbox's replies with Meta's OpenAPI description, where EMBARK_META_OPENAPI names that file: they may use
//! its field names, and a short list of others with the reason for each.
//! <https://github.com/facebook/openapi>

use crate::test_sandbox::*;
use serde_json::{Map, Value, json};

/// Field names that the description lacks: path, name, and where they come from.
const ADDITIONS: &[(&str, &str, &str)] = &[
    (NUMBERS, "is_on_biz_app", COEXISTENCE),
    (NUMBERS, "is_pin_enabled", MANAGE_NUMBERS),
    (NUMBERS, "name_status", MANAGE_NUMBERS),
    (NUMBERS, "platform_type", MANAGE_NUMBERS),
    (NUMBERS, "throughput", MANAGE_NUMBERS),
    (
        NUMBER,
        "account_mode",
        "described on the list, the same node",
    ),
    (NUMBER, "is_on_biz_app", COEXISTENCE),
    (NUMBER, "is_pin_enabled", MANAGE_NUMBERS),
    (NUMBER, "platform_type", MANAGE_NUMBERS),
    (NUMBER, "status", "described on the list, the same node"),
    (NUMBER, "throughput", MANAGE_NUMBERS),
    (
        ACCOUNT,
        "message_template_namespace",
        "in the call's own list of fields",
    ),
    (
        ACCOUNT,
        "owner_business_info",
        "Meta's page on managing accounts",
    ),
    (
        APPS,
        "whatsapp_business_api_data",
        "Meta's page on webhook overrides",
    ),
    (USERS, "tasks", "Meta's page on managing system users"),
];
const ACCOUNT: &str = "/{Version}/{WABA-ID}";
const NUMBERS: &str = "/{Version}/{WABA-ID}/phone_numbers";
const APPS: &str = "/{Version}/{WABA-ID}/subscribed_apps";
const USERS: &str = "/{Version}/{WhatsApp-Business-Account-ID}/assigned_users";
const SOLUTION: &str = "/{Version}/{Solution-ID}";
const SOLUTIONS: &str = "/{Version}/{Application-ID}/whatsapp_business_solutions";
const OF_ACCOUNT: &str = "/{Version}/{WABA-ID}/solutions";
const SOLUTION_FIELDS: &str =
    "id,name,status,status_for_pending_request,owner_app,owner_permissions";
const CREDITS: &str = "/{Version}/{Business-ID}/extendedcredits";
const NUMBER: &str = "/{Version}/{Phone-Number-ID}";
const REGISTER: &str = "/{Version}/{Phone-Number-ID}/register";
const MESSAGES: &str = "/{Version}/{Phone-Number-ID}/messages";
const NUMBER_FIELDS: &str = "id,display_phone_number,verified_name,status,quality_rating,name_status,\
     code_verification_status,platform_type,account_mode,is_pin_enabled,is_on_biz_app,throughput";
const ACCOUNT_FIELDS: &str = "id,name,currency,timezone_id,message_template_namespace,country,\
     account_review_status,business_verification_status,ownership_type,owner_business_info";
const COEXISTENCE: &str = "Meta's page on onboarding business app users";
const MANAGE_NUMBERS: &str = "Meta's page on managing phone numbers";

#[tokio::test]
async fn replies_use_field_names_of_metas_openapi() {
    let Ok(file) = std::env::var("EMBARK_META_OPENAPI") else {
        println!("skipped: EMBARK_META_OPENAPI names no file");
        return;
    };
    let text = std::fs::read_to_string(&file).expect("the description");
    let api: Value = serde_yaml_ng::from_str(&text).expect("YAML");
    let sandbox = TestSandbox::start().await;
    let mut undescribed = Vec::new();
    let mut unused: Vec<_> = ADDITIONS.to_vec();
    for (path, method, reply) in replies(&sandbox).await {
        assert_eq!(reply.0, 200, "{path}: {}", reply.1);
        let described = &api["paths"][path][method]["responses"]["200"]["content"];
        let schema = &described["application/json"]["schema"];
        assert!(!schema.is_null(), "{method} {path} is not described");
        report_undescribed(&api, schema, &reply.1, &mut |name| {
            let added = |addition: &(&str, &str, &str)| (addition.0, addition.1) == (path, name);
            unused.retain(|addition| !added(addition));
            if !ADDITIONS.iter().any(added) {
                undescribed.push(format!("{method} {path}: {name}"));
            }
        });
    }
    assert!(undescribed.is_empty(), "{undescribed:#?}");
    assert!(unused.is_empty(), "no longer needed: {unused:#?}");
}

/// One successful reply of every described call that the sandbox implements.
async fn replies(sandbox: &TestSandbox) -> Vec<(&'static str, &'static str, StatusAndBody)> {
    let token = &sandbox
        .token(json!({"solution_id": "7000000000000001"}))
        .await;
    let numbers = format!("{WABA}/phone_numbers?fields={NUMBER_FIELDS}");
    let number = format!("{PHONE}?fields={NUMBER_FIELDS}");
    let account = format!("{WABA}?fields={ACCOUNT_FIELDS}");
    let apps = &format!("{WABA}/subscribed_apps");
    let message = json!({"messaging_product": "whatsapp", "to": "16315550177"});
    let users = &format!("{WABA}/assigned_users");
    let tasks = json!({"user": "8000000000000001", "tasks": ["MANAGE"]});
    let with_fields = |path: &str| format!("{path}?fields={SOLUTION_FIELDS}");
    let (solution, solutions) = (
        with_fields("7000000000000001"),
        with_fields(&format!("{APP}/whatsapp_business_solutions")),
    );
    let shared = &with_fields(&format!("{WABA}/solutions"));
    let credits = "2000000000000001/extendedcredits?fields=id,legal_entity_name";
    vec![
        (USERS, "post", sandbox.post(users, SYSTEM, tasks).await),
        (
            USERS,
            "get",
            sandbox
                .get(&format!("{users}?business=2000000000000001"), SYSTEM)
                .await,
        ),
        (SOLUTION, "get", sandbox.get(&solution, APP_TOKEN).await),
        (SOLUTIONS, "get", sandbox.get(&solutions, APP_TOKEN).await),
        (OF_ACCOUNT, "get", sandbox.get(shared, token).await),
        (CREDITS, "get", sandbox.get(credits, SYSTEM).await),
        (NUMBERS, "get", sandbox.get(&numbers, token).await),
        (NUMBER, "get", sandbox.get(&number, token).await),
        (ACCOUNT, "get", sandbox.get(&account, token).await),
        (APPS, "post", sandbox.post(apps, token, Value::Null).await),
        (APPS, "get", sandbox.get(apps, token).await),
        (REGISTER, "post", sandbox.register(token, "123456").await),
        (
            NUMBER,
            "post",
            sandbox.post(PHONE, token, json!({"pin": "123456"})).await,
        ),
        (
            MESSAGES,
            "post",
            sandbox
                .post(&format!("{PHONE}/messages"), token, message)
                .await,
        ),
    ]
}

/// Reports every key of `value` that `schema` does not list. A schema without properties allows every key.
fn report_undescribed(api: &Value, schema: &Value, value: &Value, report: &mut dyn FnMut(&str)) {
    match value {
        Value::Array(items) => {
            let inner = schema_member(api, schema, "items");
            items
                .iter()
                .for_each(|item| report_undescribed(api, &inner, item, report));
        }
        Value::Object(fields) => {
            let known = properties(api, schema);
            for (name, value) in fields {
                match known.get(name) {
                    Some(inner) => report_undescribed(api, inner, value, report),
                    None if known.is_empty() => {}
                    None => report(name),
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

/// A member of a schema, through `$ref`.
fn schema_member(api: &Value, schema: &Value, key: &str) -> Value {
    resolved(api, schema)[key].clone()
}

/// The schema that `$ref` points to, or the schema itself.
fn resolved<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"]
        .as_str()
        .and_then(|reference| api.pointer(reference.trim_start_matches('#')))
    {
        Some(target) => resolved(api, target),
        None => schema,
    }
}
