//! `oauth/access_token` and `debug_token`: authorization codes, redirect URIs, and the state of a token.

use crate::test_sandbox::*;
use serde_json::{Value, json};

#[tokio::test]
async fn code_is_exchanged_by_form_json_or_query() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(json!({})).await;
    let (status, body) = sandbox
        .exchange(&[
            ("client_id", APP),
            ("client_secret", SECRET),
            ("code", &code),
        ])
        .await;
    assert_eq!(status, 200);
    assert!(
        body["access_token"]
            .as_str()
            .is_some_and(|token| token.starts_with("EAA"))
    );
    assert_eq!(
        (&body["token_type"], &body["expires_in"]),
        (&json!("bearer"), &json!(5_183_944))
    );
    assert_eq!(body.as_object().map(|fields| fields.len()), Some(3));

    let code = sandbox.code(json!({})).await;
    let params = json!({"client_id": APP, "client_secret": SECRET, "code": code,
        "grant_type": "authorization_code"});
    assert_eq!(sandbox.post("oauth/access_token", "", params).await.0, 200);

    let code = sandbox.code(json!({})).await;
    let query = format!("oauth/access_token?client_id={APP}&client_secret={SECRET}&code={code}");
    assert_eq!(sandbox.get(&query, "").await.0, 200);
    assert_eq!(
        sandbox.count("path=*/oauth/access_token&effect=true").await,
        3
    );
}

#[tokio::test]
async fn code_that_is_used_or_expired_is_refused() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(json!({})).await;
    let params = [
        ("client_id", APP),
        ("client_secret", SECRET),
        ("code", code.as_str()),
    ];
    assert_eq!(sandbox.exchange(&params).await.0, 200);
    assert_graph_error(
        &sandbox.exchange(&params).await,
        400,
        100,
        36009,
        "This authorization code has been used.",
    );

    let code = sandbox.code(json!({})).await;
    let params = [
        ("client_id", APP),
        ("client_secret", SECRET),
        ("code", code.as_str()),
    ];
    sandbox.rules(json!({"clock_offset_s": 31})).await;
    assert_graph_error(
        &sandbox.exchange(&params).await,
        400,
        100,
        36007,
        "This authorization code has expired.",
    );
    sandbox.rules(json!({"clock_offset_s": 28})).await;
    assert_eq!(
        sandbox.exchange(&params).await.0,
        200,
        "28 seconds are not 30"
    );
}

#[tokio::test]
async fn exchange_with_wrong_credentials_names_what_is_wrong() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(json!({})).await;
    for (id, secret, code, expected, subcode, message) in [
        ("9", SECRET, code.as_str(), 101, 0, "Invalid application ID"),
        (
            APP,
            "wrong",
            code.as_str(),
            1,
            0,
            "Error validating client secret.",
        ),
        (
            APP,
            SECRET,
            "nonsense",
            100,
            36007,
            "Invalid verification code format.",
        ),
    ] {
        let reply = sandbox
            .exchange(&[("client_id", id), ("client_secret", secret), ("code", code)])
            .await;
        assert_graph_error(&reply, 400, expected, subcode, message);
    }
    assert_graph_error(&sandbox.exchange(&[]).await, 400, 101, 0, "client_id");
    assert_graph_error(
        &sandbox.exchange(&[("client_id", APP)]).await,
        400,
        1,
        0,
        "client_secret",
    );
    let reply = sandbox
        .exchange(&[("client_id", APP), ("client_secret", SECRET)])
        .await;
    assert_graph_error(&reply, 400, 1, 0, "authorization code");
    assert_eq!(
        sandbox.token(json!({})).await.len(),
        63,
        "nothing above used a code up"
    );
}

#[tokio::test]
async fn code_of_another_app_is_refused() {
    let sandbox = TestSandbox::start().await;
    let app = json!({"apps": [{"id": "1000000000000002", "secret": "other", "system_token": "other-system"}]});
    assert_eq!(
        sandbox.control(reqwest::Method::POST, "seed", app).await.0,
        200
    );
    let code = sandbox.code(json!({})).await;
    let reply = sandbox
        .exchange(&[
            ("client_id", "1000000000000002"),
            ("client_secret", "other"),
            ("code", &code),
        ])
        .await;
    assert_graph_error(&reply, 400, 100, 36007, "Invalid verification code");
}

#[tokio::test]
async fn exchange_with_wrong_redirect_uri_is_36008_and_keeps_the_code() {
    let captured = "https://staticxx.facebook.com/x/connect/xd_arbiter/?version=46#cb=f1";
    let page = "https://shop.example/";
    let candidates = [None, Some(captured), Some(""), Some(page)];
    let sandbox = TestSandbox::start().await;
    for (expected, rule) in ["omit", "captured", "empty", "page"]
        .into_iter()
        .enumerate()
    {
        sandbox.rules(json!({"redirect_uri": rule})).await;
        let code = sandbox
            .code(json!({"redirect_uri": captured, "page": page}))
            .await;
        for (n, uri) in candidates.into_iter().enumerate() {
            let mut params = vec![
                ("client_id", APP),
                ("client_secret", SECRET),
                ("code", code.as_str()),
            ];
            params.extend(uri.map(|uri| ("redirect_uri", uri)));
            let reply = sandbox.exchange(&params).await;
            if n == expected {
                assert_eq!(reply.0, 200, "{rule}");
                break;
            }
            assert_graph_error(
                &reply,
                400,
                100,
                36008,
                "Please make sure your redirect_uri is identical",
            );
        }
    }
}

#[tokio::test]
async fn debug_token_needs_an_app_or_system_token_and_lists_targets() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox
        .token(json!({"wabas": ["5000000000000002", "5000000000000003"]}))
        .await;
    let path = format!("debug_token?input_token={token}");
    for viewer in [APP_TOKEN, SYSTEM] {
        let (status, body) = sandbox.get(&path, viewer).await;
        assert_eq!(status, 200);
        let data = &body["data"];
        assert_eq!(
            (&data["is_valid"], &data["app_id"]),
            (&json!(true), &json!(APP))
        );
        let targets = json!(["5000000000000003", "5000000000000002"]);
        assert_eq!(
            data["granular_scopes"][0]["target_ids"], targets,
            "newest first"
        );
        assert!(
            data["expires_at"]
                .as_u64()
                .is_some_and(|at| at > 1_700_000_000)
        );
    }
    assert_graph_error(
        &sandbox.get(&path, &token).await,
        400,
        100,
        0,
        "app access token",
    );
    assert_graph_error(
        &sandbox.get(&path, "").await,
        400,
        104,
        0,
        "access token is required",
    );
    assert_graph_error(
        &sandbox.get(&path, "unknown").await,
        401,
        190,
        0,
        "Invalid OAuth access token",
    );
    assert_graph_error(
        &sandbox.get("debug_token", APP_TOKEN).await,
        400,
        100,
        0,
        "input_token",
    );
    // The app token may come as a parameter too.
    let query = format!("{path}&access_token={APP}%7C{SECRET}");
    assert_eq!(sandbox.get(&query, "").await.1["data"]["is_valid"], true);
}

#[tokio::test]
async fn debug_token_of_expired_or_unknown_token_is_200_and_not_valid() {
    let sandbox = TestSandbox::start().await;
    let (status, body) = sandbox
        .get("debug_token?input_token=EAAnope", APP_TOKEN)
        .await;
    assert_eq!((status, &body["data"]["is_valid"]), (200, &json!(false)));
    assert_eq!(body["data"]["error"]["code"], 190);

    let token = sandbox.token(json!({})).await;
    sandbox.rules(json!({"clock_offset_s": 5_183_945})).await;
    let (_, body) = sandbox
        .get(&format!("debug_token?input_token={token}"), APP_TOKEN)
        .await;
    assert_eq!(body["data"]["error"]["subcode"], 463);
    assert_graph_error(
        &sandbox.get(WABA, &token).await,
        401,
        190,
        463,
        "Session has expired",
    );
}

#[tokio::test]
async fn debug_token_without_targets_or_expiry_follows_rule_and_code() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({"granular": false})).await;
    let scopes = |body: Value| body["data"]["granular_scopes"].clone();
    let (_, body) = sandbox
        .get(&format!("debug_token?input_token={token}"), APP_TOKEN)
        .await;
    assert_eq!(
        scopes(body)[0],
        json!({"scope": "whatsapp_business_management"})
    );

    sandbox
        .rules(json!({"granular_targets": false, "token_expires_in_s": null}))
        .await;
    let code = sandbox
        .code(json!({"scopes": ["whatsapp_business_management"]}))
        .await;
    let (_, body) = sandbox
        .exchange(&[
            ("client_id", APP),
            ("client_secret", SECRET),
            ("code", &code),
        ])
        .await;
    assert!(body.get("expires_in").is_none(), "{body}");
    let token = body["access_token"].as_str().expect("a token");
    let (_, body) = sandbox
        .get(&format!("debug_token?input_token={token}"), APP_TOKEN)
        .await;
    assert_eq!(body["data"]["expires_at"], 0);
    assert_eq!(
        scopes(body),
        json!([{"scope": "whatsapp_business_management"}])
    );
}
