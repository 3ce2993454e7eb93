//! The JS entry: an instance that dies takes nobody with it for long.

use anyhow::{Context, Result};
use embark_tests::Stage;
use embark_tests::stage::HOST;
use embark_tests::tools::{Scratch, from_env};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

async fn harm(stage: &Stage, how: &str) -> Result<u16> {
    let address = format!("{}/v1/local/harm", stage.origin);
    let order = json!({"at": null, "how": how});
    let sent = stage
        .client
        .post(address)
        .json(&order)
        .timeout(Duration::from_secs(20))
        .send();
    Ok(sent.await?.status().as_u16())
}

/// The rules of `guard.js` by themselves: the wasm beside it is played.
#[test]
fn every_event_settles_whatever_becomes_of_the_instance() -> Result<()> {
    let scratch = Scratch::new()?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in [
        "../edge/guard.js",
        "crash/entry/index.js",
        "crash/entry/test.mjs",
    ] {
        let from = root.join(file);
        let name = from.file_name().context("a file")?;
        std::fs::copy(&from, scratch.path().join(name))?;
    }
    std::fs::write(scratch.path().join("package.json"), r#"{"type":"module"}"#)?;
    let ran = Command::new(from_env("EMBARK_NODE")?)
        .args(["--test", "test.mjs"])
        .current_dir(scratch.path())
        .output()?;
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("# fail 0"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_panic_in_an_alarm_is_made_good_by_the_next_alarm() -> Result<()> {
    // An exchange that Meta puts off leaves the rest to an alarm; the instance panics in it, and no page
    // is there to notice.
    let stage = Stage::local().await?;
    let put_off =
        || json!({"path": "*/oauth/access_token", "kind": "error", "http": 503, "code": 2});
    let page = stage.page("acme", HOST).await?;
    stage.fault(put_off()).await?;
    stage
        .fuse(json!({"at": null, "of": [page.signup()]}))
        .await?;
    page.submit(&stage.mint(json!({"new": true})).await?)
        .await?;
    page.follow(&["connected"]).await?;
    let operations = stage.fuse(json!({"at": null})).await?;
    let mut exchanges = (0..)
        .zip(&operations)
        .filter(|(_, name)| *name == "exchange");
    let (at, _) = exchanges.nth(1).context("a second exchange")?;

    let page = stage.page("acme", HOST).await?;
    stage.fault(put_off()).await?;
    let registered = stage.count("*/register", Some(true)).await?;
    stage
        .fuse(json!({"at": at, "place": "before", "how": "panic", "of": [page.signup()]}))
        .await?;
    page.submit(&stage.mint(json!({"new": true})).await?)
        .await?;
    let started = Instant::now();
    while stage.count("*/register", Some(true)).await? == registered {
        assert!(
            started.elapsed() < Duration::from_secs(45),
            "no alarm went on\n{}",
            stage.workerd.log()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(stage.workerd.log().contains("EMBARK-FUSE"), "no fuse blew");
    Ok(())
}

#[tokio::test]
async fn a_panic_is_an_answer_and_the_next_request_is_served() -> Result<()> {
    let stage = Stage::local().await?;
    for how in ["panic", "memory"] {
        let started = Instant::now();
        assert_eq!(harm(&stage, how).await?, 500, "{how}");
        assert!(
            started.elapsed() < Duration::from_secs(15),
            "{how}: {:?}",
            started.elapsed()
        );
        let page = stage.page("acme", HOST).await?;
        page.submit(&stage.mint(json!({"new": true})).await?)
            .await?;
        assert_eq!(
            page.follow(&["connected", "failed", "relaunch"]).await?["status"],
            "connected"
        );
    }
    Ok(())
}

#[tokio::test]
async fn neighbours_of_a_panic_hear_at_once_and_go_on() -> Result<()> {
    let stage = Stage::local().await?;
    let page = stage.page("acme", HOST).await?;
    page.post("/launched", &json!({})).await?;
    // A held poll would be silent for 20 s.
    let poll = page.request("GET", "?after=1000").send();
    let hurt = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        harm(&stage, "panic").await
    };
    let started = Instant::now();
    let (answer, hurt) = tokio::join!(poll, hurt);
    assert_eq!((hurt?, answer?.status().is_server_error()), (500, true));
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(page.snapshot().await?["status"], "launched");
    Ok(())
}

#[tokio::test]
async fn deep_json_is_refused_and_harms_nobody() -> Result<()> {
    let stage = Stage::local().await?;
    let page = stage.page("acme", HOST).await?;
    for depth in [200, 4_000, 8_000] {
        let body = format!("{{\"code\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        let request = page
            .request("POST", "/outcome")
            .header("content-type", "application/json");
        let status = request.body(body).send().await?.status().as_u16();
        assert!(status == 400 || status == 413, "{depth}: {status}");
    }
    page.submit(&stage.mint(json!({"new": true})).await?)
        .await?;
    assert_eq!(
        page.follow(&["connected", "failed", "relaunch"]).await?["status"],
        "connected"
    );
    Ok(())
}
