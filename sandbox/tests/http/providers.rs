//! Twilio, Sinch, Gupshup, and the scripted provider.

use crate::infobip::send_to_provider;
use crate::test_sandbox::*;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

const TWILIO: &str =
    "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpzYW5kYm94LXR3aWxpby10b2tlbg==";
const SINCH: &str = "Basic c2FuZGJveC1zaW5jaC1rZXk6c2FuZGJveC1zaW5jaC1zZWNyZXQ=";

/// Polls until the field is no longer `first`; returns the body.
async fn poll_until_changed(
    sandbox: &TestSandbox,
    path: &str,
    login: &str,
    field: &str,
    first: &str,
) -> Value {
    for _ in 0..100 {
        let (status, body) = send_to_provider(sandbox, Method::GET, path, login, Value::Null).await;
        assert_eq!(status, 200, "{body}");
        if body[field] != first {
            return body;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{path} stays {first}");
}

#[tokio::test]
async fn twilio_sender_becomes_online_or_offline_with_reasons() {
    let sandbox = TestSandbox::start().await;
    let path = "v2/Channels/Senders";
    let body = json!({
        "sender_id": "whatsapp:+16315550101", "configuration": {"waba_id": WABA}, "profile": {"name": "Shop"},
    });
    let create = |login: &'static str, body: Value| {
        send_to_provider(&sandbox, Method::POST, path, login, body)
    };
    for login in ["", "Basic eA==", "Bearer sandbox-twilio-token"] {
        let reply = create(login, body.clone()).await;
        assert_eq!((reply.0, &reply.1["code"]), (401, &json!(20003)), "{login}");
    }
    let reply = create(TWILIO, body.clone()).await;
    assert_eq!(reply.0, 400, "a WABA that was not shared: {}", reply.1);
    sandbox.token(json!({})).await;
    for (fails, end) in [(true, "OFFLINE"), (false, "ONLINE")] {
        sandbox
            .rules(json!({"provider_fails": fails, "provider_after_ms": 20}))
            .await;
        let (status, made) = create(TWILIO, body.clone()).await;
        assert_eq!(
            (status, &made["status"]),
            (201, &json!("CREATING")),
            "{made}"
        );
        let sid = made["sid"].as_str().expect("a SID");
        assert!(sid.len() == 34 && sid.starts_with("XE"), "{sid}");
        let reply = poll_until_changed(
            &sandbox,
            &format!("{path}/{sid}"),
            TWILIO,
            "status",
            "CREATING",
        )
        .await;
        assert_eq!(reply["status"], end);
        assert_eq!(
            reply["offline_reasons"][0]["code"].is_string(),
            fails,
            "{reply}"
        );
        assert_eq!(sandbox.phone(PHONE).await["status"] == "CONNECTED", !fails);
    }
    let reply = send_to_provider(
        &sandbox,
        Method::GET,
        "v2/Channels/Senders/XE0",
        TWILIO,
        Value::Null,
    )
    .await;
    assert_eq!((reply.0, &reply.1["code"]), (404, &json!(20404)));
    let log = sandbox.log("path=/v2/*&method=POST").await;
    assert_eq!(log[4]["body"]["sender_id"], "whatsapp:+16315550101");
    assert!(!json!(log).to_string().contains(&TWILIO[6..]));
}

#[tokio::test]
async fn sinch_sender_becomes_active_or_error() {
    let sandbox = TestSandbox::start().await;
    sandbox.token(json!({})).await;
    let path = "v1/projects/sandbox-project/whatsapp/senders";
    let body =
        json!({"region": "EU", "metaLocalStorage": "DE", "wabaId": WABA, "phoneNumberId": PHONE});
    let create = |login: &'static str, body: Value| {
        send_to_provider(&sandbox, Method::POST, path, login, body)
    };
    assert_eq!(create("Basic eA==", body.clone()).await.0, 401);
    for (field, value) in [
        ("region", "XX"),
        ("wabaId", "1"),
        ("phoneNumberId", "6000000000000009"),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value.into();
        assert_eq!(create(SINCH, wrong).await.0, 400, "{field}");
    }
    for (fails, end) in [(true, "ERROR"), (false, "ACTIVE")] {
        sandbox
            .rules(json!({"provider_fails": fails, "provider_after_ms": 20}))
            .await;
        let (status, made) = create("Bearer sandbox-sinch-token", body.clone()).await;
        assert_eq!(
            (status, &made["state"]),
            (201, &json!("IN_PROGRESS")),
            "{made}"
        );
        let sender_path = format!("{path}/{}", made["id"].as_str().expect("an id"));
        assert_eq!(
            poll_until_changed(&sandbox, &sender_path, SINCH, "state", "IN_PROGRESS").await["state"],
            end
        );
    }
    assert_eq!(sandbox.phone(PHONE).await["status"], "CONNECTED");
    assert_eq!(
        send_to_provider(
            &sandbox,
            Method::GET,
            &format!("{path}/x"),
            SINCH,
            Value::Null
        )
        .await
        .0,
        404
    );
    sandbox.rules(json!({"provider_after_ms": null})).await;
    let (_, made) = create(SINCH, body).await;
    sleep(Duration::from_millis(60)).await;
    let sender_path = format!("{path}/{}", made["id"].as_str().expect("an id"));
    let (_, reply) =
        send_to_provider(&sandbox, Method::GET, &sender_path, SINCH, Value::Null).await;
    assert_eq!(reply["state"], "IN_PROGRESS", "never, by rule");
}

#[tokio::test]
async fn gupshup_register_needs_the_token_without_scheme() {
    let sandbox = TestSandbox::start().await;
    let path = "partner/app/app-1/onboarding/register";
    let register = |login| send_to_provider(&sandbox, Method::POST, path, login, json!({}));
    for login in ["", "Bearer sandbox-gupshup-token"] {
        let (status, body) = register(login).await;
        assert_eq!(
            (status, &body["message"]),
            (401, &json!("Unauthorized Access"))
        );
    }
    let token = "sandbox-gupshup-token";
    let success = json!({"status": "success", "success": true});
    assert_eq!(register(token).await, (200, success));
    sandbox.rules(json!({"provider_fails": true})).await;
    assert_eq!(register(token).await.0, 400);
    assert_eq!(
        send_to_provider(&sandbox, Method::POST, "partner/app/1/x", token, json!({}))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn scripted_provider_replies_in_order_and_is_logged() {
    let sandbox = TestSandbox::start().await;
    assert_eq!(
        send_to_provider(&sandbox, Method::GET, "provider/x", "", Value::Null)
            .await
            .0,
        404
    );
    let script = json!({"answers": [
        {"method": "POST", "path": "/provider/senders", "status": 202, "headers": {"location": "/provider/jobs/1"},
            "body": {"id": "1"}},
        {"path": "/provider/jobs/*", "body": {"state": "busy"}},
        {"path": "/provider/jobs/*", "status": 503, "headers": {"content-type": "text/html"}, "body": "<p>no</p>"},
        {"path": "/provider/jobs/*", "body": {"state": "done"}},
    ]});
    let (status, body) = sandbox.control(Method::PUT, "provider", script).await;
    assert_eq!(status, 200, "{body}");
    let body = json!({"waba": WABA, "access_token": "T0P", "list": [1]});
    let url = format!("{}/provider/senders?a=b", sandbox.running.url());
    let sent = sandbox
        .http
        .post(url)
        .header("authorization", "Key K3Y")
        .header("x-api-key", "K3Y");
    let response = sent
        .header("x-request-id", "r-1")
        .json(&body)
        .send()
        .await
        .expect("a response");
    assert_eq!(response.status(), 202);
    assert_eq!(response.headers()["location"], "/provider/jobs/1");
    let mut replies = Vec::new();
    for _ in 0..4 {
        replies.push(
            send_to_provider(&sandbox, Method::GET, "provider/jobs/1", "", Value::Null).await,
        );
    }
    assert_eq!(replies[0], (200, json!({"state": "busy"})));
    assert_eq!(replies[1], (503, json!("<p>no</p>")));
    assert_eq!(replies[2], (200, json!({"state": "done"})));
    assert_eq!(replies[2], replies[3], "the last one repeats");
    assert_eq!(
        send_to_provider(&sandbox, Method::GET, "provider/senders", "", Value::Null)
            .await
            .0,
        404
    );
    send_to_provider(
        &sandbox,
        Method::POST,
        "provider/list",
        "",
        json!([{"pin": "123456"}, 2]),
    )
    .await;

    let log = sandbox.log("path=/provider/*&method=POST").await;
    assert_eq!(
        (&log[0]["effect"], &log[0]["query"]["a"]),
        (&json!(true), &json!("b"))
    );
    assert_eq!(log[0]["headers"]["x-request-id"], "r-1");
    assert_eq!(
        (&log[0]["body"]["waba"], &log[0]["body"]["list"]),
        (&json!(WABA), &json!([1]))
    );
    assert_eq!(log[1]["body"][1], 2, "a body need not be an object");
    let text = json!(log).to_string();
    for secret in ["K3Y", "T0P", "123456"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    sandbox
        .fault(json!({"path": "/provider/*", "kind": "answer_lost"}))
        .await;
    let url = format!("{}/provider/jobs/1", sandbox.running.url());
    assert!(
        sandbox.http.get(url).send().await.is_err(),
        "faults apply here too"
    );
    let (status, _) = sandbox
        .control(Method::PUT, "provider", json!({"answrs": []}))
        .await;
    assert_eq!(status, 422);
}
