//! Where webhooks are sent: to the address of a number, else of its account, else of the app; and that a number's address
//! must answer the handshake. The sandbox's own receiver is each of them.

use crate::test_sandbox::*;
use reqwest::Method;
use serde_json::{Value, json};

/// A receiver that answers the handshake, which the app's callback URL is too.
async fn start() -> (TestSandbox, String) {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    let set = json!({"verify_token": "handshake-secret"});
    let reply = sandbox.control(Method::PUT, "receiver", set).await;
    assert_eq!(reply.0, 200);
    let row = json!({"webhook_url": url(&sandbox, "app")});
    let path = format!("apps/{APP}");
    assert_eq!(sandbox.control(Method::PATCH, &path, row).await.0, 200);
    let path = format!("{WABA}/subscribed_apps");
    assert_eq!(sandbox.post(&path, &token, Value::Null).await.0, 200);
    (sandbox, token)
}

fn url(sandbox: &TestSandbox, name: &str) -> String {
    format!("{}/receiver/{name}", sandbox.running.url())
}

fn address(sandbox: &TestSandbox, name: &str) -> Value {
    json!({"override_callback_uri": url(sandbox, name), "verify_token": "handshake-secret"})
}

/// Sends a change of each field; returns the paths of the receiver that they came to.
async fn sent(sandbox: &TestSandbox, fields: &[&str]) -> Vec<String> {
    sandbox
        .control(Method::DELETE, "receiver", Value::Null)
        .await;
    let change = |field: &&str| {
        json!({"entry_id": WABA, "field": field,
        "value": {"metadata": {"phone_number_id": PHONE}}})
    };
    let changes: Vec<Value> = fields.iter().map(change).collect();
    let request = json!({"changes": changes, "at_once": 1});
    let reply = sandbox.control(Method::POST, "webhooks", request).await;
    assert_eq!(reply.0, 200, "{}", reply.1);
    let receiver = sandbox.control(Method::GET, "receiver", Value::Null).await;
    let received = receiver.1["received"].as_array().cloned();
    let received = received.unwrap_or_default().into_iter();
    let path = |one: Value| {
        assert_eq!(one["verified"], true, "{one}");
        let path = one["path"].as_str().unwrap_or_default();
        path.trim_start_matches("/receiver/").to_owned()
    };
    received.map(path).collect()
}

#[tokio::test]
async fn messages_go_to_the_number_then_the_account_then_the_app() {
    let (sandbox, token) = start().await;
    let fields = ["messages", "account_update"];
    assert_eq!(sent(&sandbox, &fields).await, ["app", "app"]);

    let path = format!("{WABA}/subscribed_apps");
    let reply = sandbox
        .post(&path, &token, address(&sandbox, "account"))
        .await;
    assert_eq!(reply.0, 200, "{}", reply.1);
    assert_eq!(sent(&sandbox, &fields).await, ["account", "app"]);
    let templates = ["history", "message_template_status_update"];
    assert_eq!(sent(&sandbox, &templates).await, ["account", "app"]);

    let set = json!({"webhook_configuration": address(&sandbox, "number")});
    let reply = sandbox.post(PHONE, &token, set).await;
    assert_eq!(reply.0, 200, "{}", reply.1);
    assert_eq!(sent(&sandbox, &fields).await, ["number", "app"]);
    let read = sandbox
        .get(&format!("{PHONE}?fields=webhook_configuration"), &token)
        .await;
    assert_eq!(
        read.1["webhook_configuration"],
        json!({"application": url(&sandbox, "app"), "phone_number": url(&sandbox, "number"),
            "whatsapp_business_account": url(&sandbox, "account")})
    );

    let clear = json!({"webhook_configuration": {"override_callback_uri": ""}});
    assert_eq!(sandbox.post(PHONE, &token, clear).await.0, 200);
    assert_eq!(sent(&sandbox, &fields).await, ["account", "app"]);
    assert_eq!(sandbox.post(&path, &token, Value::Null).await.0, 200);
    assert_eq!(sent(&sandbox, &fields).await, ["app", "app"]);
    let log = sandbox.log(&format!("path=*/{PHONE}")).await;
    assert!(log.iter().any(|entry| {
        entry["body"]["webhook_configuration"]["override_callback_uri"] == url(&sandbox, "number")
    }));
    let log = json!(log).to_string();
    assert!(!log.contains("handshake-secret"), "{log}");
}

#[tokio::test]
async fn address_of_a_number_must_answer_the_handshake() {
    let (sandbox, token) = start().await;
    for (verify_token, code) in [
        ("handshake-secret", 200),
        ("another-secret", 2200),
        ("", 100),
    ] {
        let set = json!({"webhook_configuration": {"override_callback_uri": url(&sandbox, "number"),
            "verify_token": verify_token}});
        let reply = sandbox.post(PHONE, &token, set).await;
        match code {
            200 => assert_eq!(reply.0, 200, "{}", reply.1),
            code => assert_eq!(reply.1["error"]["code"], code, "{}", reply.1),
        }
    }
}
