//! The control API: reset, world, seed, codes, patches, rules, log.

use crate::test_sandbox::*;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn seed_world_has_the_ids_of_the_readme() {
    let sandbox = TestSandbox::start().await;
    let (status, world) = sandbox.control(Method::GET, "world", Value::Null).await;
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
async fn reset_restores_the_seed_and_clears_log_faults_and_rules() {
    let sandbox = TestSandbox::start().await;
    sandbox.token(json!({"new": true})).await;
    sandbox.rules(json!({"ids": "never"})).await;
    sandbox.fault(json!({"path": "*", "kind": "reset"})).await;
    let before = sandbox.control(Method::GET, "world", Value::Null).await.1;
    assert_eq!(
        sandbox.control(Method::POST, "reset", Value::Null).await.0,
        204
    );
    let after = sandbox.control(Method::GET, "world", Value::Null).await.1;
    assert_ne!(before["wabas"], after["wabas"]);
    assert_eq!(
        (&after["tokens"], &after["rules"]["ids"]),
        (&json!({}), &json!("before"))
    );
    assert_eq!(
        sandbox.control(Method::GET, "faults", Value::Null).await.1,
        json!([])
    );
    assert_eq!(sandbox.log("").await.len(), 0);
}

#[tokio::test]
async fn code_with_new_creates_a_business_with_repeatable_ids() {
    let sandbox = TestSandbox::start().await;
    let mut waba_ids = Vec::new();
    for _ in 0..2 {
        let (_, body) = sandbox
            .control(Method::POST, "codes", json!({"new": true}))
            .await;
        let code = body["code"].as_str().expect("a code");
        let (_, token) = sandbox
            .exchange(&[
                ("client_id", APP),
                ("client_secret", SECRET),
                ("code", code),
            ])
            .await;
        let token = token["access_token"].as_str().expect("a token");
        let waba = body["waba_id"].as_str().expect("an id");
        let (_, list) = sandbox
            .get(&format!("{waba}/phone_numbers?fields=id,status"), token)
            .await;
        assert_eq!(
            list["data"],
            json!([{"id": body["phone_number_id"], "status": "PENDING"}])
        );
        waba_ids.push(body["waba_id"].clone());
    }
    assert_ne!(waba_ids[0], waba_ids[1]);
    sandbox.control(Method::POST, "reset", Value::Null).await;
    let (_, body) = sandbox
        .control(Method::POST, "codes", json!({"new": true}))
        .await;
    assert_eq!(body["waba_id"], waba_ids[0]);
}

#[tokio::test]
async fn code_reply_has_the_ids_of_the_requested_waba() {
    let sandbox = TestSandbox::start().await;
    let (_, body) = sandbox
        .control(
            Method::POST,
            "codes",
            json!({"waba_id": "5000000000000003"}),
        )
        .await;
    assert_eq!(body["phone_number_id"], "6000000000000003");
    assert_eq!(body["business_id"], "4000000000000002");
    let (_, body) = sandbox.control(Method::POST, "codes", json!({})).await;
    assert_eq!(
        (&body["waba_id"], &body["phone_number_id"]),
        (&json!(WABA), &json!(PHONE))
    );
    for request in [json!({"waba_id": "1"}), json!({"app_id": "1"})] {
        assert_eq!(sandbox.control(Method::POST, "codes", request).await.0, 400);
    }
    let (status, _) = sandbox
        .control(Method::POST, "codes", json!({"wabba": "1"}))
        .await;
    assert_eq!(status, 422, "a misspelt request is refused");
}

#[tokio::test]
async fn seed_merges_rows_and_refuses_unknown_fields() {
    let sandbox = TestSandbox::start().await;
    let rows = json!({
        "businesses": [{"id": "4700000000000001", "name": "Seeded", "owned_by_person": true}],
        "wabas": [{"id": "5700000000000001", "business_id": "4700000000000001"}],
        "phones": [{"id": PHONE, "verified_name": "Renamed"}, {"id": "6700000000000001", "waba_id": "5700000000000001"}],
        "apps": [{"id": "1700000000000001", "secret": "x", "system_token": "y"}],
    });
    let (status, world) = sandbox.control(Method::POST, "seed", rows).await;
    assert_eq!(status, 200, "{world}");
    assert_eq!(world["phones"][PHONE]["verified_name"], "Renamed");
    assert_eq!(world["phones"][PHONE]["waba_id"], WABA, "the rest stays");
    assert_eq!(
        world["phones"]["6700000000000001"]["code_verification_status"],
        "VERIFIED"
    );
    let back = json!({"wabas": world["wabas"], "phones": world["phones"]});
    assert_eq!(
        sandbox.control(Method::POST, "seed", back).await.0,
        200,
        "rows of GET world can be seeded"
    );
    for bad in [
        json!({"phones": [{"id": PHONE, "unknown": 1}]}),
        json!({"phones": [{"verified_name": "no id"}]}),
        json!({"unknown": []}),
    ] {
        let (status, body) = sandbox.control(Method::POST, "seed", bad).await;
        assert!(status == 400 && body["error"].is_string(), "{body}");
    }
}

#[tokio::test]
async fn patch_with_unknown_field_or_value_is_refused() {
    let sandbox = TestSandbox::start().await;
    let path = format!("phones/{PHONE}");
    let (status, phone) = sandbox
        .control(Method::PATCH, &path, json!({"pin": "123456"}))
        .await;
    assert_eq!((status, &phone["is_pin_enabled"]), (200, &json!(true)));
    let (_, phone) = sandbox
        .control(Method::PATCH, &path, json!({"pin": null}))
        .await;
    assert_eq!(phone["is_pin_enabled"], false);
    let (_, phone) = sandbox
        .control(Method::PATCH, &path, json!({"is_pin_enabled": true}))
        .await;
    assert_eq!(phone["pin"], Value::Null, "a PIN that no request can match");
    for (path, row) in [
        (path.as_str(), json!({"nope": 1})),
        ("phones/1", json!({"pin": "1"})),
        ("unknown/1", json!({})),
        ("rules", json!({"redirect_uri": "sometimes"})),
        ("rules", json!({"nope": true})),
    ] {
        assert_eq!(
            sandbox.control(Method::PATCH, path, row).await.0,
            400,
            "{path}"
        );
    }
    for fault in [
        json!({"path": "*", "kind": "unknown"}),
        json!({"path": "*", "kind": "reset", "times": 0}),
    ] {
        assert!(sandbox.control(Method::POST, "faults", fault).await.0 >= 400);
    }
}

#[tokio::test]
async fn log_has_requests_in_order_without_secrets() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    sandbox.register(&token, "246813").await;
    sandbox
        .get(&format!("debug_token?input_token={token}"), APP_TOKEN)
        .await;
    let log = sandbox.log("").await;
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
        sandbox
            .count("path=*/register&method=POST&effect=true")
            .await,
        1
    );
    assert_eq!(sandbox.count("path=*/register&method=GET").await, 0);
    assert_eq!(sandbox.count("after=2").await, 1);
}

#[tokio::test]
async fn control_api_alone_allows_any_origin() {
    let sandbox = TestSandbox::start().await;
    for method in [Method::OPTIONS, Method::GET] {
        let url = format!("{}/_sandbox/world", sandbox.running.url());
        let response = sandbox
            .http
            .request(method, url)
            .header("origin", "https://shop.example")
            .send()
            .await;
        assert_eq!(
            response.expect("a response").headers()["access-control-allow-origin"],
            "*"
        );
    }
    let graph = sandbox
        .send(Method::GET, WABA, "", None)
        .await
        .expect("a response");
    assert!(graph.headers().get("access-control-allow-origin").is_none());
}

#[tokio::test]
async fn root_path_shows_the_list_of_paths() {
    let sandbox = TestSandbox::start().await;
    for (path, status) in [("", 200), ("/_sandbox/wrld", 404), ("/favicon.ico", 204)] {
        let url = format!("{}{path}", sandbox.running.url());
        assert_eq!(
            sandbox
                .http
                .get(url)
                .send()
                .await
                .expect("a response")
                .status(),
            status,
            "{path}"
        );
    }
}
