//! `edge/guard.js`, the Worker's JavaScript entry: after a panic, other requests fail at once and the next is served by a
//! new wasm instance.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::environment::path_from_env;
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Crashes the instance of a local build at once; returns the status of the response.
async fn crash_instance(deployment: &Deployment, kind: &str) -> Result<u16> {
    let url = format!("{}/v1/local/harm", deployment.origin);
    let fault = json!({"at": null, "how": kind});
    let sent = deployment
        .client
        .post(url)
        .json(&fault)
        .timeout(Duration::from_secs(20))
        .send();
    Ok(sent.await?.status().as_u16())
}

/// Runs `test.mjs` in Node.js, beside these files.
fn run_unit_tests(files: &[&str]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in files {
        let from = root.join(file);
        let name = from.file_name().context("a file")?;
        std::fs::copy(&from, folder.path().join(name))?;
    }
    std::fs::write(folder.path().join("package.json"), r#"{"type":"module"}"#)?;
    let output = Command::new(path_from_env("EMBARK_NODE")?)
        .args(["--test", "test.mjs"])
        .current_dir(folder.path())
        .output()?;
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && report.contains("# fail 0"),
        "{report}"
    );
    Ok(())
}

/// The unit tests of `guard.js`, with a stand-in for `instance.js` and the wasm module.
#[test]
fn guard_unit_tests_in_node_pass() -> Result<()> {
    run_unit_tests(&[
        "../edge/guard.js",
        "crash/entry/index.js",
        "crash/entry/test.mjs",
    ])
}

/// The unit tests of `instance.js`, with a stand-in for wasm-bindgen's module.
#[test]
fn instance_unit_tests_in_node_pass() -> Result<()> {
    run_unit_tests(&[
        "../edge/instance.js",
        "crash/instance/rust.js",
        "crash/instance/test.mjs",
    ])
}

#[tokio::test]
async fn panic_in_alarm_is_recovered_by_next_alarm() -> Result<()> {
    // Meta fails the first exchange, so an alarm retries it; the instance panics in that alarm, and no page polls.
    let deployment = Deployment::start_local().await?;
    let exchange_fails =
        || json!({"path": "*/oauth/access_token", "kind": "error", "http": 503, "code": 2});
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    deployment.add_fault(exchange_fails()).await?;
    deployment
        .arm_fault(json!({"at": null, "of": [widget.signup_id()]}))
        .await?;
    widget
        .post_outcome(&deployment.mint_code(json!({"new": true})).await?)
        .await?;
    widget.poll_until(&["connected"]).await?;
    let operations = deployment.arm_fault(json!({"at": null})).await?;
    let mut exchanges = (0..)
        .zip(&operations)
        .filter(|(_, name)| *name == "exchange");
    let (second_exchange, _) = exchanges.nth(1).context("a second exchange")?;

    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    deployment.add_fault(exchange_fails()).await?;
    let registered = deployment.count_calls("*/register", Some(true)).await?;
    deployment
        .arm_fault(json!({"at": second_exchange, "place": "before", "how": "panic", "of": [widget.signup_id()]}))
        .await?;
    widget
        .post_outcome(&deployment.mint_code(json!({"new": true})).await?)
        .await?;
    let started = Instant::now();
    while deployment.count_calls("*/register", Some(true)).await? == registered {
        assert!(
            started.elapsed() < Duration::from_secs(45),
            "no alarm resumed the run\n{}",
            deployment.workerd.log()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(
        deployment.workerd.log().contains("EMBARK-FUSE"),
        "the fault did not fire"
    );
    Ok(())
}

#[tokio::test]
async fn panic_in_request_is_500_and_next_request_is_served() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    for kind in ["panic", "memory"] {
        let started = Instant::now();
        assert_eq!(crash_instance(&deployment, kind).await?, 500, "{kind}");
        assert!(
            started.elapsed() < Duration::from_secs(15),
            "{kind}: {:?}",
            started.elapsed()
        );
        let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
        widget
            .post_outcome(&deployment.mint_code(json!({"new": true})).await?)
            .await?;
        assert_eq!(widget.poll_until_end().await?["status"], "connected");
    }
    Ok(())
}

#[tokio::test]
async fn panic_in_instance_rejects_concurrent_requests_at_once() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget.post("/launched", &json!({})).await?;
    // A long poll, which the Worker would otherwise hold for 20 s.
    let long_poll = widget.request("GET", "?after=1000").send();
    let crash = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        crash_instance(&deployment, "panic").await
    };
    let started = Instant::now();
    let (polled, crashed) = tokio::join!(long_poll, crash);
    assert_eq!((crashed?, polled?.status().is_server_error()), (500, true));
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(widget.snapshot().await?["status"], "launched");
    Ok(())
}

#[tokio::test]
async fn deeply_nested_json_is_refused_and_signup_connects() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    for depth in [200, 4_000, 8_000] {
        let body = format!("{{\"code\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        let request = widget
            .request("POST", "/outcome")
            .header("content-type", "application/json");
        let status = request.body(body).send().await?.status().as_u16();
        assert!(status == 400 || status == 413, "{depth}: {status}");
    }
    widget
        .post_outcome(&deployment.mint_code(json!({"new": true})).await?)
        .await?;
    assert_eq!(widget.poll_until_end().await?["status"], "connected");
    Ok(())
}
