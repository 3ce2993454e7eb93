//! Meta's callbacks about people: who may send them, what is erased, and that an operator sees what has no match.

use crate::events;
use crate::meta::connect;
use anyhow::{Context, Result, ensure};
use embark_tests::Deployment;
use embark_tests::deployment::APP_SECRET;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn url(deployment: &Deployment, app: &str, kind: &str) -> String {
    format!("{}/v1/callbacks/meta/{app}/{kind}", deployment.origin)
}

/// Has the sandbox send a callback; returns status, answer and what was sent.
async fn send(deployment: &Deployment, kind: &str, more: Value) -> Result<Value> {
    let mut request = json!({"url": url(deployment, "main", kind)});
    for (name, value) in more.as_object().context("no object")? {
        request[name] = value.clone();
    }
    let request = deployment
        .sandbox_control("POST", "user-callbacks")
        .json(&request);
    let response = request.send().await?;
    let status = response.status();
    ensure!(status.is_success(), "{status} {}", response.text().await?);
    Ok(response.json().await?)
}

/// Who granted the newest token.
async fn person(deployment: &Deployment) -> Result<String> {
    let world = deployment.sandbox_world().await?;
    let tokens = world["tokens"].as_object().context("no tokens")?;
    let users = tokens
        .values()
        .filter_map(|token| token["user_id"].as_str());
    let user = users.max().context("no user")?;
    Ok(user.to_owned())
}

async fn callbacks(deployment: &Deployment) -> Result<Vec<Value>> {
    deployment.list_all("callbacks", "callbacks", 2).await
}

/// Waits until the callback with this code has this status.
async fn wait_for_status(deployment: &Deployment, code: &Value, status: &str) -> Result<()> {
    let started = Instant::now();
    loop {
        let list = callbacks(deployment).await?;
        let found = list.iter().find(|callback| callback["code"] == *code);
        if found.is_some_and(|callback| callback["status"] == status) {
            return Ok(());
        }
        ensure!(started.elapsed() < Duration::from_secs(30), "{list:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn deletion_erases_token_and_pin_and_its_page_says_so() -> Result<()> {
    let deployment = Deployment::start().await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    let user = person(&deployment).await?;
    let (other, _) = connect(&deployment, json!({"new": true})).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(deployment.workerd.kv_keys("token/").await?.len(), 2);

    let sent = send(&deployment, "delete", json!({"user_id": user})).await?;
    assert_eq!(sent["status"], 200, "{sent}");
    let code = sent["answer"]["confirmation_code"].clone();
    wait_for_status(&deployment, &code, "done").await?;
    let page = sent["answer"]["url"].as_str().context("no URL")?;
    let response = deployment.client.get(page).send().await?;
    assert_eq!(response.status().as_u16(), 200);
    assert!(response.text().await?.contains("has been deleted"));
    let revoked = events::wait_for(&deployment, "token.revoked", 1).await?;
    assert_eq!(revoked[0]["data"]["waba_id"], waba);

    // Meta repeats it: the same code. The other customer's token is as it was.
    let form = [(
        "signed_request",
        sent["signed_request"].as_str().unwrap_or_default(),
    )];
    let address = url(&deployment, "main", "delete");
    let again = deployment.client.post(&address).form(&form).send().await?;
    let again: Value = again.json().await?;
    assert_eq!(again["confirmation_code"], code);
    let backend = deployment.backend("acme", &["token"]).await?;
    for (waba, status) in [(&waba, 404), (&other, 200)] {
        let path = format!("{}/v1/backend/wabas/{waba}/token", deployment.origin);
        let request = deployment.client.get(path).bearer_auth(&backend.token);
        assert_eq!(request.send().await?.status().as_u16(), status, "{waba}");
    }
    let copies = deployment.workerd.kv_keys("token/").await?;
    assert_eq!(copies.len(), 1, "{copies:?}");

    // The PIN of the one number is erased, so that its owner is asked for it; that of the other is not.
    for (waba, status) in [(&other, "connected"), (&waba, "needs_input")] {
        deployment.deregister_number(waba).await?;
        let code = json!({"waba_id": waba});
        let end = deployment.sign_up("acme", code).await?;
        assert_eq!(end["status"], status, "{end}");
    }
    Ok(())
}

#[tokio::test]
async fn deauthorized_app_ends_the_tokens_of_that_person_only() -> Result<()> {
    let deployment = Deployment::start().await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    let user = person(&deployment).await?;
    let (other, _) = connect(&deployment, json!({"new": true})).await?;
    let backend = deployment.backend("acme", &["token"]).await?;
    let refused_at = async |waba: &str| -> Result<Value> {
        let token = backend.get(&format!("/wabas/{waba}/token")).await?;
        assert!(token["token"].is_string(), "{token}");
        Ok(token["refused_at"].clone())
    };
    assert_eq!(refused_at(&waba).await?, Value::Null);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let sent = send(
        &deployment,
        "deauthorize",
        json!({"user_id": user, "revoke": true}),
    )
    .await?;
    assert_eq!(
        (&sent["status"], &sent["answer"]),
        (&json!(200), &json!({}))
    );
    let revoked = events::wait_for(&deployment, "token.revoked", 1).await?;
    assert_eq!(revoked[0]["data"]["waba_id"], waba);
    assert!(refused_at(&waba).await?.is_u64(), "the document has it");
    assert_eq!(refused_at(&other).await?, Value::Null);
    // The person wants their data deleted as well.
    let sent = send(&deployment, "delete", json!({"user_id": user})).await?;
    let code = sent["answer"]["confirmation_code"].clone();
    wait_for_status(&deployment, &code, "done").await
}

#[tokio::test]
async fn deletion_without_match_waits_for_an_operator_and_deletes_nothing() -> Result<()> {
    let deployment = Deployment::start().await?;
    connect(&deployment, json!({"new": true})).await?;
    let sent = send(
        &deployment,
        "delete",
        json!({"user_id": "9007199254740993"}),
    )
    .await?;
    let code = sent["answer"]["confirmation_code"].clone();
    wait_for_status(&deployment, &code, "unmatched").await?;
    let list = callbacks(&deployment).await?;
    assert_eq!(list[0]["user_id"], "9007199254740993");
    let page = sent["answer"]["url"].as_str().context("no URL")?;
    let text = deployment.client.get(page).send().await?.text().await?;
    assert!(text.contains("is being deleted"), "{text}");
    let path = format!("callbacks/{}", code.as_str().unwrap_or_default());
    let closed = deployment.admin_post(&path, &json!({})).await?;
    assert_eq!(closed.json::<Value>().await?["status"], "done");
    let missing = deployment.admin_post("callbacks/00", &json!({})).await?;
    assert_eq!(missing.status().as_u16(), 404);
    assert_eq!(deployment.workerd.kv_keys("token/").await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn callback_that_is_not_of_meta_is_refused_and_stores_nothing() -> Result<()> {
    let deployment = Deployment::start().await?;
    let now = crate::meta::now();
    let payload = |algorithm: &str, issued_at: u64| json!({"algorithm": algorithm, "issued_at": issued_at, "user_id": "7"});
    for (payload, secret, status) in [
        (payload("HMAC-SHA256", now), "another-app-secret", 401),
        (payload("none", now), APP_SECRET, 400),
        (payload("HMAC-SHA1", now), APP_SECRET, 400),
        (payload("HMAC-SHA256", now + 3_600), APP_SECRET, 400),
        (payload("HMAC-SHA256", now - 60 * 86_400), APP_SECRET, 400),
        (
            json!({"algorithm": "HMAC-SHA256", "issued_at": now}),
            APP_SECRET,
            400,
        ),
        (
            json!({"algorithm": "HMAC-SHA256", "user_id": "7"}),
            APP_SECRET,
            400,
        ),
        (json!([]), APP_SECRET, 400),
        (json!("text"), APP_SECRET, 400),
    ] {
        for kind in ["deauthorize", "delete"] {
            let more = json!({"payload": payload, "secret": secret});
            let sent = send(&deployment, kind, more).await?;
            assert_eq!(sent["status"], status, "{kind} {payload} {sent}");
        }
    }
    let right = send(&deployment, "delete", json!({"user_id": "7"})).await?;
    let right = right["signed_request"].as_str().context("nothing sent")?;
    let flipped = match right.split_at(10) {
        (start, rest) if rest.starts_with('A') => format!("{start}B{}", &rest[1..]),
        (start, rest) => format!("{start}A{}", &rest[1..]),
    };
    let huge = "x".repeat(20_000);
    for (app, fields, status) in [
        ("main", vec![("signed_request", flipped.as_str())], 401),
        (
            "main",
            vec![("signed_request", right), ("signed_request", right)],
            400,
        ),
        ("main", vec![("other", right)], 400),
        ("main", vec![], 400),
        ("main", vec![("signed_request", "no dot")], 400),
        ("main", vec![("signed_request", ".")], 400),
        (
            "main",
            vec![("signed_request", right), ("more", huge.as_str())],
            413,
        ),
        ("other", vec![("signed_request", right)], 404),
        ("Not-An-App", vec![("signed_request", right)], 404),
    ] {
        let address = url(&deployment, app, "delete");
        let response = deployment.client.post(address).form(&fields).send().await?;
        assert_eq!(response.status().as_u16(), status, "{app} {fields:?}");
    }
    assert_eq!(callbacks(&deployment).await?.len(), 1, "the right one");
    let unknown = url(
        &deployment,
        "main",
        "deletions/00000000000000000000000000000000",
    );
    assert_eq!(
        deployment
            .client
            .get(unknown)
            .send()
            .await?
            .status()
            .as_u16(),
        404
    );
    let get = deployment.client.get(url(&deployment, "main", "delete"));
    assert_eq!(get.send().await?.status().as_u16(), 405);
    Ok(())
}
