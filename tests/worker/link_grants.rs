//! Links to a signup, in the hands of somebody else: what each opens, and what it does not.

use anyhow::{Context, Result};
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::widget_client::outcome_body;
use embark_tests::{Deployment, WidgetClient};
use serde_json::{Value, json};

/// Session fixation: whoever has a page of the shop sends its signup to another browser, which would connect its account
/// to that page.
#[tokio::test]
async fn own_grant_of_page_is_refused_from_an_address() -> Result<()> {
    let deployment = Deployment::start().await?;
    let attacker = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let (status, _) = attacker.post("/launched", &json!({})).await?;
    assert_eq!(status.as_u16(), 202);
    let link = format!(
        "{}/go/acme#embark={}.{}",
        deployment.origin,
        attacker.signup_id(),
        attacker.grant()
    );
    let victim = deployment.widget_from_link(&link)?;
    let minted = deployment.mint_code(json!({})).await?;
    for (suffix, body) in [
        ("/launched", json!({})),
        ("/outcome", outcome_body(&minted, true)),
        ("/ended", json!({"reason": "closed"})),
    ] {
        let (status, problem) = victim.post(suffix, &body).await?;
        let refused = (status.as_u16(), problem["code"].as_str());
        assert_eq!(refused, (401, Some("grant_invalid")), "{suffix}");
    }
    assert_eq!(victim.snapshot().await?["code"], "grant_invalid");
    deployment.assert_calls("*/oauth/access_token", 0).await?;
    assert_eq!(attacker.snapshot().await?["status"], "launched");
    Ok(())
}

/// A grant of a link acts from our own page only, never from the site's.
#[tokio::test]
async fn grant_of_link_is_refused_to_pages_of_the_site() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let handover = widget.launch["handover"].as_str().context("no handover")?;
    let named = format!("{handover}~{}", "w".repeat(36));
    let window = WidgetClient::with_grant(&deployment, widget.signup_id(), &named);
    for (origin, status) in [(SHOP_ORIGIN, 403), (deployment.origin.as_str(), 202)] {
        let request = window.request("POST", "/launched").json(&json!({}));
        let response = request.header("origin", origin).send().await?;
        assert_eq!(response.status().as_u16(), status, "{origin}");
    }
    Ok(())
}

/// A window that only looks at a handover has no part in the signup, and cannot get one.
#[tokio::test]
async fn window_that_only_looks_at_a_handover_gets_no_link() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    ask_for_an_account(&deployment, &widget).await?;
    let handover = widget.snapshot().await?["handover"].clone();
    let handover = handover.as_str().context("no handover")?;
    let window = |name: &str| {
        let grant = format!("{handover}~{}", name.repeat(36));
        WidgetClient::with_grant(&deployment, widget.signup_id(), &grant)
    };
    let (looker, customer) = (window("a"), window("b"));
    let seen = looker.snapshot().await?;
    assert_eq!(seen["status"], "needs_input");
    assert_eq!((seen.get("resume_url"), seen.get("handover")), (None, None));

    let (_, held) = customer.post("/launched", &json!({"attempt": 1})).await?;
    assert_eq!(looker.snapshot().await?["code"], "grant_used");
    let link = held["resume_url"].as_str().context("no link to resume")?;
    let resumed = deployment.widget_from_link(link)?;
    let seen = resumed.snapshot().await?;
    assert_eq!(seen["status"], "needs_input", "{seen}");
    assert_eq!(seen.get("handover"), None, "it cannot be handed on: {seen}");
    assert!(seen["resume_url"].is_string(), "{seen}");
    Ok(())
}

/// The words of a page's error are shown by that page only: another would show them as Meta's.
#[tokio::test]
async fn error_message_is_read_back_only_by_the_page_that_reported_it() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget.post("/launched", &json!({})).await?;
    let handover = widget.snapshot().await?["handover"].clone();
    let handover = handover.as_str().context("no handover")?;
    let named = format!("{handover}~{}", "w".repeat(36));
    let other = WidgetClient::with_grant(&deployment, widget.signup_id(), &named);
    let message = "Your account is blocked.\u{202e} Call +1 900";
    let ended = json!({"reason": "error", "error_code": "Call Meta now", "error_message": message,
        "current_step": "PHONE_NUMBER_SETUP", "session_id": "s-1"});
    let (_, own) = widget.post("/ended", &ended).await?;
    let shown = "Your account is blocked. Call +1 900";
    assert_eq!(own["left"]["error_message"], shown);
    assert_eq!(widget.snapshot().await?["left"]["error_message"], shown);
    let seen = other.snapshot().await?;
    assert_eq!(seen["status"], "abandoned");
    let want =
        json!({"reason": "error", "current_step": "PHONE_NUMBER_SETUP", "session_id": "s-1"});
    assert_eq!(seen["left"], want, "a sentence is no code");
    Ok(())
}

/// Posts a code that reaches two accounts, so that the signup asks for one.
async fn ask_for_an_account(deployment: &Deployment, widget: &WidgetClient<'_>) -> Result<Value> {
    let first = deployment.mint_code(json!({"new": true})).await?;
    let other = deployment.mint_code(json!({"new": true})).await?;
    let wabas = json!({"wabas": [first["waba_id"], other["waba_id"]]});
    let minted = deployment.mint_code(wabas).await?;
    widget
        .post("/outcome", &outcome_body(&minted, false))
        .await?;
    widget.poll_until(&["needs_input"]).await
}
