//! `subscribed_apps` and its override, with Meta's verification request.

use crate::test_sandbox::*;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const PATH: &str = "5000000000000001/subscribed_apps";

#[tokio::test]
async fn subscribe_without_override_clears_the_override() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    assert_eq!(sandbox.get(PATH, &token).await, (200, json!({"data": []})));
    let params = json!({"override_callback_uri": "https://hooks.example/a", "verify_token": "v"});
    let reply = sandbox.post(PATH, &token, params.clone()).await;
    assert_graph_error(
        &reply,
        400,
        100,
        0,
        "(#100) Before override the current callback uri, your app must be subscribed",
    );
    assert_eq!(
        sandbox.post(PATH, &token, Value::Null).await,
        (200, json!({"success": true}))
    );
    assert_eq!(sandbox.post(PATH, &token, params).await.0, 200);
    let row = sandbox.get(PATH, &token).await.1["data"][0].clone();
    assert_eq!(row["whatsapp_business_api_data"]["id"], APP);
    assert_eq!(row["override_callback_uri"], "https://hooks.example/a");
    assert_eq!(sandbox.post(PATH, &token, Value::Null).await.0, 200);
    let row = sandbox.get(PATH, &token).await.1["data"][0].clone();
    assert!(row.get("override_callback_uri").is_none(), "{row}");
    assert_eq!(sandbox.post(PATH, &token, Value::Null).await.0, 200);
    assert_eq!(
        sandbox.count("path=*/subscribed_apps&effect=true").await,
        3,
        "the last one changed nothing"
    );

    let response = sandbox
        .send(Method::DELETE, PATH, &token, None)
        .await
        .expect("a response");
    assert_eq!(response.status(), 200);
    assert_eq!(sandbox.get(PATH, &token).await.1, json!({"data": []}));
}

#[tokio::test]
async fn override_without_url_or_verify_token_is_refused() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    sandbox.post(PATH, &token, Value::Null).await;
    let long = format!("https://hooks.example/{}", "a".repeat(200));
    for (uri, verify, message) in [
        ("not a url", "v", "must be a URL"),
        (long.as_str(), "v", "at most 200"),
        ("https://hooks.example/a", "", "verify_token"),
    ] {
        let params = json!({"override_callback_uri": uri, "verify_token": verify});
        assert_graph_error(
            &sandbox.post(PATH, &token, params).await,
            400,
            100,
            0,
            message,
        );
    }
}

#[tokio::test]
async fn override_url_is_verified_before_the_reply() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    sandbox.post(PATH, &token, Value::Null).await;
    for (echo, status) in [(true, 200), (false, 400)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let uri = format!(
            "http://127.0.0.1:{}/hook?x=1",
            listener.local_addr().expect("bound").port()
        );
        let callback = tokio::spawn(respond_once(listener, echo));
        let params = json!({"override_callback_uri": uri, "verify_token": "secret-token"});
        let reply = sandbox.post(PATH, &token, params).await;
        let request = callback.await.expect("called");
        assert!(
            request.starts_with("GET /hook?x=1&hub.mode=subscribe&hub.challenge="),
            "{request}"
        );
        assert!(
            request.contains("&hub.verify_token=secret-token HTTP/1.1"),
            "{request}"
        );
        assert_eq!(reply.0, status);
        if !echo {
            assert_graph_error(&reply, 400, 2200, 0, "Callback verification failed");
        }
    }
    sandbox.rules(json!({"handshake": false})).await;
    let params = json!({"override_callback_uri": "http://127.0.0.1:9/", "verify_token": "v"});
    assert_eq!(
        sandbox.post(PATH, &token, params).await.0,
        200,
        "no verification by rule"
    );
}

/// Accepts one connection and responds with the challenge, or with something else; returns the request.
async fn respond_once(listener: TcpListener, echo: bool) -> String {
    let (mut tcp, _) = listener.accept().await.expect("a connection");
    let mut bytes = vec![0; 4096];
    let read = tcp.read(&mut bytes).await.expect("a request");
    let request = String::from_utf8_lossy(&bytes[..read]).into_owned();
    let challenge = request
        .split("hub.challenge=")
        .nth(1)
        .and_then(|rest| rest.split('&').next());
    let body = if echo {
        challenge.unwrap_or_default()
    } else {
        "no"
    };
    let response = format!(
        "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    tcp.write_all(response.as_bytes()).await.expect("written");
    request
}
