//! Meta's webhooks: the callback URL of an app, and what is sent to it.

use crate::test_sandbox::*;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What an app's server received: signature and body. It answers the first `failures` with 500.
#[derive(Default)]
struct Receiver {
    received: Mutex<Vec<(String, String)>>,
    failures: Mutex<usize>,
}

async fn handshake(Query(query): Query<HashMap<String, String>>) -> (StatusCode, String) {
    match query.get("hub.verify_token").map(String::as_str) {
        Some("right") => (
            StatusCode::OK,
            query.get("hub.challenge").cloned().unwrap_or_default(),
        ),
        _ => (StatusCode::FORBIDDEN, String::new()),
    }
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let signature = headers["x-hub-signature-256"]
        .to_str()
        .expect("ASCII")
        .to_owned();
    let body = String::from_utf8(body.to_vec()).expect("UTF-8");
    receiver
        .received
        .lock()
        .expect("lock")
        .push((signature, body));
    let mut failures = receiver.failures.lock().expect("lock");
    if *failures > 0 {
        *failures -= 1;
        return StatusCode::INTERNAL_SERVER_ERROR;
    }
    StatusCode::OK
}

/// A server, and its URL.
async fn start_receiver() -> (Arc<Receiver>, String) {
    let receiver = Arc::new(Receiver::default());
    let app = Router::new()
        .route("/hook", get(handshake).post(receive))
        .layer(axum::extract::DefaultBodyLimit::disable())
        .with_state(receiver.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let url = format!("http://{}/hook", listener.local_addr().expect("bound"));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (receiver, url)
}

fn sign(body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any key");
    mac.update(body.as_bytes());
    let digits = mac.finalize().into_bytes();
    let digits: String = digits.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

#[tokio::test]
async fn callback_url_is_set_after_the_handshake_only() {
    let sandbox = TestSandbox::start().await;
    let (_, url) = start_receiver().await;
    let path = format!("{APP}/subscriptions");
    for (token, status) in [("wrong", 400), ("right", 200)] {
        let params = json!({"object": "whatsapp_business_account", "callback_url": url,
            "verify_token": token, "fields": "account_update, messages"});
        let reply = sandbox.post(&path, APP_TOKEN, params).await;
        assert_eq!(reply.0, status, "{}", reply.1);
        if status == 400 {
            assert_graph_error(&reply, 400, 2200, 0, "Callback verification failed");
        }
    }
    let row = sandbox.get(&path, APP_TOKEN).await.1["data"][0].clone();
    assert_eq!(row["callback_url"], url);
    assert_eq!(row["fields"].as_array().map(Vec::len), Some(2));
    let params = json!({"callback_url": url, "verify_token": "wrong"});
    let refused = sandbox.control(Method::PUT, "webhook", params).await;
    assert_eq!(refused.0, 400, "{}", refused.1);
}

#[tokio::test]
async fn webhooks_are_signed_batched_and_repeated() {
    let sandbox = TestSandbox::start().await;
    let (receiver, url) = start_receiver().await;
    let callback = json!({"callback_url": url, "verify_token": "right"});
    assert_eq!(
        sandbox.control(Method::PUT, "webhook", callback).await.0,
        204
    );
    sandbox.rules(json!({"webhook_retry_ms": 1})).await;
    *receiver.failures.lock().expect("lock") = 2;
    let change = |number: u64| json!({"entry_id": WABA, "time": 1, "field": "f", "value": {"n": number, "text": "é😀"}});
    let changes: Vec<Value> = (0..25).map(change).collect();
    let request =
        json!({"changes": changes, "batch": 10, "copies": 2, "shuffle": true, "pad_to": 5_000});
    let (status, reply) = sandbox.control(Method::POST, "webhooks", request).await;
    assert_eq!(status, 200, "{reply}");
    let deliveries = reply["deliveries"].as_array().expect("a list");
    assert_eq!(deliveries.len(), 6);
    assert!(
        deliveries
            .iter()
            .all(|one| one["status"] == 200 && one["bytes"] == 5_000),
        "{reply}"
    );
    let received = receiver.received.lock().expect("lock").clone();
    assert_eq!(received.len(), 8, "two were repeated");
    for (signature, body) in &received {
        assert_eq!(*signature, sign(body));
        assert!(
            body.is_ascii() && body.contains(r"\u00e9\ud83d\ude00"),
            "{body}"
        );
        let body: Value = serde_json::from_str(body).expect("JSON");
        let changes = body["entry"][0]["changes"].as_array().map(Vec::len);
        assert!([Some(10), Some(5)].contains(&changes), "{changes:?}");
    }
}

#[tokio::test]
async fn webhook_that_is_never_accepted_is_given_up() {
    let sandbox = TestSandbox::start().await;
    let (receiver, url) = start_receiver().await;
    let callback = json!({"callback_url": url, "verify_token": "right"});
    sandbox.control(Method::PUT, "webhook", callback).await;
    sandbox
        .rules(json!({"webhook_retry_ms": 1, "webhook_retries": 3}))
        .await;
    *receiver.failures.lock().expect("lock") = 100;
    let (_, reply) = sandbox
        .control(Method::POST, "webhooks", json!({"body": "{}"}))
        .await;
    let delivery = &reply["deliveries"][0];
    assert_eq!(
        (&delivery["status"], &delivery["attempts"]),
        (&json!(500), &json!(4))
    );
}

#[tokio::test]
async fn finished_flow_is_a_webhook_by_itself() {
    let sandbox = TestSandbox::start().await;
    let (receiver, url) = start_receiver().await;
    let callback = json!({"callback_url": url, "verify_token": "right"});
    sandbox.control(Method::PUT, "webhook", callback).await;
    sandbox.control(Method::POST, "codes", json!({})).await;
    for _ in 0..100 {
        if !receiver.received.lock().expect("lock").is_empty() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let received = receiver.received.lock().expect("lock").clone();
    let body: Value = serde_json::from_str(&received.first().expect("a webhook").1).expect("JSON");
    let change = &body["entry"][0]["changes"][0];
    assert_eq!(
        body["entry"][0]["id"], "2000000000000001",
        "the partner's portfolio"
    );
    assert_eq!(change["value"]["event"], "PARTNER_ADDED");
    assert_eq!(change["value"]["waba_info"]["waba_id"], WABA);
}
