//! What a site's lists keep once the signups themselves are erased.

use anyhow::{Result, ensure};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn connected_account_is_listed_for_good_and_an_abandoned_signup_for_120_days() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let connected = deployment.connect("acme", json!({})).await?;
    let abandoned = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    abandoned.post("/launched", &json!({})).await?;
    abandoned
        .post("/ended", &json!({"reason": "cancelled"}))
        .await?;
    let backend = deployment.backend("acme", &["read"]).await?;
    let listed = async |count: usize| -> Result<Value> {
        let started = Instant::now();
        loop {
            let page = backend.get("/signups").await?;
            if page["signups"].as_array().map(Vec::len) == Some(count) {
                return Ok(page);
            }
            ensure!(started.elapsed() < Duration::from_secs(30), "{page:#}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    listed(2).await?;
    deployment.advance_clock(DAY * 119).await?;
    listed(2).await?;
    deployment.advance_clock(DAY * 122).await?;
    let page = listed(1).await?;
    assert_eq!(page["signups"][0]["id"], connected["id"], "{page:#}");
    let accounts = backend.get("/wabas").await?;
    let account = &accounts["wabas"][0];
    let connected = &connected["connected"];
    assert_eq!(account["waba_id"], connected["waba_id"], "{accounts:#}");
    let number = &account["numbers"][0]["phone_number_id"];
    assert_eq!(*number, connected["phone_number_id"], "{accounts:#}");
    Ok(())
}

const DAY: Duration = Duration::from_secs(86_400);
