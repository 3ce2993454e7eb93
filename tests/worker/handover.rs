//! Handover: a page that popups cannot report back to (for example by its cross-origin-opener-policy) gives another
//! window a grant for its signup.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::widget_client::{WidgetClient, outcome_body};
use serde_json::json;

#[tokio::test]
async fn handover_used_by_one_window_is_refused_to_others() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let handover = widget.launch["handover"].as_str().context("no handover")?;
    assert_ne!(widget.launch["grant"], handover);

    let window_with =
        |grant: &str| WidgetClient::with_grant(&deployment, widget.signup_id(), grant);

    // A handover is accepted only together with a name that the window chose.
    let (status, reply) = window_with(handover).post("/launched", &json!({})).await?;
    assert_eq!(
        (status.as_u16(), &reply["code"]),
        (401, &json!("grant_invalid"))
    );

    let (first, second) = (
        window_with(&with_window_name(handover, 'a')),
        window_with(&with_window_name(handover, 'b')),
    );
    // Reading the snapshot does not use the handover.
    assert_eq!(second.snapshot().await?["code"], "not_launched");
    for _ in 0..2 {
        let (status, reply) = first.post("/launched", &json!({})).await?;
        assert_eq!(status.as_u16(), 202, "{reply}");
    }
    let minted = deployment.mint_code(json!({})).await?;
    let refused = json!("grant_used");
    assert_eq!(second.snapshot().await?["code"], refused);
    for (suffix, body) in [
        ("/launched", json!({})),
        ("/outcome", outcome_body(&minted, true)),
        ("/ended", json!({"reason": "closed"})),
    ] {
        let (status, reply) = second.post(suffix, &body).await?;
        assert_eq!(
            (status.as_u16(), &reply["code"]),
            (410, &refused),
            "{suffix}"
        );
    }
    deployment.assert_calls("*/oauth/access_token", 0).await?;

    // For when the person closes that window: the page gets another handover for the next one.
    let snapshot = widget.snapshot().await?;
    let next = snapshot["handover"].as_str().context("no other handover")?;
    assert_ne!(next, handover);
    assert_eq!(
        widget.snapshot().await?["handover"],
        next,
        "the same until it is used"
    );
    let third = window_with(&with_window_name(next, 'c'));
    third.post_outcome(&minted).await?;
    let end = widget.poll_until(&["connected"]).await?;
    assert_eq!(end.get("handover"), None, "{end}");
    assert_eq!(third.snapshot().await?["status"], "connected");
    assert_eq!(first.snapshot().await?["status"], "connected");
    assert_eq!(second.snapshot().await?["code"], refused);
    deployment.assert_calls("*/oauth/access_token", 1).await?;
    Ok(())
}

#[tokio::test]
async fn handover_poll_ends_when_other_window_launches() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget.post("/launched", &json!({})).await?;
    let snapshot = widget.snapshot().await?;
    let handover = snapshot["handover"].as_str().context("no handover")?;
    let window_named = |name| {
        WidgetClient::with_grant(
            &deployment,
            widget.signup_id(),
            &with_window_name(handover, name),
        )
    };
    let (first, second) = (window_named('a'), window_named('b'));
    let other_snapshot = second.snapshot().await?;
    assert_eq!(other_snapshot["status"], "launched");
    assert_eq!(
        other_snapshot.get("handover"),
        None,
        "a window with a handover gets none itself"
    );

    // The Worker holds the long poll until the snapshot changes, here by the launch in the first window.
    let long_poll = second
        .request("GET", &format!("?after={}", snapshot["seq"]))
        .send();
    let launch = async {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        first.post("/launched", &json!({"attempt": 2})).await
    };
    let (polled, launched) = tokio::join!(long_poll, launch);
    let (status, reply) = launched?;
    assert_eq!(
        (status.as_u16(), reply.get("handover")),
        (202, None),
        "{reply}"
    );
    let polled = polled?;
    assert_eq!(polled.status().as_u16(), 410);
    let reply: serde_json::Value = polled.json().await?;
    assert_eq!(reply["code"], "grant_used");
    assert!(widget.snapshot().await?["handover"].is_string());
    Ok(())
}

#[tokio::test]
async fn hosted_page_has_no_handover() -> Result<()> {
    let deployment = Deployment::start().await?;
    let html = deployment
        .client
        .get(format!("{}/go/acme", deployment.origin));
    let widget = WidgetClient::from_html(&deployment, &html.send().await?.text().await?)?;
    assert_eq!(widget.launch.get("handover"), None, "{}", widget.launch);
    let (_, reply) = widget.post("/launched", &json!({})).await?;
    assert_eq!(reply.get("handover"), None, "{reply}");
    Ok(())
}

/// A handover as a window presents it, with the name that the window chose.
fn with_window_name(handover: &str, name: char) -> String {
    format!("{handover}~{}", name.to_string().repeat(36))
}
