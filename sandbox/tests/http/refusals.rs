//! Who may not do what: kinds of token, scopes, other people's WABAs, proofs, unknown paths and fields.

use crate::client::*;
use embark_sandbox::app_proof;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn somebody_elses_waba_looks_like_one_that_is_not_there() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    for id in [
        "5000000000000009",
        "5000000000000002",
        "5999999999999999",
        "6000000000000009",
    ] {
        let told = lab.get(id, &token).await;
        refused(
            &told,
            400,
            100,
            33,
            &format!("Unsupported get request. Object with ID '{id}' does not exist"),
        );
        assert_eq!(told.1["error"]["type"], "GraphMethodException");
    }
    let told = lab
        .post("6000000000000009/register", &token, json!({}))
        .await;
    refused(
        &told,
        400,
        100,
        33,
        "Unsupported post request. Object with ID '6000000000000009'",
    );
    let told = lab.get("5000000000000002/phone_numbers", &token).await;
    refused(&told, 400, 100, 33, "5000000000000002");
}

#[tokio::test]
async fn each_wrong_kind_of_token_has_its_own_refusal() {
    let lab = Lab::start().await;
    let business = lab.token(json!({})).await;
    let register = format!("{PHONE}/register");
    for path in [
        WABA,
        PHONE,
        "5000000000000001/phone_numbers",
        "5000000000000001/subscribed_apps",
    ] {
        refused(
            &lab.get(path, "").await,
            400,
            104,
            0,
            "access token is required",
        );
        refused(
            &lab.get(path, "EAAnope").await,
            401,
            190,
            0,
            "Invalid OAuth access token",
        );
        refused(&lab.get(path, APP_TOKEN).await, 403, 200, 0, "(#200)");
        assert_eq!(
            lab.get(path, SYSTEM).await.0,
            200,
            "the system user may read: {path}"
        );
    }
    let body = json!({"messaging_product": "whatsapp", "pin": "123456"});
    refused(
        &lab.post(&register, SYSTEM, body.clone()).await,
        403,
        10,
        0,
        "(#10)",
    );
    refused(
        &lab.post(&register, APP_TOKEN, body).await,
        403,
        200,
        0,
        "(#200)",
    );
    let told = lab
        .get(
            "2000000000000001/client_whatsapp_business_accounts",
            &business,
        )
        .await;
    refused(&told, 403, 200, 0, "(#200)");
    assert_eq!(lab.phone(PHONE).await["platform_type"], "NOT_APPLICABLE");
}

#[tokio::test]
async fn an_assigned_system_user_may_change_things() {
    let lab = Lab::start().await;
    lab.token(json!({})).await;
    let path = format!("{WABA}/assigned_users?user=8000000000000001&tasks=['MANAGE']");
    assert_eq!(
        lab.post(&path, SYSTEM, json!({})).await,
        (200, json!({"success": true}))
    );
    let (_, list) = lab
        .get(
            &format!("{WABA}/assigned_users?business=2000000000000001"),
            SYSTEM,
        )
        .await;
    assert_eq!(list["data"][0]["tasks"], json!(["MANAGE"]));
    assert_eq!(
        lab.post(&format!("{WABA}/subscribed_apps"), SYSTEM, json!({}))
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn missing_scopes_are_refused_by_what_they_miss() {
    let lab = Lab::start().await;
    let token = lab
        .token(json!({"scopes": ["whatsapp_business_management"]}))
        .await;
    assert_eq!(lab.get(WABA, &token).await.0, 200);
    refused(&lab.register(&token, "123456").await, 403, 10, 0, "(#10)");
    let token = lab.token(json!({"scopes": ["business_management"]})).await;
    refused(
        &lab.get(WABA, &token).await,
        403,
        200,
        0,
        "whatsapp_business_management",
    );
}

#[tokio::test]
async fn proofs_are_wanted_by_rule_and_checked_always() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    let right = app_proof(SECRET, &token);
    assert_eq!(lab.get(WABA, &token).await.0, 200);
    let wrong = lab.get(&format!("{WABA}?appsecret_proof=00"), &token).await;
    refused(
        &wrong,
        400,
        100,
        0,
        "Invalid appsecret_proof provided in the API argument",
    );

    lab.rules(json!({"require_proof": true})).await;
    let missing = lab.get(WABA, &token).await;
    refused(
        &missing,
        400,
        100,
        0,
        "API calls from the server require an appsecret_proof argument",
    );
    assert_eq!(
        lab.get(&format!("{WABA}?appsecret_proof={right}"), &token)
            .await
            .0,
        200
    );
    let posted = json!({"appsecret_proof": right});
    assert_eq!(
        lab.post(&format!("{WABA}/subscribed_apps"), &token, posted)
            .await
            .0,
        200
    );
    let debug = lab
        .get(&format!("debug_token?input_token={token}"), APP_TOKEN)
        .await;
    assert_eq!(debug.0, 200, "app tokens need no proof");
    let words: Vec<Value> = lab
        .log("path=*/5*")
        .await
        .iter()
        .map(|entry| entry["proof"].clone())
        .collect();
    assert_eq!(words, ["missing", "wrong", "missing", "ok", "ok"]);
}

#[tokio::test]
async fn unknown_fields_and_paths_are_named() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    let told = lab
        .get(&format!("{WABA}?fields=id,shoe_size"), &token)
        .await;
    refused(
        &told,
        400,
        100,
        0,
        "nonexisting field (shoe_size) on node type (WhatsAppBusinessAccount)",
    );
    refused(
        &lab.get("nothing/here", &token).await,
        400,
        2500,
        0,
        "Unknown path components",
    );
    let told = told_by(&lab, Method::DELETE, &format!("{PHONE}/register"), &token).await;
    refused(&told, 400, 100, 33, "Unsupported delete request");
}

#[tokio::test]
async fn oauth_errors_say_so_in_www_authenticate() {
    let lab = Lab::start().await;
    let response = lab
        .send(Method::GET, WABA, "EAAnope", None)
        .await
        .expect("answers");
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
async fn a_revoked_token_is_190_everywhere() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    let world = lab.control(Method::GET, "world", Value::Null).await.1;
    let id = world["tokens"]
        .as_object()
        .and_then(|all| all.keys().next())
        .expect("one token")
        .clone();
    lab.control(
        Method::PATCH,
        &format!("tokens/{id}"),
        json!({"is_valid": false}),
    )
    .await;
    refused(
        &lab.get(WABA, &token).await,
        401,
        190,
        458,
        "not authorized",
    );
    let (_, body) = lab
        .get(&format!("debug_token?input_token={token}"), APP_TOKEN)
        .await;
    assert_eq!(body["data"]["is_valid"], false);
}

#[tokio::test]
async fn lost_tokens_come_back_only_where_the_app_may_fetch_them() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    let path = "4000000000000001/system_user_access_tokens";
    let proof = app_proof(SECRET, SYSTEM);
    let body = json!({"fetch_only": true, "appsecret_proof": proof});
    refused(
        &lab.post(path, SYSTEM, json!({"fetch_only": true})).await,
        400,
        100,
        0,
        "appsecret_proof",
    );
    refused(
        &lab.post(path, SYSTEM, body.clone()).await,
        500,
        3,
        0,
        "(#3)",
    );
    lab.rules(json!({"recover_tokens": true})).await;
    assert_eq!(
        lab.post(path, SYSTEM, body.clone()).await,
        (200, json!({"access_token": token}))
    );
    refused(
        &lab.post(path, &token, json!({})).await,
        403,
        200,
        0,
        "(#200)",
    );
    let told = lab
        .post("4000000000000002/system_user_access_tokens", SYSTEM, body)
        .await;
    refused(&told, 400, 100, 33, "4000000000000002");
}

async fn told_by(lab: &Lab, method: Method, path: &str, token: &str) -> Told {
    told(lab.send(method, path, token, None).await.expect("answers")).await
}
