//! Which token may do what: kinds of token, scopes, foreign WABAs, proofs; and unknown paths and fields.

use crate::test_sandbox::*;
use embark_sandbox::appsecret_proof;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn foreign_waba_has_the_error_of_a_missing_one() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    for id in [
        "5000000000000009",
        "5000000000000002",
        "5999999999999999",
        "6000000000000009",
    ] {
        let reply = sandbox.get(id, &token).await;
        assert_graph_error(
            &reply,
            400,
            100,
            33,
            &format!("Unsupported get request. Object with ID '{id}' does not exist"),
        );
        assert_eq!(reply.1["error"]["type"], "GraphMethodException");
    }
    let reply = sandbox
        .post("6000000000000009/register", &token, json!({}))
        .await;
    assert_graph_error(
        &reply,
        400,
        100,
        33,
        "Unsupported post request. Object with ID '6000000000000009'",
    );
    let reply = sandbox.get("5000000000000002/phone_numbers", &token).await;
    assert_graph_error(&reply, 400, 100, 33, "5000000000000002");
}

#[tokio::test]
async fn wrong_kind_of_token_has_its_error() {
    let sandbox = TestSandbox::start().await;
    let business = sandbox.token(json!({})).await;
    let register = format!("{PHONE}/register");
    for path in [
        WABA,
        PHONE,
        "5000000000000001/phone_numbers",
        "5000000000000001/subscribed_apps",
    ] {
        assert_graph_error(
            &sandbox.get(path, "").await,
            400,
            104,
            0,
            "access token is required",
        );
        assert_graph_error(
            &sandbox.get(path, "EAAnope").await,
            401,
            190,
            0,
            "Invalid OAuth access token",
        );
        assert_graph_error(&sandbox.get(path, APP_TOKEN).await, 403, 200, 0, "(#200)");
        assert_eq!(
            sandbox.get(path, SYSTEM).await.0,
            200,
            "the system user may read: {path}"
        );
    }
    let body = json!({"messaging_product": "whatsapp", "pin": "123456"});
    assert_graph_error(
        &sandbox.post(&register, SYSTEM, body.clone()).await,
        403,
        10,
        0,
        "(#10)",
    );
    assert_graph_error(
        &sandbox.post(&register, APP_TOKEN, body).await,
        403,
        200,
        0,
        "(#200)",
    );
    let reply = sandbox
        .get(
            "2000000000000001/client_whatsapp_business_accounts",
            &business,
        )
        .await;
    assert_graph_error(&reply, 403, 200, 0, "(#200)");
    assert_eq!(
        sandbox.phone(PHONE).await["platform_type"],
        "NOT_APPLICABLE"
    );
}

#[tokio::test]
async fn assigned_system_user_may_change_settings() {
    let sandbox = TestSandbox::start().await;
    sandbox.token(json!({})).await;
    let path = format!("{WABA}/assigned_users?user=8000000000000001&tasks=['MANAGE']");
    assert_eq!(
        sandbox.post(&path, SYSTEM, json!({})).await,
        (200, json!({"success": true}))
    );
    let (_, list) = sandbox
        .get(
            &format!("{WABA}/assigned_users?business=2000000000000001"),
            SYSTEM,
        )
        .await;
    assert_eq!(list["data"][0]["tasks"], json!(["MANAGE"]));
    assert_eq!(
        sandbox
            .post(&format!("{WABA}/subscribed_apps"), SYSTEM, json!({}))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn missing_scope_is_refused_by_its_name() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox
        .token(json!({"scopes": ["whatsapp_business_management"]}))
        .await;
    assert_eq!(sandbox.get(WABA, &token).await.0, 200);
    assert_graph_error(
        &sandbox.register(&token, "123456").await,
        403,
        10,
        0,
        "(#10)",
    );
    let token = sandbox
        .token(json!({"scopes": ["business_management"]}))
        .await;
    assert_graph_error(
        &sandbox.get(WABA, &token).await,
        403,
        200,
        0,
        "whatsapp_business_management",
    );
}

#[tokio::test]
async fn appsecret_proof_is_required_by_rule_and_checked_always() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    let right = appsecret_proof(SECRET, &token);
    assert_eq!(sandbox.get(WABA, &token).await.0, 200);
    let wrong = sandbox
        .get(&format!("{WABA}?appsecret_proof=00"), &token)
        .await;
    assert_graph_error(
        &wrong,
        400,
        100,
        0,
        "Invalid appsecret_proof provided in the API argument",
    );

    sandbox.rules(json!({"require_proof": true})).await;
    let missing = sandbox.get(WABA, &token).await;
    assert_graph_error(
        &missing,
        400,
        100,
        0,
        "API calls from the server require an appsecret_proof argument",
    );
    assert_eq!(
        sandbox
            .get(&format!("{WABA}?appsecret_proof={right}"), &token)
            .await
            .0,
        200
    );
    let posted = json!({"appsecret_proof": right});
    assert_eq!(
        sandbox
            .post(&format!("{WABA}/subscribed_apps"), &token, posted)
            .await
            .0,
        200
    );
    let debug = sandbox
        .get(&format!("debug_token?input_token={token}"), APP_TOKEN)
        .await;
    assert_eq!(debug.0, 200, "app tokens need no proof");
    let results: Vec<Value> = sandbox
        .log("path=*/5*")
        .await
        .iter()
        .map(|entry| entry["proof"].clone())
        .collect();
    assert_eq!(results, ["missing", "wrong", "missing", "ok", "ok"]);
}

#[tokio::test]
async fn unknown_field_or_path_is_named_in_the_error() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    let reply = sandbox
        .get(&format!("{WABA}?fields=id,shoe_size"), &token)
        .await;
    assert_graph_error(
        &reply,
        400,
        100,
        0,
        "nonexisting field (shoe_size) on node type (WhatsAppBusinessAccount)",
    );
    assert_graph_error(
        &sandbox.get("nothing/here", &token).await,
        400,
        2500,
        0,
        "Unknown path components",
    );
    let reply = send_as(
        &sandbox,
        Method::DELETE,
        &format!("{PHONE}/register"),
        &token,
    )
    .await;
    assert_graph_error(&reply, 400, 100, 33, "Unsupported delete request");
}

#[tokio::test]
async fn oauth_error_has_www_authenticate() {
    let sandbox = TestSandbox::start().await;
    let response = sandbox
        .send(Method::GET, WABA, "EAAnope", None)
        .await
        .expect("a response");
    let challenge = response.headers()["www-authenticate"]
        .to_str()
        .expect("text")
        .to_owned();
    assert!(
        challenge.starts_with("OAuth \"Facebook Platform\" \"invalid_token\""),
        "{challenge}"
    );
}

#[tokio::test]
async fn revoked_token_is_190_everywhere() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    let world = sandbox.control(Method::GET, "world", Value::Null).await.1;
    let id = world["tokens"]
        .as_object()
        .and_then(|all| all.keys().next())
        .expect("one token")
        .clone();
    sandbox
        .control(
            Method::PATCH,
            &format!("tokens/{id}"),
            json!({"is_valid": false}),
        )
        .await;
    assert_graph_error(
        &sandbox.get(WABA, &token).await,
        401,
        190,
        458,
        "not authorized",
    );
    let (_, body) = sandbox
        .get(&format!("debug_token?input_token={token}"), APP_TOKEN)
        .await;
    assert_eq!(body["data"]["is_valid"], false);
}

#[tokio::test]
async fn token_recovery_needs_the_capability() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    let path = "4000000000000001/system_user_access_tokens";
    let proof = appsecret_proof(SECRET, SYSTEM);
    let body = json!({"fetch_only": true, "appsecret_proof": proof});
    assert_graph_error(
        &sandbox
            .post(path, SYSTEM, json!({"fetch_only": true}))
            .await,
        400,
        100,
        0,
        "appsecret_proof",
    );
    assert_graph_error(
        &sandbox.post(path, SYSTEM, body.clone()).await,
        500,
        3,
        0,
        "(#3)",
    );
    sandbox.rules(json!({"recover_tokens": true})).await;
    assert_eq!(
        sandbox.post(path, SYSTEM, body.clone()).await,
        (200, json!({"access_token": token}))
    );
    assert_graph_error(
        &sandbox.post(path, &token, json!({})).await,
        403,
        200,
        0,
        "(#200)",
    );
    let reply = sandbox
        .post("4000000000000002/system_user_access_tokens", SYSTEM, body)
        .await;
    assert_graph_error(&reply, 400, 100, 33, "4000000000000002");
}

async fn send_as(sandbox: &TestSandbox, method: Method, path: &str, token: &str) -> StatusAndBody {
    read_reply(
        sandbox
            .send(method, path, token, None)
            .await
            .expect("a response"),
    )
    .await
}
