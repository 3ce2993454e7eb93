//! The link by which a customer goes on with a signup.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn link_opens_a_signup_that_waits_for_its_customer() -> Result<()> {
    let deployment = Deployment::start().await?;
    let backend = deployment.backend("acme", &["write"]).await?;
    // Left in Meta's window.
    let abandoned = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    abandoned.post("/launched", &json!({})).await?;
    abandoned
        .post("/ended", &json!({"reason": "closed"}))
        .await?;
    let path = format!("/signups/{}/link", abandoned.signup_id());
    let created = backend.send(Method::POST, &path, None).await?;
    assert_eq!(created.status().as_u16(), 200);
    assert_eq!(created.headers()["cache-control"], "no-store");
    let link: Value = created.json().await?;
    assert!(link["expires_at"].as_u64().is_some(), "{link}");
    let url = link["url"].as_str().context("no link")?;
    let window = deployment.widget_from_link(url)?;
    assert_eq!(window.signup_id(), abandoned.signup_id());
    assert_eq!(window.snapshot().await?["status"], "abandoned");
    let (status, _) = window.post("/launched", &json!({})).await?;
    assert_eq!(status.as_u16(), 202);
    window.connect().await?;
    // It has ended.
    let refusal = backend.refusal(Method::POST, &path).await?;
    assert_eq!(refusal, (409, "conflict".into()));
    Ok(())
}

#[tokio::test]
async fn link_of_no_signup_of_the_site_is_not_found() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_app_and_site("rival", &[SHOP_ORIGIN]).await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget.post("/launched", &json!({})).await?;
    let own = format!("/signups/{}/link", widget.signup_id());
    let rival = deployment.backend("rival", &["write"]).await?;
    let never = format!("/signups/{}/link", "0".repeat(32));
    for path in [&own, &never] {
        let refusal = rival.refusal(Method::POST, path).await?;
        assert_eq!(refusal, (404, "not_found".into()), "{path}");
    }
    let backend = deployment.backend("acme", &["write"]).await?;
    let link = backend.send(Method::POST, &own, None).await?;
    assert_eq!(link.status().as_u16(), 200);
    Ok(())
}
