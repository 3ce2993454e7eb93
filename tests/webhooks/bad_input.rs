//! What anybody may post to the callback URL: bodies of other forms and lengths, and webhooks of other apps.

use crate::events;
use crate::meta::{connect, connect_webhook, now, post, post_signed, sign};
use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::APP_SECRET;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

#[tokio::test]
async fn body_that_is_no_json_object_is_refused_whoever_signed_it() -> Result<()> {
    let deployment = Deployment::start().await?;
    let deep = format!(
        "{{\"entry\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let cut = "{\"object\":\"whatsapp_business_account\",\"entry\":[{\"id\":\"50";
    for (text, status) in [
        ("[]", 400),
        (" [{}]", 400),
        ("\"text\"", 400),
        ("17", 400),
        ("null", 400),
        ("true", 400),
        ("\u{feff}{}", 400),
        (cut, 400),
        // What is within is never refused.
        (deep.as_str(), 200),
        ("{\"entry\":null}", 200),
        ("{\"entry\":[7,null,\"x\",[]]}", 200),
    ] {
        let shown: String = text.chars().take(60).collect();
        assert_eq!(post_signed(&deployment, text).await?, status, "{shown}");
    }
    Ok(())
}

#[tokio::test]
async fn ids_as_numbers_and_unknown_fields_arrive_as_meta_wrote_them() -> Result<()> {
    let deployment = Deployment::start().await?;
    connect_webhook(&deployment).await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    let text = format!(
        "{{\"object\":\"whatsapp_business_account\",\"later\":1,\"entry\":[{{\"id\":{waba},\"time\":{},\"changes\":\
         [{{\"field\":\"next_years_field\",\"value\":{{\"id\":9007199254740993,\"more\":[null]}},\"x\":true}}]}}]}}",
        now()
    );
    assert_eq!(post_signed(&deployment, &text).await?, 200);
    let other = events::wait_for(&deployment, "account.other", 1).await?;
    let meta = &other[0]["data"]["meta"];
    assert_eq!(meta["value"]["id"].to_string(), "9007199254740993");
    assert_eq!(
        (&meta["value"]["more"], &meta["x"]),
        (&json!([null]), &json!(true))
    );
    Ok(())
}

#[tokio::test]
async fn secret_of_another_app_does_not_sign() -> Result<()> {
    let deployment = Deployment::start().await?;
    let second = json!({"key": "second", "app_id": "1000000000000002"});
    for (path, body) in [
        ("apps/second", second),
        (
            "secrets/app/second/app_secret",
            json!({"value": "the-secret-of-the-second"}),
        ),
    ] {
        assert!(
            deployment
                .admin_put(path, &body)
                .await?
                .status()
                .is_success()
        );
    }
    let text = b"{}".to_vec();
    let of_main = sign(APP_SECRET, &text)?;
    let of_second = sign("the-secret-of-the-second", &text)?;
    for (app, signature, status) in [
        ("main", &of_main, 200),
        ("second", &of_second, 200),
        ("main", &of_second, 401),
        ("second", &of_main, 401),
    ] {
        let response = post(&deployment, app, text.clone(), &[signature]).await?;
        assert_eq!(response.status().as_u16(), status, "{app}");
    }
    Ok(())
}

/// Sends a request's bytes as they are; returns the response, as far as it came.
async fn send_raw(deployment: &Deployment, head: &str, body: &[u8]) -> Result<String> {
    let (_, address) = deployment.origin.split_once("://").context("origin")?;
    let port = address.rsplit(':').next().context("port")?;
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).await?;
    let head = format!(
        "POST /v1/webhooks/meta/main HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{head}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    // The Worker may end a connection on which far too much is sent.
    let _ = stream.write_all(body).await;
    let _ = stream.shutdown().await;
    let mut answer = vec![];
    let _ = stream.read_to_end(&mut answer).await;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn body_over_the_cap_is_refused_whatever_length_it_claims() -> Result<()> {
    let deployment = Deployment::start().await?;
    const CAP: usize = 3 << 20;
    for (length, status) in [(CAP - 1, "200"), (CAP + 1, "413")] {
        let start = "{\"entry\":[],\"padding\":\"";
        let text = format!("{start}{}\"}}", "x".repeat(length - start.len() - 2));
        let signature = sign(APP_SECRET, text.as_bytes())?;
        // In chunks, without a length.
        let mut body = vec![];
        for chunk in text.as_bytes().chunks(65_536) {
            body.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            body.extend_from_slice(chunk);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"0\r\n\r\n");
        let head = format!("x-hub-signature-256: {signature}\r\ntransfer-encoding: chunked");
        let answer = send_raw(&deployment, &head, &body).await?;
        let is_right = answer.starts_with(&format!("HTTP/1.1 {status}"));
        let was_cut = answer.is_empty() && status == "413";
        assert!(is_right || was_cut, "{length}: {answer}");
    }
    // A length that is longer than the body: it ends before it is complete.
    let signature = sign(APP_SECRET, b"{}")?;
    let head = format!("x-hub-signature-256: {signature}\r\ncontent-length: 200");
    let answer = send_raw(&deployment, &head, b"{}").await?;
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
    // The Worker goes on.
    assert_eq!(post_signed(&deployment, "{}").await?, 200);
    Ok(())
}

#[tokio::test]
async fn webhook_of_many_accounts_that_nobody_owns_is_answered_soon() -> Result<()> {
    let deployment = Deployment::start().await?;
    connect_webhook(&deployment).await?;
    let entry = |number: u64| {
        let id = (5_800_000_000_000_000 + number).to_string();
        let change = json!({"field": "account_alerts", "value": {"alert_info": {"n": number}}});
        json!({"id": id, "time": now(), "changes": [change]})
    };
    let entries: Vec<Value> = (0..300).map(entry).collect();
    let text = json!({"object": "whatsapp_business_account", "entry": entries}).to_string();
    let started = Instant::now();
    assert_eq!(post_signed(&deployment, &text).await?, 200);
    println!(
        "300 accounts that nobody owns: {} ms",
        started.elapsed().as_millis()
    );
    let started = Instant::now();
    assert_eq!(post_signed(&deployment, &text).await?, 200);
    println!("again: {} ms", started.elapsed().as_millis());
    // Page after page, each account once, also where hundreds came at the same time.
    for limit in [7, 100, 500] {
        let listed = deployment.list_all("unclaimed", "accounts", limit).await?;
        let ids: BTreeSet<String> = listed
            .iter()
            .map(|account| account["waba_id"].to_string())
            .collect();
        assert_eq!((listed.len(), ids.len()), (300, 300), "{limit}");
        let is_sorted =
            listed.is_sorted_by_key(|account| std::cmp::Reverse(account["first_at"].as_u64()));
        assert!(is_sorted, "{limit}");
    }
    Ok(())
}
