//! After the first signup: renewal, transfer of a number to another site, the quota, and the resume link.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::widget_client::outcome_body;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn connected_customer_signing_up_again_renews() -> Result<()> {
    let deployment = Deployment::start().await?;
    let first = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    first
        .post_outcome(&deployment.mint_code(json!({})).await?)
        .await?;
    assert_eq!(
        first.poll_until(&["connected"]).await?["connected"]["renewed"],
        false
    );
    let second = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    second
        .post_outcome(&deployment.mint_code(json!({})).await?)
        .await?;
    let end = second.poll_until_end().await?;
    assert_eq!(end["connected"]["renewed"], true, "{end}");
    assert_eq!(
        deployment.count_calls("*/register", None).await?,
        1,
        "a renewal never registers"
    );
    let quota = quota(&deployment).await?;
    assert_eq!(quota["used"], 1, "a renewal is not a new business");
    Ok(())
}

#[tokio::test]
async fn renewal_link_accepts_only_its_account() -> Result<()> {
    let deployment = Deployment::start().await?;
    let first = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    first.post_outcome(&minted).await?;
    first.poll_until(&["connected"]).await?;
    let renewal = json!({"site": "acme", "waba_id": minted["waba_id"]});
    for (order, expected) in [
        (json!({"new": true}), "waba_mismatch"),
        (json!({"waba_id": minted["waba_id"]}), "connected"),
    ] {
        let link: Value = deployment
            .admin_post("renewals", &renewal)
            .await?
            .json()
            .await?;
        let renewing = deployment.widget_from_link(link["url"].as_str().context("no link")?)?;
        renewing.post("/launched", &json!({})).await?;
        renewing
            .post_outcome(&deployment.mint_code(order).await?)
            .await?;
        let end = renewing.poll_until_end().await?;
        let code = end["problem"]["code"].as_str().or(end["status"].as_str());
        assert_eq!(code, Some(expected), "{end}");
    }
    Ok(())
}

#[tokio::test]
async fn number_transfer_during_its_registration_is_not_undone() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment
        .put_app_and_site("rival", &["https://rival.example"])
        .await?;
    deployment
        .add_fault(json!({"path": "*/register", "kind": "latency", "ms": 4000}))
        .await?;
    let minted = deployment.mint_code(json!({})).await?;
    let first = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    first.post_outcome(&minted).await?;
    let started = Instant::now();
    while deployment.count_calls("*/register", None).await? == 0 {
        assert!(started.elapsed() < Duration::from_secs(20));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let phone = minted["phone_number_id"].as_str().unwrap_or_default();
    let path = format!("numbers/{phone}/transfer");
    let response = deployment
        .admin_post(&path, &json!({"site": "rival"}))
        .await?;
    assert_eq!(response.status().as_u16(), 200);
    first.poll_until_end().await?;
    let again = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    again
        .post_outcome(&deployment.mint_code(json!({})).await?)
        .await?;
    let end = again.poll_until_end().await?;
    assert_eq!(end["problem"]["code"], "owned_elsewhere", "{end}");
    Ok(())
}

#[tokio::test]
async fn number_transfer_moves_ownership_to_other_site() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment
        .put_app_and_site("rival", &["https://rival.example"])
        .await?;
    let minted = deployment.mint_code(json!({})).await?;
    let first = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    first.post_outcome(&minted).await?;
    first.poll_until(&["connected"]).await?;
    let phone = minted["phone_number_id"].as_str().unwrap_or_default();
    let path = format!("numbers/{phone}/transfer");
    for (site, status) in [("nobody", 404), ("rival", 200), ("rival", 200)] {
        let response = deployment.admin_post(&path, &json!({"site": site})).await?;
        assert_eq!(
            response.status().as_u16(),
            status,
            "{site}: {}",
            response.text().await?
        );
    }
    let unknown = deployment
        .admin_post(
            "numbers/6999999999999999/transfer",
            &json!({"site": "rival"}),
        )
        .await?;
    assert_eq!(unknown.status().as_u16(), 404);
    let again = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    again
        .post_outcome(&deployment.mint_code(json!({})).await?)
        .await?;
    let end = again.poll_until_end().await?;
    assert_eq!(end["problem"]["code"], "owned_elsewhere", "{end}");
    let rival = deployment
        .open_widget("rival", "https://rival.example")
        .await?;
    rival
        .post_outcome(&deployment.mint_code(json!({})).await?)
        .await?;
    assert_eq!(rival.poll_until_end().await?["status"], "connected");
    Ok(())
}

#[tokio::test]
async fn quota_full_blocks_only_if_configured() -> Result<()> {
    let deployment = Deployment::start().await?;
    let app = |block: bool| json!({"key": "main", "app_id": "1000000000000001", "weekly_limit": 2, "block_when_full": block});
    let other = json!({"key": "other", "app_id": "1000000000000002"});
    deployment.admin_put("apps/other", &other).await?;
    let foreign = json!({"app": "other"});
    deployment.put_site("foreign", &foreign, &[]).await?;
    for (n, level) in [(1, "fine"), (2, "full")] {
        deployment.admin_put("apps/main", &app(n == 2)).await?;
        let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
        widget
            .post_outcome(&deployment.mint_code(json!({"new": true})).await?)
            .await?;
        widget.poll_until(&["connected"]).await?;
        let started = Instant::now();
        while quota(&deployment).await?["used"] != n {
            assert!(
                started.elapsed() < Duration::from_secs(10),
                "{}",
                quota(&deployment).await?
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(quota(&deployment).await?["level"], level);
    }
    let frame = format!(
        "{}/frame?site=acme&host=https%3A%2F%2Fshop.example",
        deployment.origin
    );
    let refused = deployment.client.get(&frame).send().await?;
    assert_eq!(refused.status().as_u16(), 429);
    // Of the sites only those of the app are sent the event, once.
    let full = deployment
        .wait_for_listed_event("acme", "quota.full")
        .await?;
    let free_at = full["data"]["quota"]["free_at"].as_u64();
    assert!(free_at.is_some(), "{full}");
    let expected = json!(
        {"kind": "app", "id": "main", "used": 2, "limit": 2, "free_at": free_at}
    );
    assert_eq!(full["data"]["quota"], expected);
    // A limit that was raised counts at once.
    let raised = json!({"weekly_limit": 3});
    deployment.admin_patch("apps/main", &raised).await?;
    let served = deployment.client.get(&frame).send().await?;
    assert_eq!(served.status().as_u16(), 200);
    deployment.admin_put("apps/main", &app(false)).await?;
    assert_eq!(
        deployment
            .client
            .get(&frame)
            .send()
            .await?
            .status()
            .as_u16(),
        200,
        "a full quota alone only warns"
    );
    // It has become full twice: by a business, and as the limit was lowered again.
    for (site, expected) in [("acme", 2), ("foreign", 0)] {
        let started = Instant::now();
        loop {
            let path = format!("sites/{site}/events");
            let list: Value = deployment.admin_get(&path).await?.json().await?;
            let events = list["events"].as_array().context("no list")?;
            let full = events.iter().filter(|event| event["type"] == "quota.full");
            let full = full.count();
            assert!(full <= expected, "{list:#}");
            if full == expected {
                break;
            }
            assert!(started.elapsed() < Duration::from_secs(10), "{list:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    Ok(())
}

#[tokio::test]
async fn resume_link_in_other_browser_accepts_input() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let (first, other) = (
        deployment.mint_code(json!({"new": true})).await?,
        deployment.mint_code(json!({"new": true})).await?,
    );
    let minted = deployment
        .mint_code(json!({"wabas": [first["waba_id"], other["waba_id"]]}))
        .await?;
    widget
        .post("/outcome", &outcome_body(&minted, false))
        .await?;
    let asked = widget
        .poll_until(&["needs_input", "failed", "relaunch"])
        .await?;
    deployment.workerd.kill().await?;
    deployment.workerd.restart().await?;
    let other_browser =
        deployment.widget_from_link(asked["resume_url"].as_str().context("no link")?)?;
    assert_eq!(other_browser.snapshot().await?["status"], "needs_input");
    other_browser
        .post(
            "/input",
            &json!({"kind": "waba", "waba_id": other["waba_id"]}),
        )
        .await?;
    let end = other_browser.poll_until_end().await?;
    assert_eq!(end["connected"]["waba_id"], other["waba_id"], "{end}");
    assert!(
        end["resume_url"].is_null(),
        "the link is gone after the end"
    );
    Ok(())
}

async fn quota(deployment: &Deployment) -> Result<Value> {
    Ok(deployment
        .admin_get("apps/main/quota")
        .await?
        .json()
        .await?)
}
