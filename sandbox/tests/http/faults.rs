//! Every kind of fault, as the client sees it and as the log shows it.

use crate::test_sandbox::*;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SUBSCRIBE: &str = "5000000000000001/subscribed_apps";

#[tokio::test]
async fn fault_reset_or_answer_lost_resets_the_connection() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    for (kind, effect) in [("reset", false), ("answer_lost", true)] {
        sandbox
            .fault(json!({"path": "*/subscribed_apps", "method": "POST", "kind": kind}))
            .await;
        let result = raw_post(&sandbox, SUBSCRIBE, &token).await;
        let error = result.expect_err("reset before a byte was sent");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{kind}");
        let entry = sandbox
            .log("path=*/subscribed_apps&method=POST")
            .await
            .pop()
            .expect("logged");
        assert_eq!(
            (&entry["fault"], &entry["effect"]),
            (&json!(kind), &json!(effect))
        );
        assert_eq!(entry["status"], 0);
        let rows = sandbox.get(SUBSCRIBE, &token).await.1["data"].clone();
        assert_eq!(
            rows.as_array().map(Vec::len),
            Some(usize::from(effect)),
            "{kind}"
        );
    }
    assert_eq!(
        sandbox.post(SUBSCRIBE, &token, Value::Null).await.0,
        200,
        "both are used up"
    );
}

#[tokio::test]
async fn exchange_with_lost_reply_uses_the_code_up() {
    let sandbox = TestSandbox::start().await;
    let code = sandbox.code(json!({})).await;
    sandbox
        .fault(json!({"path": "*/oauth/access_token", "kind": "answer_lost"}))
        .await;
    let url = format!("{}/v25.0/oauth/access_token", sandbox.running.url());
    let params = [
        ("client_id", APP),
        ("client_secret", SECRET),
        ("code", code.as_str()),
    ];
    assert!(sandbox.http.post(url).form(&params).send().await.is_err());
    assert_graph_error(
        &sandbox.exchange(&params).await,
        400,
        100,
        36009,
        "has been used",
    );
    assert_eq!(
        sandbox.count("path=*/oauth/access_token&effect=true").await,
        1
    );
}

#[tokio::test]
async fn fault_truncate_breaks_off_before_the_announced_length() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    sandbox
        .fault(json!({"path": "*/subscribed_apps", "kind": "truncate"}))
        .await;
    let response = sandbox
        .send(Method::POST, SUBSCRIBE, &token, Some(Value::Null))
        .await
        .expect("headers come");
    assert_eq!(response.status(), 200);
    assert_eq!(response.content_length(), Some(16));
    assert!(
        response.bytes().await.is_err(),
        "the body must be incomplete"
    );
    assert_eq!(sandbox.count("path=*/subscribed_apps&effect=true").await, 1);
}

#[tokio::test]
async fn fault_error_or_status_replaces_the_reply() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    sandbox.fault(json!({"path": "*/subscribed_apps", "kind": "error", "http": 500, "code": 131016, "subcode": 7,
        "message": "Service unavailable", "details": "later", "transient": true})).await;
    let reply = sandbox.post(SUBSCRIBE, &token, Value::Null).await;
    assert_graph_error(&reply, 500, 131016, 7, "Service unavailable");
    assert_eq!(reply.1["error"]["error_data"]["details"], "later");
    assert_eq!(reply.1["error"]["is_transient"], true);

    sandbox
        .fault(json!({"path": "*/subscribed_apps", "kind": "status", "http": 502, "effect": true}))
        .await;
    let response = sandbox
        .send(Method::POST, SUBSCRIBE, &token, Some(Value::Null))
        .await
        .expect("a response");
    assert_eq!(response.status(), 502);
    assert!(
        response.headers()["content-type"]
            .to_str()
            .is_ok_and(|kind| kind.starts_with("text/html"))
    );
    assert!(
        response
            .text()
            .await
            .is_ok_and(|text| text.contains("<html>"))
    );
    let effects: Vec<Value> = sandbox
        .log("path=*/subscribed_apps")
        .await
        .iter()
        .map(|entry| entry["effect"].clone())
        .collect();
    assert_eq!(
        effects,
        [json!(false), json!(true)],
        "the 502 came after the effect"
    );
    let first = &sandbox.log("path=*/subscribed_apps").await[0];
    assert_eq!(
        (&first["error_code"], &first["error_subcode"]),
        (&json!(131016), &json!(7))
    );
}

#[tokio::test]
async fn fault_with_a_misspelt_field_is_refused() {
    let sandbox = TestSandbox::start().await;
    for (fault, name) in [
        (json!({"path": "*", "kind": "reset", "tims": 1}), "tims"),
        (json!({"path": "*", "kind": "truncate", "ms": 1}), "ms"),
        (
            json!({"path": "*", "kind": "error", "http": 400, "code": 1, "detail": "x"}),
            "detail",
        ),
        (json!({"path": "*", "kind": "answer"}), "answer"),
        (json!({"kind": "reset"}), "path"),
    ] {
        let (status, body) = sandbox.control(Method::POST, "faults", fault.clone()).await;
        assert!(matches!(status, 400 | 422), "{fault}: {status}");
        assert!(body.to_string().contains(name), "{fault}: {body}");
    }
    let none = sandbox.control(Method::GET, "faults", Value::Null).await;
    assert_eq!(none.1, json!([]));
    // What GET returns can be posted again.
    sandbox
        .fault(json!({"path": "*", "kind": "status", "http": 502, "html": "x", "method": "GET"}))
        .await;
    let (_, added) = sandbox.control(Method::GET, "faults", Value::Null).await;
    sandbox.fault(added[0].clone()).await;
}

#[tokio::test]
async fn fault_error_has_the_headers_that_were_ordered() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    let usage = r#"{"5000000000000001":[{"type":"whatsapp","estimated_time_to_regain_access":7}]}"#;
    let fault = json!({"path": "*/subscribed_apps", "kind": "error", "http": 400, "code": 80008,
        "headers": {"x-business-use-case-usage": usage}});
    sandbox.fault(fault).await;
    let url = format!("{}/v25.0/{SUBSCRIBE}", sandbox.running.url());
    let response = sandbox.http.get(url).bearer_auth(&token).send().await;
    let response = response.expect("a response");
    assert_eq!(response.status().as_u16(), 400);
    assert_eq!(response.headers()["x-business-use-case-usage"], usage);
}

#[tokio::test]
async fn fault_latency_or_slow_drip_delays_the_whole_reply() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    sandbox
        .fault(json!({"path": "*/subscribed_apps", "kind": "latency", "ms": 150, "times": null}))
        .await;
    sandbox
        .fault(json!({"path": "*/subscribed_apps", "kind": "slow_drip", "ms": 60}))
        .await;
    let start = Instant::now();
    assert_eq!(
        sandbox.post(SUBSCRIBE, &token, Value::Null).await,
        (200, json!({"success": true}))
    );
    // 150 ms, then sixteen bytes in two pieces.
    assert!(
        start.elapsed() >= Duration::from_millis(270),
        "{:?}",
        start.elapsed()
    );
    let start = Instant::now();
    assert_eq!(sandbox.get(SUBSCRIBE, &token).await.0, 200);
    assert!(
        start.elapsed() >= Duration::from_millis(150),
        "still there: times is null"
    );
    assert_eq!(
        sandbox
            .control(Method::DELETE, "faults", Value::Null)
            .await
            .0,
        204
    );
    assert_eq!(
        sandbox.control(Method::GET, "faults", Value::Null).await.1,
        json!([])
    );
}

#[tokio::test]
async fn request_with_latency_is_executed_after_the_client_disconnects() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    sandbox
        .fault(json!({"path": "*/subscribed_apps", "kind": "latency", "ms": 60_000}))
        .await;
    let url = format!("{}/v25.0/{SUBSCRIBE}", sandbox.running.url());
    let request = sandbox
        .http
        .post(url)
        .bearer_auth(&token)
        .timeout(Duration::from_millis(200));
    assert!(request.send().await.is_err_and(|error| error.is_timeout()));
    assert_eq!(sandbox.count("path=*/subscribed_apps&effect=true").await, 1);
}

#[tokio::test]
async fn fault_hang_resets_the_connection_without_executing() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    sandbox
        .fault(json!({"path": "*/subscribed_apps", "kind": "hang", "ms": 200}))
        .await;
    let start = Instant::now();
    let error = raw_post(&sandbox, SUBSCRIBE, &token)
        .await
        .expect_err("reset");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(start.elapsed() >= Duration::from_millis(200));
    assert_eq!(sandbox.count("path=*/subscribed_apps&effect=true").await, 0);
}

#[tokio::test]
async fn fault_bodies_are_malformed_as_documented() {
    let sandbox = TestSandbox::start().await;
    let token = sandbox.token(json!({})).await;
    for kind in ["deep_json", "wrong_type", "redirect"] {
        sandbox
            .fault(json!({"path": "*/subscribed_apps", "kind": kind}))
            .await;
    }
    sandbox
        .fault(json!({"path": "*/subscribed_apps", "kind": "big_body", "bytes": 100_000}))
        .await;
    let deep = sandbox
        .send(Method::GET, SUBSCRIBE, &token, None)
        .await
        .expect("a response");
    let deep = deep.text().await.expect("text");
    assert!(deep.starts_with("[[[[") && serde_json::from_str::<Value>(&deep).is_err());
    assert_eq!(
        sandbox.get(SUBSCRIBE, &token).await.1["access_token"],
        12345
    );
    let redirect = sandbox
        .send(Method::GET, SUBSCRIBE, &token, None)
        .await
        .expect("a response");
    assert_eq!(
        (redirect.status().as_u16(), &redirect.headers()["location"]),
        (302, &"/_sandbox/landing".parse().expect("a header"))
    );
    let big = sandbox
        .send(Method::GET, SUBSCRIBE, &token, None)
        .await
        .expect("a response");
    let big = big.bytes().await.expect("complete");
    assert!(big.len() == 100_000 && serde_json::from_slice::<Value>(&big).is_ok());

    // A client that follows the redirect with its token appears in the log.
    let url = format!("{}/_sandbox/landing", sandbox.running.url());
    sandbox
        .http
        .get(url)
        .bearer_auth(&token)
        .send()
        .await
        .expect("lands");
    assert_eq!(
        sandbox.log("path=/_sandbox/landing").await[0]["token_kind"],
        "business"
    );
}

/// One POST over a plain socket; what was read, or the error of reading.
async fn raw_post(sandbox: &TestSandbox, path: &str, token: &str) -> std::io::Result<Vec<u8>> {
    let mut tcp = TcpStream::connect(("127.0.0.1", sandbox.running.port())).await?;
    let head = format!(
        "POST /v25.0/{path} HTTP/1.1\r\nHost: graph\r\nAuthorization: Bearer {token}\r\nContent-Length: 0\r\n\r\n"
    );
    tcp.write_all(head.as_bytes()).await?;
    let mut response = Vec::new();
    tcp.read_to_end(&mut response).await?;
    Ok(response)
}
