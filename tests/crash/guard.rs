//! The JS entry: an instance that dies takes nobody with it for long.

use anyhow::Result;
use embark_tests::Stage;
use embark_tests::stage::HOST;
use serde_json::json;
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
