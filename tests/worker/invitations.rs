//! Invitations: links to the hosted page that expire, can be revoked, and are good for one signup.

use anyhow::{Context, Result};
use embark_tests::{Deployment, WidgetClient};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn invitation_expired_or_revoked_is_refused() -> Result<()> {
    let deployment = Deployment::start().await?;
    let expiring = invite(&deployment, json!({"expires_in_s": 1})).await?;
    let widget = open_page(&deployment, &expiring).await?;
    assert!(widget.launch.get("problem").is_none(), "{}", widget.launch);
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    // The page was opened in time, the popup was not.
    let (status, problem) = widget.post("/launched", &json!({})).await?;
    assert_eq!(
        (status.as_u16(), &problem["code"]),
        (410, &json!("invitation_expired"))
    );
    assert_eq!(
        open_page(&deployment, &expiring).await?.launch["problem"]["code"],
        "invitation_expired"
    );

    let revoked = invite(&deployment, json!({})).await?;
    let widget = open_page(&deployment, &revoked).await?;
    let id = revoked["id"].as_str().context("no id")?;
    let path = format!("sites/acme/invitations/{id}");
    assert_eq!(deployment.admin_delete(&path).await?.status().as_u16(), 204);
    let minted = deployment.mint_code(json!({})).await?;
    // Any first request of a signup uses the invitation, also its outcome.
    let (status, problem) = widget.post_outcome(&minted).await?;
    assert_eq!(
        (status.as_u16(), &problem["code"]),
        (410, &json!("invitation_expired"))
    );
    deployment.assert_calls("*/oauth/access_token", 0).await?;

    for invite in ["0".repeat(32), "../x".into(), String::new()] {
        let url = format!("{}/go/acme?invite={invite}", deployment.origin);
        let widget = open_page(&deployment, &json!({"url": url})).await?;
        assert_eq!(
            widget.launch["problem"]["code"], "invitation_expired",
            "{invite}"
        );
    }
    for (site, body, status) in [
        ("nobody", json!({}), 404),
        ("acme", json!({"expires_in_s": 0}), 400),
        ("acme", json!({"expires_in_s": 7_776_001}), 400),
        ("acme", json!({"reference": "x".repeat(201)}), 400),
        ("acme", json!({"until": "tomorrow"}), 400),
    ] {
        let created = deployment
            .admin_post(&format!("sites/{site}/invitations"), &body)
            .await?;
        assert_eq!(created.status().as_u16(), status, "{site} {body}");
    }
    Ok(())
}

#[tokio::test]
async fn invitation_is_used_by_first_launch_not_by_opening() -> Result<()> {
    let deployment = Deployment::start().await?;
    let created = invite(&deployment, json!({"reference": "customer 7"})).await?;
    // For example by a mail scanner, the customer, and somebody to whom the customer forwarded the link.
    for _ in 0..3 {
        open_page(&deployment, &created).await?;
    }
    let (first, second) = (
        open_page(&deployment, &created).await?,
        open_page(&deployment, &created).await?,
    );
    assert_ne!(first.signup_id(), second.signup_id());
    for _ in 0..2 {
        let (status, _) = first.post("/launched", &json!({})).await?;
        assert_eq!(status.as_u16(), 202);
    }
    for (suffix, body) in [
        ("/launched", json!({})),
        ("/ended", json!({"reason": "closed"})),
    ] {
        let (status, problem) = second.post(suffix, &body).await?;
        assert_eq!(
            (status.as_u16(), &problem["code"]),
            (410, &json!("invitation_used")),
            "{suffix}"
        );
    }
    assert_eq!(
        open_page(&deployment, &created).await?.launch["problem"]["code"],
        "invitation_used"
    );
    first
        .post_outcome(&deployment.mint_code(json!({})).await?)
        .await?;
    first.poll_until(&["connected"]).await?;

    let list = deployment.invitations("acme").await?;
    assert_eq!(list[0]["reference"], "customer 7");
    assert_eq!(list[0]["used_by"], first.signup_id());
    assert!(list[0].get("url").is_none(), "{list:?}");
    // A used invitation cannot be revoked.
    let path = format!(
        "sites/acme/invitations/{}",
        created["id"].as_str().context("no id")?
    );
    deployment.admin_delete(&path).await?;
    assert_eq!(deployment.invitations("acme").await?.len(), 1);
    Ok(())
}

async fn invite(deployment: &Deployment, order: Value) -> Result<Value> {
    let created = deployment
        .admin_post("sites/acme/invitations", &order)
        .await?;
    Ok(created.error_for_status()?.json().await?)
}

/// Opens the page at the `url` of an invitation.
pub async fn open_page<'d>(
    deployment: &'d Deployment,
    created: &Value,
) -> Result<WidgetClient<'d>> {
    let url = created["url"].as_str().context("no URL")?;
    let html = deployment
        .client
        .get(url)
        .send()
        .await?
        .error_for_status()?
        .text()
        .await?;
    WidgetClient::from_html(deployment, &html)
}
