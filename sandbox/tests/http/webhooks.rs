//! `subscribed_apps` and its override, with Meta's handshake.

use crate::client::*;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const PATH: &str = "5000000000000001/subscribed_apps";

#[tokio::test]
async fn a_bare_post_subscribes_and_clears_an_override() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    assert_eq!(lab.get(PATH, &token).await, (200, json!({"data": []})));
    let order = json!({"override_callback_uri": "https://hooks.example/a", "verify_token": "v"});
    let told = lab.post(PATH, &token, order.clone()).await;
    refused(
        &told,
        400,
        100,
        0,
        "(#100) Before override the current callback uri, your app must be subscribed",
    );
    assert_eq!(
        lab.post(PATH, &token, Value::Null).await,
        (200, json!({"success": true}))
    );
    assert_eq!(lab.post(PATH, &token, order).await.0, 200);
    let row = lab.get(PATH, &token).await.1["data"][0].clone();
    assert_eq!(row["whatsapp_business_api_data"]["id"], APP);
    assert_eq!(row["override_callback_uri"], "https://hooks.example/a");
    assert_eq!(lab.post(PATH, &token, Value::Null).await.0, 200);
    let row = lab.get(PATH, &token).await.1["data"][0].clone();
    assert!(row.get("override_callback_uri").is_none(), "{row}");
    assert_eq!(lab.post(PATH, &token, Value::Null).await.0, 200);
    assert_eq!(
        lab.count("path=*/subscribed_apps&effect=true").await,
        3,
        "the last one changed nothing"
    );

    let response = lab
        .send(Method::DELETE, PATH, &token, None)
        .await
        .expect("answers");
    assert_eq!(response.status(), 200);
    assert_eq!(lab.get(PATH, &token).await.1, json!({"data": []}));
}

#[tokio::test]
async fn an_override_wants_a_url_and_a_verify_token() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    lab.post(PATH, &token, Value::Null).await;
    let long = format!("https://hooks.example/{}", "a".repeat(200));
    for (uri, verify, message) in [
        ("not a url", "v", "must be a URL"),
        (long.as_str(), "v", "at most 200"),
        ("https://hooks.example/a", "", "verify_token"),
    ] {
        let order = json!({"override_callback_uri": uri, "verify_token": verify});
        refused(&lab.post(PATH, &token, order).await, 400, 100, 0, message);
    }
}

#[tokio::test]
async fn meta_calls_the_override_back_before_it_answers() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    lab.post(PATH, &token, Value::Null).await;
    for (echo, status) in [(true, 200), (false, 400)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let uri = format!(
            "http://127.0.0.1:{}/hook?x=1",
            listener.local_addr().expect("bound").port()
        );
        let callback = tokio::spawn(answer_one(listener, echo));
        let order = json!({"override_callback_uri": uri, "verify_token": "secret-word"});
        let told = lab.post(PATH, &token, order).await;
        let request = callback.await.expect("called");
        assert!(
            request.starts_with("GET /hook?x=1&hub.mode=subscribe&hub.challenge="),
            "{request}"
        );
        assert!(
            request.contains("&hub.verify_token=secret-word HTTP/1.0"),
            "{request}"
        );
        assert_eq!(told.0, status);
        if !echo {
            refused(&told, 400, 2200, 0, "Callback verification failed");
        }
    }
    lab.rules(json!({"handshake": false})).await;
    let order = json!({"override_callback_uri": "http://127.0.0.1:9/", "verify_token": "v"});
    assert_eq!(
        lab.post(PATH, &token, order).await.0,
        200,
        "no handshake by rule"
    );
}

/// Takes one connection and answers the challenge, or something else.
async fn answer_one(listener: TcpListener, echo: bool) -> String {
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
    let answer = format!(
        "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    tcp.write_all(answer.as_bytes()).await.expect("written");
    request
}
