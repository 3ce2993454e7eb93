//! `oauth/access_token` and `debug_token`: codes, redirect URIs, and what a token is told to be.

use crate::client::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_code_is_worth_one_token_by_form_json_or_query() {
    let lab = Lab::start().await;
    let code = lab.code(json!({})).await;
    let (status, body) = lab
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

    let code = lab.code(json!({})).await;
    let order = json!({"client_id": APP, "client_secret": SECRET, "code": code,
        "grant_type": "authorization_code"});
    assert_eq!(lab.post("oauth/access_token", "", order).await.0, 200);

    let code = lab.code(json!({})).await;
    let query = format!("oauth/access_token?client_id={APP}&client_secret={SECRET}&code={code}");
    assert_eq!(lab.get(&query, "").await.0, 200);
    assert_eq!(lab.count("path=*/oauth/access_token&effect=true").await, 3);
}

#[tokio::test]
async fn a_code_dies_on_use_and_after_thirty_seconds() {
    let lab = Lab::start().await;
    let code = lab.code(json!({})).await;
    let order = [
        ("client_id", APP),
        ("client_secret", SECRET),
        ("code", code.as_str()),
    ];
    assert_eq!(lab.exchange(&order).await.0, 200);
    refused(
        &lab.exchange(&order).await,
        400,
        100,
        36009,
        "This authorization code has been used.",
    );

    let code = lab.code(json!({})).await;
    let order = [
        ("client_id", APP),
        ("client_secret", SECRET),
        ("code", code.as_str()),
    ];
    lab.rules(json!({"clock_offset_s": 31})).await;
    refused(
        &lab.exchange(&order).await,
        400,
        100,
        36007,
        "This authorization code has expired.",
    );
    lab.rules(json!({"clock_offset_s": 28})).await;
    assert_eq!(lab.exchange(&order).await.0, 200, "28 seconds are not 30");
}

#[tokio::test]
async fn wrong_credentials_are_told_apart() {
    let lab = Lab::start().await;
    let code = lab.code(json!({})).await;
    for (id, secret, code, want, subcode, message) in [
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
        let told = lab
            .exchange(&[("client_id", id), ("client_secret", secret), ("code", code)])
            .await;
        refused(&told, 400, want, subcode, message);
    }
    refused(&lab.exchange(&[]).await, 400, 101, 0, "client_id");
    refused(
        &lab.exchange(&[("client_id", APP)]).await,
        400,
        1,
        0,
        "client_secret",
    );
    let told = lab
        .exchange(&[("client_id", APP), ("client_secret", SECRET)])
        .await;
    refused(&told, 400, 1, 0, "authorization code");
    assert_eq!(
        lab.token(json!({})).await.len(),
        63,
        "nothing above burned anything"
    );
}

#[tokio::test]
async fn a_code_of_another_app_is_no_code() {
    let lab = Lab::start().await;
    let app = json!({"apps": [{"id": "1000000000000002", "secret": "other", "system_token": "other-system"}]});
    assert_eq!(lab.control(reqwest::Method::POST, "seed", app).await.0, 200);
    let code = lab.code(json!({})).await;
    let told = lab
        .exchange(&[
            ("client_id", "1000000000000002"),
            ("client_secret", "other"),
            ("code", &code),
        ])
        .await;
    refused(&told, 400, 100, 36007, "Invalid verification code");
}

#[tokio::test]
async fn the_redirect_uri_ladder_moves_on_36008_without_burning_the_code() {
    let captured = "https://staticxx.facebook.com/x/connect/xd_arbiter/?version=46#cb=f1";
    let page = "https://shop.example/";
    let rungs = [None, Some(captured), Some(""), Some(page)];
    let lab = Lab::start().await;
    for (at, rule) in ["omit", "captured", "empty", "page"]
        .into_iter()
        .enumerate()
    {
        lab.rules(json!({"redirect_uri": rule})).await;
        let code = lab
            .code(json!({"redirect_uri": captured, "page": page}))
            .await;
        for (rung, uri) in rungs.into_iter().enumerate() {
            let mut order = vec![
                ("client_id", APP),
                ("client_secret", SECRET),
                ("code", code.as_str()),
            ];
            order.extend(uri.map(|uri| ("redirect_uri", uri)));
            let told = lab.exchange(&order).await;
            if rung == at {
                assert_eq!(told.0, 200, "{rule}");
                break;
            }
            refused(
                &told,
                400,
                100,
                36008,
                "Please make sure your redirect_uri is identical",
            );
        }
    }
}

#[tokio::test]
async fn debug_token_tells_scopes_and_targets_to_app_and_system_tokens_only() {
    let lab = Lab::start().await;
    let token = lab
        .token(json!({"wabas": ["5000000000000002", "5000000000000003"]}))
        .await;
    let path = format!("debug_token?input_token={token}");
    for viewer in [APP_TOKEN, SYSTEM] {
        let (status, body) = lab.get(&path, viewer).await;
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
    refused(
        &lab.get(&path, &token).await,
        400,
        100,
        0,
        "app access token",
    );
    refused(
        &lab.get(&path, "").await,
        400,
        104,
        0,
        "access token is required",
    );
    refused(
        &lab.get(&path, "nobody").await,
        401,
        190,
        0,
        "Invalid OAuth access token",
    );
    refused(
        &lab.get("debug_token", APP_TOKEN).await,
        400,
        100,
        0,
        "input_token",
    );
    // The app token may come as a parameter too.
    let query = format!("{path}&access_token={APP}%7C{SECRET}");
    assert_eq!(lab.get(&query, "").await.1["data"]["is_valid"], true);
}

#[tokio::test]
async fn debug_token_says_false_for_dead_and_unknown_tokens_with_status_200() {
    let lab = Lab::start().await;
    let (status, body) = lab.get("debug_token?input_token=EAAnope", APP_TOKEN).await;
    assert_eq!((status, &body["data"]["is_valid"]), (200, &json!(false)));
    assert_eq!(body["data"]["error"]["code"], 190);

    let token = lab.token(json!({})).await;
    lab.rules(json!({"clock_offset_s": 5_183_945})).await;
    let (_, body) = lab
        .get(&format!("debug_token?input_token={token}"), APP_TOKEN)
        .await;
    assert_eq!(body["data"]["error"]["subcode"], 463);
    refused(
        &lab.get(WABA, &token).await,
        401,
        190,
        463,
        "Session has expired",
    );
}

#[tokio::test]
async fn targets_can_be_withheld_by_rule_or_by_code_and_tokens_may_last_for_ever() {
    let lab = Lab::start().await;
    let token = lab.token(json!({"granular": false})).await;
    let scopes = |body: Value| body["data"]["granular_scopes"].clone();
    let (_, body) = lab
        .get(&format!("debug_token?input_token={token}"), APP_TOKEN)
        .await;
    assert_eq!(
        scopes(body)[0],
        json!({"scope": "whatsapp_business_management"})
    );

    lab.rules(json!({"granular_targets": false, "token_expires_in_s": null}))
        .await;
    let code = lab
        .code(json!({"scopes": ["whatsapp_business_management"]}))
        .await;
    let (_, body) = lab
        .exchange(&[
            ("client_id", APP),
            ("client_secret", SECRET),
            ("code", &code),
        ])
        .await;
    assert!(body.get("expires_in").is_none(), "{body}");
    let token = body["access_token"].as_str().expect("a token");
    let (_, body) = lab
        .get(&format!("debug_token?input_token={token}"), APP_TOKEN)
        .await;
    assert_eq!(body["data"]["expires_at"], 0);
    assert_eq!(
        scopes(body),
        json!([{"scope": "whatsapp_business_management"}])
    );
}
