//! Every kind of fault, as the client sees it and as the log tells it.

use crate::client::*;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const SUBSCRIBE: &str = "5000000000000001/subscribed_apps";

#[tokio::test]
async fn reset_and_answer_lost_really_reset_the_connection() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    for (kind, effect) in [("reset", false), ("answer_lost", true)] {
        lab.fault(json!({"path": "*/subscribed_apps", "method": "POST", "kind": kind}))
            .await;
        let end = raw_post(&lab, SUBSCRIBE, &token).await;
        let error = end.expect_err("cut before a byte was said");
        assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset, "{kind}");
        let entry = lab
            .log("path=*/subscribed_apps&method=POST")
            .await
            .pop()
            .expect("logged");
        assert_eq!(
            (&entry["fault"], &entry["effect"]),
            (&json!(kind), &json!(effect))
        );
        assert_eq!(entry["status"], 0);
        let rows = lab.get(SUBSCRIBE, &token).await.1["data"].clone();
        assert_eq!(
            rows.as_array().map(Vec::len),
            Some(usize::from(effect)),
            "{kind}"
        );
    }
    assert_eq!(
        lab.post(SUBSCRIBE, &token, Value::Null).await.0,
        200,
        "both are used up"
    );
}

#[tokio::test]
async fn an_exchange_whose_answer_was_lost_spent_the_code() {
    let lab = Lab::start().await;
    let code = lab.code(json!({})).await;
    lab.fault(json!({"path": "*/oauth/access_token", "kind": "answer_lost"}))
        .await;
    let url = format!("{}/v25.0/oauth/access_token", lab.running.url());
    let order = [
        ("client_id", APP),
        ("client_secret", SECRET),
        ("code", code.as_str()),
    ];
    assert!(lab.http.post(url).form(&order).send().await.is_err());
    refused(
        &lab.exchange(&order).await,
        400,
        100,
        36009,
        "has been used",
    );
    assert_eq!(lab.count("path=*/oauth/access_token&effect=true").await, 1);
}

#[tokio::test]
async fn truncate_breaks_off_inside_a_body_of_promised_length() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    lab.fault(json!({"path": "*/subscribed_apps", "kind": "truncate"}))
        .await;
    let response = lab
        .send(Method::POST, SUBSCRIBE, &token, Some(Value::Null))
        .await
        .expect("headers come");
    assert_eq!(response.status(), 200);
    assert_eq!(response.content_length(), Some(16));
    assert!(
        response.bytes().await.is_err(),
        "the body must not be whole"
    );
    assert_eq!(lab.count("path=*/subscribed_apps&effect=true").await, 1);
}

#[tokio::test]
async fn errors_and_statuses_stand_in_for_the_answer() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    lab.fault(json!({"path": "*/subscribed_apps", "kind": "error", "http": 500, "code": 131016, "subcode": 7,
        "message": "Service unavailable", "details": "later", "transient": true})).await;
    let told = lab.post(SUBSCRIBE, &token, Value::Null).await;
    refused(&told, 500, 131016, 7, "Service unavailable");
    assert_eq!(told.1["error"]["error_data"]["details"], "later");
    assert_eq!(told.1["error"]["is_transient"], true);

    lab.fault(json!({"path": "*/subscribed_apps", "kind": "status", "http": 502, "effect": true}))
        .await;
    let response = lab
        .send(Method::POST, SUBSCRIBE, &token, Some(Value::Null))
        .await
        .expect("answers");
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
    let effects: Vec<Value> = lab
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
    let first = &lab.log("path=*/subscribed_apps").await[0];
    assert_eq!(
        (&first["error_code"], &first["error_subcode"]),
        (&json!(131016), &json!(7))
    );
}

#[tokio::test]
async fn latency_and_slow_drip_come_late_but_whole() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    lab.fault(json!({"path": "*/subscribed_apps", "kind": "latency", "ms": 150, "times": null}))
        .await;
    lab.fault(json!({"path": "*/subscribed_apps", "kind": "slow_drip", "ms": 60}))
        .await;
    let start = Instant::now();
    assert_eq!(
        lab.post(SUBSCRIBE, &token, Value::Null).await,
        (200, json!({"success": true}))
    );
    // 150 ms, then sixteen bytes in two drops.
    assert!(
        start.elapsed() >= Duration::from_millis(270),
        "{:?}",
        start.elapsed()
    );
    let start = Instant::now();
    assert_eq!(lab.get(SUBSCRIBE, &token).await.0, 200);
    assert!(
        start.elapsed() >= Duration::from_millis(150),
        "still there: times is null"
    );
    assert_eq!(
        lab.control(Method::DELETE, "faults", Value::Null).await.0,
        204
    );
    assert_eq!(
        lab.control(Method::GET, "faults", Value::Null).await.1,
        json!([])
    );
}

#[tokio::test]
async fn the_effect_of_a_slow_call_lands_although_the_client_hung_up() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    lab.fault(json!({"path": "*/subscribed_apps", "kind": "latency", "ms": 60_000}))
        .await;
    let url = format!("{}/v25.0/{SUBSCRIBE}", lab.running.url());
    let request = lab
        .http
        .post(url)
        .bearer_auth(&token)
        .timeout(Duration::from_millis(200));
    assert!(request.send().await.is_err_and(|error| error.is_timeout()));
    assert_eq!(lab.count("path=*/subscribed_apps&effect=true").await, 1);
}

#[tokio::test]
async fn hang_says_nothing_does_nothing_then_cuts() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    lab.fault(json!({"path": "*/subscribed_apps", "kind": "hang", "ms": 200}))
        .await;
    let start = Instant::now();
    let error = raw_post(&lab, SUBSCRIBE, &token).await.expect_err("cut");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    assert!(start.elapsed() >= Duration::from_millis(200));
    assert_eq!(lab.count("path=*/subscribed_apps&effect=true").await, 0);
}

#[tokio::test]
async fn bodies_no_parser_should_trust() {
    let lab = Lab::start().await;
    let token = lab.token(json!({})).await;
    for kind in ["deep_json", "wrong_type", "redirect"] {
        lab.fault(json!({"path": "*/subscribed_apps", "kind": kind}))
            .await;
    }
    lab.fault(json!({"path": "*/subscribed_apps", "kind": "big_body", "bytes": 100_000}))
        .await;
    let deep = lab
        .send(Method::GET, SUBSCRIBE, &token, None)
        .await
        .expect("answers");
    let deep = deep.text().await.expect("text");
    assert!(deep.starts_with("[[[[") && serde_json::from_str::<Value>(&deep).is_err());
    assert_eq!(lab.get(SUBSCRIBE, &token).await.1["access_token"], 12345);
    let redirect = lab
        .send(Method::GET, SUBSCRIBE, &token, None)
        .await
        .expect("answers");
    assert_eq!(
        (redirect.status().as_u16(), &redirect.headers()["location"]),
        (302, &"/_sandbox/landing".parse().expect("a header"))
    );
    let big = lab
        .send(Method::GET, SUBSCRIBE, &token, None)
        .await
        .expect("answers");
    let big = big.bytes().await.expect("whole");
    assert!(big.len() == 100_000 && serde_json::from_slice::<Value>(&big).is_ok());

    // Who follows the redirect with the token still on shows up in the log.
    let url = format!("{}/_sandbox/landing", lab.running.url());
    lab.http
        .get(url)
        .bearer_auth(&token)
        .send()
        .await
        .expect("lands");
    assert_eq!(
        lab.log("path=/_sandbox/landing").await[0]["token_kind"],
        "business"
    );
}

/// One POST by hand; the error of the first read, or what was read.
async fn raw_post(lab: &Lab, path: &str, token: &str) -> std::io::Result<Vec<u8>> {
    let mut tcp = TcpStream::connect(("127.0.0.1", lab.running.port())).await?;
    let head = format!(
        "POST /v25.0/{path} HTTP/1.1\r\nHost: graph\r\nAuthorization: Bearer {token}\r\nContent-Length: 0\r\n\r\n"
    );
    tcp.write_all(head.as_bytes()).await?;
    let mut said = Vec::new();
    tcp.read_to_end(&mut said).await?;
    Ok(said)
}
