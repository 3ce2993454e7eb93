//! Meta's callbacks about people, with the process killed at each operation of theirs. What has an effect outside comes at
//! an operation of its own, so that before the next one is after this one.

use crate::cell::fired_operation;
use anyhow::{Context, Result, ensure};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deletion_killed_at_every_operation_erases_all_and_says_so_once() -> Result<()> {
    let operations = [
        "answer_user",
        "erase_signup",
        "withdraw",
        "erase_pin",
        "delete_grant",
        "callback_done",
    ];
    killed_at_every_operation("delete", &operations).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deauthorization_killed_at_every_operation_ends_the_token_once() -> Result<()> {
    let operations = ["answer_user", "withdraw", "callback_done"];
    killed_at_every_operation("deauthorize", &operations).await
}

/// `expected`: each operation that must be among those of an undisturbed callback.
async fn killed_at_every_operation(kind: &str, expected: &[&str]) -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let (_, undisturbed) = connect(&deployment).await?;
    let of = json!(["main"]);
    deployment.arm_fault(json!({"at": null, "of": of})).await?;
    let sent = send(&deployment, kind, &undisturbed).await?;
    until_done(&deployment, &sent).await?;
    let operations = deployment.arm_fault(json!({"at": null})).await?;
    for name in expected {
        ensure!(
            operations.iter().any(|other| other == name),
            "{operations:?}"
        );
    }
    for (at, operation) in operations.iter().enumerate() {
        killed_at(&deployment, kind, at)
            .await
            .with_context(|| format!("{kind} at {operation}"))?;
    }
    println!("crash: {kind}, {} kills", operations.len());
    Ok(())
}

/// Kills the process at this operation of a callback about a fresh person.
async fn killed_at(deployment: &Deployment, kind: &str, at: usize) -> Result<()> {
    let (waba, person) = connect(deployment).await?;
    let log_start = deployment.workerd.log().len();
    let fault = json!({"at": at, "how": "halt", "of": ["main"]});
    deployment.arm_fault(fault).await?;
    let killed = async {
        let started = Instant::now();
        while fired_operation(deployment, log_start).is_none() {
            ensure!(started.elapsed() < Duration::from_secs(20), "not fired");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        deployment.workerd.kill().await?;
        deployment.workerd.restart().await
    };
    let sending = tokio::time::timeout(Duration::from_secs(5), send(deployment, kind, &person));
    let (sent, killed) = tokio::join!(sending, killed);
    killed?;
    let sent = match sent {
        Ok(Ok(sent)) if sent["status"] == 200 => sent,
        // Meta was not answered, and repeats it.
        _ => send(deployment, kind, &person).await?,
    };
    until_done(deployment, &sent).await?;

    let backend = deployment.backend("acme", &["token", "read"]).await?;
    let token = backend
        .refusal(reqwest::Method::GET, &format!("/wabas/{waba}/token"))
        .await;
    if kind == "delete" {
        ensure!(matches!(&token, Ok((404, _))), "{token:?}");
        let copies = deployment.workerd.kv_keys("token/").await?;
        ensure!(!copies.iter().any(|key| key.ends_with(&waba)), "{copies:?}");
        // Its owner is asked for the PIN, which is erased.
        deployment.deregister_number(&waba).await?;
        let code = json!({"waba_id": waba});
        let end = deployment.sign_up("acme", code).await?;
        ensure!(end["status"] == "needs_input", "{end}");
    }
    let events = backend.get("/events?order=newest&limit=50").await?;
    let revoked = |event: &&Value| event["type"] == "token.revoked";
    let events = events["events"].as_array().context("no list")?;
    let of_waba = |event: &&Value| event["data"]["waba_id"] == *waba;
    let count = events.iter().filter(revoked).filter(of_waba).count();
    ensure!(count == 1, "{count} token.revoked");
    Ok(())
}

/// Connects an account; returns it, and the person who granted its token.
async fn connect(deployment: &Deployment) -> Result<(String, String)> {
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    widget.post_outcome(&minted).await?;
    let end = widget.poll_until_end().await?;
    ensure!(end["status"] == "connected", "{end}");
    // What the Partner object is to know of it.
    tokio::time::sleep(Duration::from_millis(800)).await;
    let world = deployment.sandbox_world().await?;
    let tokens = world["tokens"].as_object().context("no tokens")?;
    let people = tokens
        .values()
        .filter_map(|token| token["user_id"].as_str());
    let waba = minted["waba_id"].as_str().context("no account")?;
    let person = people.max().context("no person")?;
    Ok((waba.to_owned(), person.to_owned()))
}

/// Has the sandbox send the callback: the status and the answer, and `signed_request`.
async fn send(deployment: &Deployment, kind: &str, person: &str) -> Result<Value> {
    let url = format!("{}/v1/callbacks/meta/main/{kind}", deployment.origin);
    let request = json!({"url": url, "user_id": person});
    let request = deployment
        .sandbox_control("POST", "user-callbacks")
        .json(&request);
    Ok(request.send().await?.error_for_status()?.json().await?)
}

/// Waits until no callback is in work any more.
async fn until_done(deployment: &Deployment, sent: &Value) -> Result<()> {
    ensure!(sent["status"] == 200, "{sent}");
    let started = Instant::now();
    loop {
        let list = deployment.list_all("callbacks", "callbacks", 100).await?;
        if list.iter().all(|callback| callback["status"] == "done") {
            return Ok(());
        }
        ensure!(started.elapsed() < Duration::from_secs(30), "{list:#?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
