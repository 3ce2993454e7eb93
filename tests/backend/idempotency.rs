//! Writes that are repeated with the same `Idempotency-Key`.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::backend::Backend;
use embark_tests::deployment::SHOP_ORIGIN;
use reqwest::Response;
use serde_json::{Value, json};
use std::time::Duration;

/// Posts with a key: whether the answer is repeated, its status and its body.
async fn post(
    backend: &Backend<'_>,
    path: &str,
    key: &str,
    body: &Value,
) -> Result<(bool, u16, String)> {
    let request = backend.post_request(path).json(body);
    read(request.header("idempotency-key", key).send().await?).await
}

async fn read(response: Response) -> Result<(bool, u16, String)> {
    let repeated = response.headers().get("idempotency-replayed");
    let repeated = repeated.is_some_and(|value| value == "true");
    Ok((repeated, response.status().as_u16(), response.text().await?))
}

fn code(body: &str) -> Result<String> {
    let problem: Value = serde_json::from_str(body)?;
    Ok(problem["code"].as_str().context("no code")?.to_owned())
}

#[tokio::test]
async fn write_repeated_with_its_key_has_the_answer_of_the_first() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let end = deployment.connect("acme", json!({})).await?;
    let left = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    left.post("/launched", &json!({})).await?;
    let backend = deployment.backend("acme", &["read", "write"]).await?;
    let link = format!("/v1/backend/signups/{}/link", left.signup_id());
    let renewal = json!({"waba_id": end["connected"]["waba_id"]});
    for (number, (path, body, status)) in [
        ("/v1/sites/acme/sessions", json!({"reference": "7"}), 201),
        ("/v1/sites/acme/sessions", json!({}), 400),
        ("/v1/backend/invitations", json!({"reference": "7"}), 200),
        ("/v1/backend/renewals", renewal, 200),
        (link.as_str(), json!({}), 200),
        ("/v1/backend/events/replay", json!({"dead": true}), 404),
    ]
    .into_iter()
    .enumerate()
    {
        let key = format!("key {number}");
        let first = post(&backend, path, &key, &body).await?;
        assert_eq!((first.0, first.1), (false, status), "{path} {}", first.2);
        let second = post(&backend, path, &key, &body).await?;
        assert_eq!(second, (true, first.1, first.2.clone()), "{path}");
        let third = post(&backend, path, &format!("{key}'"), &body).await?;
        assert!(!third.0, "{path}");
        for (path, body) in [
            (path, json!({"another": "body"})),
            ("/v1/backend/invitations", json!({"other": "route"})),
        ] {
            let refused = post(&backend, path, &key, &body).await?;
            assert_eq!((refused.0, refused.1), (false, 409), "{path}");
            assert_eq!(code(&refused.2)?, "idempotency_key_reused");
        }
        // What it hides is not stored in plain.
        let secret = serde_json::from_str::<Value>(&first.2)?;
        for secret in [&secret["session"], &secret["url"]] {
            if let Some(secret) = secret.as_str() {
                let stored = deployment
                    .workerd
                    .objects_contain("Site", secret.as_bytes())?;
                assert!(!stored, "{path}");
            }
        }
    }
    assert_eq!(deployment.invitations("acme").await?.len(), 2);
    // Keys are a token's own, and are forgotten after a day.
    let body = json!({"reference": "7"});
    let path = "/v1/backend/invitations";
    let other = deployment.backend("acme", &["write"]).await?;
    assert!(!post(&other, path, "key 2", &body).await?.0);
    deployment
        .advance_clock(Duration::from_secs(24 * 3600 + 60))
        .await?;
    assert!(!post(&backend, path, "key 2", &body).await?.0);
    Ok(())
}

#[tokio::test]
async fn repetition_while_the_first_is_in_work_is_refused_and_writes_once() -> Result<()> {
    let deployment = Deployment::start().await?;
    let backend = deployment.backend("acme", &["write"]).await?;
    let body = json!({"reference": "7"});
    let all = (0..8).map(|_| post(&backend, "/v1/backend/invitations", "a key", &body));
    let mut first = 0;
    for result in futures_util::future::join_all(all).await {
        let (repeated, status, text) = result?;
        match status {
            200 => first += usize::from(!repeated),
            _ => assert_eq!((status, code(&text)?), (409, "conflict".into()), "{text}"),
        }
    }
    assert_eq!(first, 1);
    let (repeated, status, _) = post(&backend, "/v1/backend/invitations", "a key", &body).await?;
    assert_eq!((repeated, status), (true, 200));
    assert_eq!(deployment.invitations("acme").await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn key_of_another_shape_is_refused() -> Result<()> {
    let deployment = Deployment::start().await?;
    let backend = deployment.backend("acme", &["write"]).await?;
    for (key, status) in [("x".repeat(255), 200), ("x".repeat(256), 400)] {
        let (_, got, text) = post(&backend, "/v1/backend/invitations", &key, &json!({})).await?;
        assert_eq!(got, status, "{text}");
    }
    Ok(())
}
