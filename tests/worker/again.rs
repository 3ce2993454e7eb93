//! What comes after the first signup: renewing, moving a number, counting, waking what sleeps.

use anyhow::{Context, Result};
use embark_tests::Stage;
use embark_tests::page::outcome;
use embark_tests::stage::HOST;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn a_connected_customer_who_signs_up_again_renews() -> Result<()> {
    let stage = Stage::new().await?;
    let first = stage.page("acme", HOST).await?;
    first.submit(&stage.mint(json!({})).await?).await?;
    assert_eq!(
        first.follow(&["connected"]).await?["connected"]["renewed"],
        false
    );
    let second = stage.page("acme", HOST).await?;
    second.submit(&stage.mint(json!({})).await?).await?;
    let end = second.follow(&["connected", "failed", "relaunch"]).await?;
    assert_eq!(end["connected"]["renewed"], true, "{end}");
    assert_eq!(
        stage.count("*/register", None).await?,
        1,
        "a renewal never registers"
    );
    let quota = quota(&stage).await?;
    assert_eq!(quota["used"], 1, "a renewal is not a new business");
    Ok(())
}

#[tokio::test]
async fn an_invitation_renews_its_account_and_no_other() -> Result<()> {
    let stage = Stage::new().await?;
    let first = stage.page("acme", HOST).await?;
    let minted = stage.mint(json!({"new": true})).await?;
    first.submit(&minted).await?;
    first.follow(&["connected"]).await?;
    let order = json!({"site": "acme", "waba_id": minted["waba_id"]});
    for (answer, want) in [
        (json!({"new": true}), "waba_mismatch"),
        (json!({"waba_id": minted["waba_id"]}), "connected"),
    ] {
        let link: Value = stage.post("renewals", &order).await?.json().await?;
        let invited = stage.invited(link["url"].as_str().context("no link")?)?;
        invited.post("/launched", &json!({})).await?;
        invited.submit(&stage.mint(answer).await?).await?;
        let end = invited.follow(&["connected", "failed", "relaunch"]).await?;
        let code = end["problem"]["code"].as_str().or(end["status"].as_str());
        assert_eq!(code, Some(want), "{end}");
    }
    Ok(())
}

#[tokio::test]
async fn an_operator_moves_a_number_and_the_old_site_no_longer_has_it() -> Result<()> {
    let stage = Stage::new().await?;
    stage.configure("rival", &["https://rival.example"]).await?;
    let minted = stage.mint(json!({})).await?;
    let first = stage.page("acme", HOST).await?;
    first.submit(&minted).await?;
    first.follow(&["connected"]).await?;
    let phone = minted["phone_number_id"].as_str().unwrap_or_default();
    let path = format!("numbers/{phone}/transfer");
    for (site, status) in [("nobody", 404), ("rival", 200), ("rival", 200)] {
        let answer = stage.post(&path, &json!({"site": site})).await?;
        assert_eq!(
            answer.status().as_u16(),
            status,
            "{site}: {}",
            answer.text().await?
        );
    }
    let unknown = stage
        .post(
            "numbers/6999999999999999/transfer",
            &json!({"site": "rival"}),
        )
        .await?;
    assert_eq!(unknown.status().as_u16(), 404);
    let back = stage.page("acme", HOST).await?;
    back.submit(&stage.mint(json!({})).await?).await?;
    let end = back.follow(&["connected", "failed", "relaunch"]).await?;
    assert_eq!(end["problem"]["code"], "owned_elsewhere", "{end}");
    let rival = stage.page("rival", "https://rival.example").await?;
    rival.submit(&stage.mint(json!({})).await?).await?;
    assert_eq!(
        rival.follow(&["connected", "failed", "relaunch"]).await?["status"],
        "connected"
    );
    Ok(())
}

#[tokio::test]
async fn new_businesses_are_counted_and_a_full_window_blocks_where_it_is_told_to() -> Result<()> {
    let stage = Stage::new().await?;
    let app = |block: bool| json!({"key": "main", "app_id": "1000000000000001", "weekly_limit": 2, "block_when_full": block});
    for (n, level) in [(1, "fine"), (2, "full")] {
        stage.put("apps/main", &app(n == 2)).await?;
        let page = stage.page("acme", HOST).await?;
        page.submit(&stage.mint(json!({"new": true})).await?)
            .await?;
        page.follow(&["connected"]).await?;
        let started = Instant::now();
        while quota(&stage).await?["used"] != n {
            assert!(
                started.elapsed() < Duration::from_secs(10),
                "{}",
                quota(&stage).await?
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(quota(&stage).await?["level"], level);
    }
    let frame = format!(
        "{}/frame?site=acme&host=https%3A%2F%2Fshop.example",
        stage.origin
    );
    let refused = stage.client.get(&frame).send().await?;
    assert_eq!(refused.status().as_u16(), 429);
    stage.put("apps/main", &app(false)).await?;
    assert_eq!(
        stage.client.get(&frame).send().await?.status().as_u16(),
        200,
        "it warns only"
    );
    Ok(())
}

#[tokio::test]
async fn a_question_is_answered_from_another_browser_by_the_resume_link() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    let (first, other) = (
        stage.mint(json!({"new": true})).await?,
        stage.mint(json!({"new": true})).await?,
    );
    let minted = stage
        .mint(json!({"wabas": [first["waba_id"], other["waba_id"]]}))
        .await?;
    page.post("/outcome", &outcome(&minted, false)).await?;
    let asked = page.follow(&["needs_input", "failed", "relaunch"]).await?;
    stage.workerd.kill().await?;
    stage.workerd.restart().await?;
    let elsewhere = stage.invited(asked["resume_url"].as_str().context("no link")?)?;
    assert_eq!(elsewhere.snapshot().await?["status"], "needs_input");
    elsewhere
        .post(
            "/input",
            &json!({"kind": "waba", "waba_id": other["waba_id"]}),
        )
        .await?;
    let end = elsewhere
        .follow(&["connected", "failed", "relaunch"])
        .await?;
    assert_eq!(end["connected"]["waba_id"], other["waba_id"], "{end}");
    assert!(end["resume_url"].is_null(), "nothing is left to resume");
    Ok(())
}

async fn quota(stage: &Stage) -> Result<Value> {
    Ok(stage.get("apps/main/quota").await?.json().await?)
}
