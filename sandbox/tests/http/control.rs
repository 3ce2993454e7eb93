//! The control API: reset, world, seed, codes, patches, rules, log.

use crate::client::*;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn the_seed_world_has_what_the_readme_promises() {
    let lab = Lab::start().await;
    let (status, world) = lab.control(Method::GET, "world", Value::Null).await;
    assert_eq!(status, 200);
    for (key, value) in [
        ("app_id", APP),
        ("app_secret", SECRET),
        ("system_token", SYSTEM),
        ("config_id", "3000000000000001"),
        ("partner_business_id", "2000000000000001"),
    ] {
        assert_eq!(world[key], value, "{key}");
    }
    let phone = &world["phones"][PHONE];
    assert_eq!(
        (&phone["waba_id"], &phone["verified_name"]),
        (&json!(WABA), &json!("Lucky Shrub"))
    );
    assert_eq!(world["wabas"][WABA]["business_id"], "4000000000000001");
    let app = &world["apps"][APP];
    assert_eq!(
        app["domains"],
        json!(["https://signup.partner.example", "https://shop.example"])
    );
    assert_eq!(
        app["redirect_uris"],
        json!(["https://signup.partner.example/go/callback"])
    );
}

#[tokio::test]
async fn reset_brings_back_the_seed_and_forgets_log_faults_and_rules() {
    let lab = Lab::start().await;
    lab.token(json!({"new": true})).await;
    lab.rules(json!({"ids": "never"})).await;
    lab.fault(json!({"path": "*", "kind": "reset"})).await;
    let before = lab.control(Method::GET, "world", Value::Null).await.1;
    assert_eq!(lab.control(Method::POST, "reset", Value::Null).await.0, 204);
    let after = lab.control(Method::GET, "world", Value::Null).await.1;
    assert_ne!(before["wabas"], after["wabas"]);
    assert_eq!(
        (&after["tokens"], &after["rules"]["ids"]),
        (&json!({}), &json!("before"))
    );
    assert_eq!(
        lab.control(Method::GET, "faults", Value::Null).await.1,
        json!([])
    );
    assert_eq!(lab.log("").await.len(), 0);
}

#[tokio::test]
async fn new_codes_bring_a_business_of_their_own_and_repeatable_ids() {
    let lab = Lab::start().await;
    let mut seen = Vec::new();
    for _ in 0..2 {
        let (_, body) = lab
            .control(Method::POST, "codes", json!({"new": true}))
            .await;
        let code = body["code"].as_str().expect("a code");
        let (_, token) = lab
            .exchange(&[
                ("client_id", APP),
                ("client_secret", SECRET),
                ("code", code),
            ])
            .await;
        let token = token["access_token"].as_str().expect("a token");
        let waba = body["waba_id"].as_str().expect("an id");
        let (_, list) = lab
            .get(&format!("{waba}/phone_numbers?fields=id,status"), token)
            .await;
        assert_eq!(
            list["data"],
            json!([{"id": body["phone_number_id"], "status": "PENDING"}])
        );
        seen.push(body["waba_id"].clone());
    }
    assert_ne!(seen[0], seen[1]);
    lab.control(Method::POST, "reset", Value::Null).await;
    let (_, body) = lab
        .control(Method::POST, "codes", json!({"new": true}))
        .await;
    assert_eq!(body["waba_id"], seen[0]);
}

#[tokio::test]
async fn codes_answer_the_ids_of_what_was_ordered() {
    let lab = Lab::start().await;
    let (_, body) = lab
        .control(
            Method::POST,
            "codes",
            json!({"waba_id": "5000000000000003"}),
        )
        .await;
    assert_eq!(body["phone_number_id"], "6000000000000003");
    assert_eq!(body["business_id"], "4000000000000002");
    let (_, body) = lab.control(Method::POST, "codes", json!({})).await;
    assert_eq!(
        (&body["waba_id"], &body["phone_number_id"]),
        (&json!(WABA), &json!(PHONE))
    );
    for order in [json!({"waba_id": "1"}), json!({"app_id": "1"})] {
        assert_eq!(lab.control(Method::POST, "codes", order).await.0, 400);
    }
    let (status, _) = lab
        .control(Method::POST, "codes", json!({"wabba": "1"}))
        .await;
    assert_eq!(status, 422, "a misspelt order is refused");
}

#[tokio::test]
async fn seed_merges_rows_and_refuses_fields_nobody_knows() {
    let lab = Lab::start().await;
    let order = json!({
        "businesses": [{"id": "4700000000000001", "name": "Seeded", "owned_by_person": true}],
        "wabas": [{"id": "5700000000000001", "business_id": "4700000000000001"}],
        "phones": [{"id": PHONE, "verified_name": "Renamed"}, {"id": "6700000000000001", "waba_id": "5700000000000001"}],
        "apps": [{"id": "1700000000000001", "secret": "x", "system_token": "y"}],
    });
    let (status, world) = lab.control(Method::POST, "seed", order).await;
    assert_eq!(status, 200, "{world}");
    assert_eq!(world["phones"][PHONE]["verified_name"], "Renamed");
    assert_eq!(world["phones"][PHONE]["waba_id"], WABA, "the rest stays");
    assert_eq!(
        world["phones"]["6700000000000001"]["code_verification_status"],
        "VERIFIED"
    );
    let back = json!({"wabas": world["wabas"], "phones": world["phones"]});
    assert_eq!(
        lab.control(Method::POST, "seed", back).await.0,
        200,
        "what was shown can be seeded"
    );
    for bad in [
        json!({"phones": [{"id": PHONE, "shoe": 1}]}),
        json!({"phones": [{"verified_name": "no id"}]}),
        json!({"cats": []}),
    ] {
        let (status, body) = lab.control(Method::POST, "seed", bad).await;
        assert!(status == 400 && body["error"].is_string(), "{body}");
    }
}

#[tokio::test]
async fn rows_rules_and_faults_are_patched_or_refused() {
    let lab = Lab::start().await;
    let path = format!("phones/{PHONE}");
    let (status, phone) = lab
        .control(Method::PATCH, &path, json!({"pin": "123456"}))
        .await;
    assert_eq!((status, &phone["is_pin_enabled"]), (200, &json!(true)));
    let (_, phone) = lab
        .control(Method::PATCH, &path, json!({"pin": null}))
        .await;
    assert_eq!(phone["is_pin_enabled"], false);
    let (_, phone) = lab
        .control(Method::PATCH, &path, json!({"is_pin_enabled": true}))
        .await;
    assert_eq!(phone["pin"], Value::Null, "a PIN nobody here knows");
    for (path, row) in [
        (path.as_str(), json!({"nope": 1})),
        ("phones/1", json!({"pin": "1"})),
        ("cats/1", json!({})),
        ("rules", json!({"redirect_uri": "sometimes"})),
        ("rules", json!({"nope": true})),
    ] {
        assert_eq!(lab.control(Method::PATCH, path, row).await.0, 400, "{path}");
    }
    for fault in [
        json!({"path": "*", "kind": "sulk"}),
        json!({"path": "*", "kind": "reset", "times": 0}),
    ] {
        assert!(lab.control(Method::POST, "faults", fault).await.0 >= 400);
    }
}

#[tokio::test]
async fn the_log_shows_calls_in_order_and_no_secret() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    lab.register(&token, "246813").await;
    lab.get(&format!("debug_token?input_token={token}"), APP_TOKEN)
        .await;
    let log = lab.log("").await;
    let kinds: Vec<&Value> = log.iter().map(|entry| &entry["token_kind"]).collect();
    assert_eq!(kinds, ["none", "business", "app"]);
    assert_eq!(log[1]["n"], 2);
    assert_eq!(log[1]["body"]["messaging_product"], "whatsapp");
    let text = json!(log).to_string();
    for secret in [token.as_str(), SECRET, "246813"] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert!(
        log[1]["body"]["pin"]
            .as_str()
            .is_some_and(|pin| pin.len() == 15 && pin.starts_with("sha256:"))
    );
    assert_eq!(
        lab.count("path=*/register&method=POST&effect=true").await,
        1
    );
    assert_eq!(lab.count("path=*/register&method=GET").await, 0);
    assert_eq!(lab.count("after=2").await, 1);
}

#[tokio::test]
async fn any_origin_may_use_the_control_api_and_only_it() {
    let lab = Lab::start().await;
    for method in [Method::OPTIONS, Method::GET] {
        let url = format!("{}/_sandbox/world", lab.running.url());
        let response = lab
            .http
            .request(method, url)
            .header("origin", "https://shop.example")
            .send()
            .await;
        assert_eq!(
            response.expect("answers").headers()["access-control-allow-origin"],
            "*"
        );
    }
    let graph = lab
        .send(Method::GET, WABA, "", None)
        .await
        .expect("answers");
    assert!(graph.headers().get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn a_person_who_looks_is_told_where_things_are() {
    let lab = Lab::start().await;
    for (path, status) in [("", 200), ("/_sandbox/wrld", 404), ("/favicon.ico", 204)] {
        let url = format!("{}{path}", lab.running.url());
        assert_eq!(
            lab.http.get(url).send().await.expect("answers").status(),
            status,
            "{path}"
        );
    }
}
