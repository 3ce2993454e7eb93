//! Writes of a partner's back end with an `Idempotency-Key`, with the process killed at each operation: after the key was
//! stored, after the write was, and after its answer was, each time before the back end has the answer.

use crate::cell::fired_operation;
use anyhow::{Context, Result, ensure};
use embark_tests::backend::Backend;
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::{Deployment, WidgetClient};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn write_killed_before_its_answer_is_answered_once_it_is_repeated_and_done_once() -> Result<()>
{
    let deployment = Deployment::start_local().await?;
    let backend = deployment.backend("acme", &["read", "write"]).await?;
    deployment
        .arm_fault(json!({"at": null, "of": ["acme"]}))
        .await?;
    post(&backend, INVITATIONS, "undisturbed").await?;
    let operations = deployment.arm_fault(json!({"at": null})).await?;
    assert_eq!(
        operations,
        ["answer_begin_write", "end_write", "answer_end_write"]
    );
    let mut invitations = 1;
    for path in [INVITATIONS, SESSIONS] {
        for (at, operation) in operations.iter().enumerate() {
            let key = format!("{path} {at}");
            killed_at(&deployment, &backend, path, at, &key)
                .await
                .with_context(|| format!("{path} at {operation}"))?;
            invitations += usize::from(path == INVITATIONS);
            let listed = deployment.invitations("acme").await?;
            ensure!(
                listed.len() == invitations,
                "{path}, {operation}: {listed:#?}"
            );
        }
    }
    Ok(())
}

/// Kills the process at this operation of a write, and repeats it.
async fn killed_at(
    deployment: &Deployment,
    backend: &Backend<'_>,
    path: &str,
    at: usize,
    key: &str,
) -> Result<()> {
    // A kill sets the clock back.
    deployment.advance_clock(Duration::ZERO).await?;
    let log_start = deployment.workerd.log().len();
    let fault = json!({"at": at, "how": "halt", "of": ["acme"]});
    deployment.arm_fault(fault).await?;
    let killed = async {
        let started = Instant::now();
        while fired_operation(deployment, log_start).is_none() {
            ensure!(started.elapsed() < Duration::from_secs(10), "not fired");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        deployment.workerd.kill().await?;
        deployment.workerd.restart().await
    };
    let (lost, killed) = tokio::join!(post(backend, path, key), killed);
    killed?;
    ensure!(lost.is_err(), "the answer came: {lost:?}");
    let first = match post(backend, path, key).await? {
        // The first attempt counts as in work for a minute.
        (_, 409, body) => {
            ensure!(body.contains("conflict"), "{body}");
            deployment.advance_clock(Duration::from_secs(61)).await?;
            post(backend, path, key).await?
        }
        answered => answered,
    };
    let is_kept = at == 2;
    ensure!(first.0 == is_kept && first.1 < 300, "{first:?}");
    let second = post(backend, path, key).await?;
    ensure!(second == (true, first.1, first.2.clone()), "{second:?}");
    if path == SESSIONS {
        // There is one session, that of the answer.
        let session: Value = serde_json::from_str(&first.2)?;
        let session = session["session"].as_str().context("no session")?;
        let frame = format!("{}/frame", deployment.origin);
        let query = [
            ("site", "acme"),
            ("host", SHOP_ORIGIN),
            ("session", session),
        ];
        let page = deployment.client.get(frame).query(&query).send().await?;
        let page = WidgetClient::from_html(deployment, &page.text().await?)?;
        let (status, reply) = page.post("/launched", &json!({})).await?;
        ensure!(status.is_success(), "{reply}");
    }
    Ok(())
}

/// Whether the answer is repeated, its status and its body.
async fn post(backend: &Backend<'_>, path: &str, key: &str) -> Result<(bool, u16, String)> {
    let request = backend.post_request(path).json(&json!({"reference": "7"}));
    let response = request.header("idempotency-key", key).send().await?;
    let is_repeated = response.headers().contains_key("idempotency-replayed");
    let status = response.status().as_u16();
    Ok((is_repeated, status, response.text().await?))
}

const INVITATIONS: &str = "/v1/backend/invitations";
const SESSIONS: &str = "/v1/sites/acme/sessions";
