//! The state of a site's partner solution, as its pages and its back end learn of it.

use anyhow::{Result, ensure};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const SOLUTION: &str = "7000000000000001";

#[tokio::test]
async fn page_of_a_solution_that_is_not_active_has_no_button_until_it_is_again() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let hour = Duration::from_secs(3_660);
    for (n, (status, served)) in [
        ("REJECTED", 403),
        ("PENDING_DEACTIVATION", 200),
        ("DEACTIVATED", 403),
        ("ACTIVE", 200),
    ]
    .into_iter()
    .enumerate()
    {
        let row = format!("solutions/{SOLUTION}");
        deployment
            .patch_sandbox(&row, json!({"status": status}))
            .await?;
        deployment.advance_clock(hour * u32::try_from(n)?).await?;
        // The alarm that reads the state is set by whatever wakes the object.
        let settings = json!({"solution_id": SOLUTION});
        deployment.put_site("acme", &settings, &[]).await?;
        let event = wait_for_event(&deployment, status).await?;
        assert_eq!(event["data"]["solution"]["id"], SOLUTION);
        wait_for_frame(&deployment, served).await?;
    }
    Ok(())
}

async fn wait_for_frame(deployment: &Deployment, expected: u16) -> Result<()> {
    let frame = format!("{}/frame", deployment.origin);
    let query = [("site", "acme"), ("host", SHOP_ORIGIN)];
    let started = Instant::now();
    loop {
        let served = deployment.client.get(&frame).query(&query).send().await?;
        let status = served.status().as_u16();
        if status == expected {
            return Ok(());
        }
        ensure!(started.elapsed() < Duration::from_secs(20), "{status}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn wait_for_event(deployment: &Deployment, status: &str) -> Result<Value> {
    let started = Instant::now();
    loop {
        let list = deployment.admin_get("sites/acme/events").await?;
        let list: Value = list.json().await?;
        let events = list["events"].as_array().cloned().unwrap_or_default();
        let found = events
            .into_iter()
            .find(|event| event["data"]["solution"]["status"] == status);
        if let Some(event) = found {
            assert_eq!(event["type"], "solution.status");
            return Ok(event);
        }
        ensure!(started.elapsed() < Duration::from_secs(20), "{list:#}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
