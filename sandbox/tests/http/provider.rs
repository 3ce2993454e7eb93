//! Twilio, Sinch, Gupshup, and the provider a test programs.

use crate::client::*;
use crate::infobip::ask;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::sleep;

const TWILIO: &str =
    "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpzYW5kYm94LXR3aWxpby10b2tlbg==";
const SINCH: &str = "Basic c2FuZGJveC1zaW5jaC1rZXk6c2FuZGJveC1zaW5jaC1zZWNyZXQ=";

/// Asks until the field says something else than `first`.
async fn settled(lab: &Lab, path: &str, login: &str, field: &str, first: &str) -> Value {
    for _ in 0..100 {
        let (status, body) = ask(lab, Method::GET, path, login, Value::Null).await;
        assert_eq!(status, 200, "{body}");
        if body[field] != first {
            return body;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{path} stays {first}");
}

#[tokio::test]
async fn a_twilio_sender_comes_online_or_goes_offline_with_reasons() {
    let lab = Lab::start().await;
    let path = "v2/Channels/Senders";
    let body = json!({
        "sender_id": "whatsapp:+16315550101", "configuration": {"waba_id": WABA}, "profile": {"name": "Shop"},
    });
    let create = |login: &'static str, body: Value| ask(&lab, Method::POST, path, login, body);
    for login in ["", "Basic eA==", "Bearer sandbox-twilio-token"] {
        let told = create(login, body.clone()).await;
        assert_eq!((told.0, &told.1["code"]), (401, &json!(20003)), "{login}");
    }
    let told = create(TWILIO, body.clone()).await;
    assert_eq!(told.0, 400, "nobody shared this account: {}", told.1);
    lab.token(json!({})).await;
    for (fails, end) in [(true, "OFFLINE"), (false, "ONLINE")] {
        lab.rules(json!({"provider_fails": fails, "provider_after_ms": 20}))
            .await;
        let (status, made) = create(TWILIO, body.clone()).await;
        assert_eq!(
            (status, &made["status"]),
            (201, &json!("CREATING")),
            "{made}"
        );
        let sid = made["sid"].as_str().expect("a SID");
        assert!(sid.len() == 34 && sid.starts_with("XE"), "{sid}");
        let told = settled(&lab, &format!("{path}/{sid}"), TWILIO, "status", "CREATING").await;
        assert_eq!(told["status"], end);
        assert_eq!(
            told["offline_reasons"][0]["code"].is_string(),
            fails,
            "{told}"
        );
        assert_eq!(lab.phone(PHONE).await["status"] == "CONNECTED", !fails);
    }
    let told = ask(
        &lab,
        Method::GET,
        "v2/Channels/Senders/XE0",
        TWILIO,
        Value::Null,
    )
    .await;
    assert_eq!((told.0, &told.1["code"]), (404, &json!(20404)));
    let log = lab.log("path=/v2/*&method=POST").await;
    assert_eq!(log[4]["body"]["sender_id"], "whatsapp:+16315550101");
    assert!(!json!(log).to_string().contains(&TWILIO[6..]));
}

#[tokio::test]
async fn a_sinch_sender_becomes_active_or_errs() {
    let lab = Lab::start().await;
    lab.token(json!({})).await;
    let path = "v1/projects/sandbox-project/whatsapp/senders";
    let body =
        json!({"region": "EU", "metaLocalStorage": "DE", "wabaId": WABA, "phoneNumberId": PHONE});
    let create = |login: &'static str, body: Value| ask(&lab, Method::POST, path, login, body);
    assert_eq!(create("Basic eA==", body.clone()).await.0, 401);
    for (field, value) in [
        ("region", "MOON"),
        ("wabaId", "1"),
        ("phoneNumberId", "6000000000000009"),
    ] {
        let mut wrong = body.clone();
        wrong[field] = value.into();
        assert_eq!(create(SINCH, wrong).await.0, 400, "{field}");
    }
    for (fails, end) in [(true, "ERROR"), (false, "ACTIVE")] {
        lab.rules(json!({"provider_fails": fails, "provider_after_ms": 20}))
            .await;
        let (status, made) = create("Bearer sandbox-sinch-token", body.clone()).await;
        assert_eq!(
            (status, &made["state"]),
            (201, &json!("IN_PROGRESS")),
            "{made}"
        );
        let one = format!("{path}/{}", made["id"].as_str().expect("an id"));
        assert_eq!(
            settled(&lab, &one, SINCH, "state", "IN_PROGRESS").await["state"],
            end
        );
    }
    assert_eq!(lab.phone(PHONE).await["status"], "CONNECTED");
    assert_eq!(
        ask(&lab, Method::GET, &format!("{path}/x"), SINCH, Value::Null)
            .await
            .0,
        404
    );
    lab.rules(json!({"provider_after_ms": null})).await;
    let (_, made) = create(SINCH, body).await;
    sleep(Duration::from_millis(60)).await;
    let one = format!("{path}/{}", made["id"].as_str().expect("an id"));
    let (_, told) = ask(&lab, Method::GET, &one, SINCH, Value::Null).await;
    assert_eq!(told["state"], "IN_PROGRESS", "never, by rule");
}

#[tokio::test]
async fn gupshup_registers_with_a_bare_token() {
    let lab = Lab::start().await;
    let path = "partner/app/app-1/onboarding/register";
    let register = |login| ask(&lab, Method::POST, path, login, json!({}));
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
    lab.rules(json!({"provider_fails": true})).await;
    assert_eq!(register(token).await.0, 400);
    assert_eq!(
        ask(&lab, Method::POST, "partner/app/1/x", token, json!({}))
            .await
            .0,
        404
    );
}

#[tokio::test]
async fn a_programmed_provider_answers_in_order_and_the_log_has_it_all() {
    let lab = Lab::start().await;
    assert_eq!(
        ask(&lab, Method::GET, "provider/x", "", Value::Null)
            .await
            .0,
        404
    );
    let answers = json!({"answers": [
        {"method": "POST", "path": "/provider/senders", "status": 202, "headers": {"location": "/provider/jobs/1"},
            "body": {"id": "1"}},
        {"path": "/provider/jobs/*", "body": {"state": "busy"}},
        {"path": "/provider/jobs/*", "status": 503, "headers": {"content-type": "text/html"}, "body": "<p>no</p>"},
        {"path": "/provider/jobs/*", "body": {"state": "done"}},
    ]});
    let (status, body) = lab.control(Method::PUT, "provider", answers).await;
    assert_eq!(status, 200, "{body}");
    let body = json!({"waba": WABA, "access_token": "T0P", "list": [1]});
    let url = format!("{}/provider/senders?a=b", lab.running.url());
    let sent = lab
        .http
        .post(url)
        .header("authorization", "Key K3Y")
        .header("x-api-key", "K3Y");
    let response = sent
        .header("x-request-id", "r-1")
        .json(&body)
        .send()
        .await
        .expect("answers");
    assert_eq!(response.status(), 202);
    assert_eq!(response.headers()["location"], "/provider/jobs/1");
    let mut told = Vec::new();
    for _ in 0..4 {
        told.push(ask(&lab, Method::GET, "provider/jobs/1", "", Value::Null).await);
    }
    assert_eq!(told[0], (200, json!({"state": "busy"})));
    assert_eq!(told[1], (503, json!("<p>no</p>")));
    assert_eq!(told[2], (200, json!({"state": "done"})));
    assert_eq!(told[2], told[3], "the last one repeats");
    assert_eq!(
        ask(&lab, Method::GET, "provider/senders", "", Value::Null)
            .await
            .0,
        404
    );
    ask(
        &lab,
        Method::POST,
        "provider/list",
        "",
        json!([{"pin": "123456"}, 2]),
    )
    .await;

    let log = lab.log("path=/provider/*&method=POST").await;
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
    let shown = json!(log).to_string();
    for secret in ["K3Y", "T0P", "123456"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    lab.fault(json!({"path": "/provider/*", "kind": "answer_lost"}))
        .await;
    let url = format!("{}/provider/jobs/1", lab.running.url());
    assert!(
        lab.http.get(url).send().await.is_err(),
        "faults strike here too"
    );
    let (status, _) = lab
        .control(Method::PUT, "provider", json!({"answrs": []}))
        .await;
    assert_eq!(status, 422);
}
