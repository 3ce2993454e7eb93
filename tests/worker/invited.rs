//! Invitations, and the way back from Meta without a popup.

use anyhow::{Context, Result};
use embark_tests::Stage;
use embark_tests::page::Page;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn an_invitation_that_is_over_invites_nobody() -> Result<()> {
    let stage = Stage::new().await?;
    let late = invite(&stage, json!({"expires_in_s": 1})).await?;
    let page = open(&stage, &late).await?;
    assert!(page.launch.get("problem").is_none(), "{}", page.launch);
    tokio::time::sleep(Duration::from_millis(1_300)).await;
    // The page was opened in time, the window was not.
    let (status, said) = page.post("/launched", &json!({})).await?;
    assert_eq!(
        (status.as_u16(), &said["code"]),
        (410, &json!("invitation_expired"))
    );
    assert_eq!(
        open(&stage, &late).await?.launch["problem"]["code"],
        "invitation_expired"
    );

    let taken = invite(&stage, json!({})).await?;
    let page = open(&stage, &taken).await?;
    let id = taken["id"].as_str().context("no id")?;
    let path = format!("sites/acme/invitations/{id}");
    assert_eq!(stage.delete(&path).await?.status().as_u16(), 204);
    let minted = stage.mint(json!({})).await?;
    // Whichever post comes first would use it up.
    let (status, said) = page.submit(&minted).await?;
    assert_eq!(
        (status.as_u16(), &said["code"]),
        (410, &json!("invitation_expired"))
    );
    assert_eq!(stage.count("*/oauth/access_token", None).await?, 0);

    for invite in ["0".repeat(32), "../x".into(), String::new()] {
        let url = format!("{}/go/acme?invite={invite}", stage.origin);
        let page = open(&stage, &json!({"url": url})).await?;
        assert_eq!(
            page.launch["problem"]["code"], "invitation_expired",
            "{invite}"
        );
    }
    for (site, order, status) in [
        ("nobody", json!({}), 404),
        ("acme", json!({"expires_in_s": 0}), 400),
        ("acme", json!({"expires_in_s": 7_776_001}), 400),
        ("acme", json!({"reference": "x".repeat(201)}), 400),
        ("acme", json!({"until": "tomorrow"}), 400),
    ] {
        let made = stage
            .post(&format!("sites/{site}/invitations"), &order)
            .await?;
        assert_eq!(made.status().as_u16(), status, "{site} {order}");
    }
    Ok(())
}

#[tokio::test]
async fn the_first_signup_uses_it_up_and_looking_does_not() -> Result<()> {
    let stage = Stage::new().await?;
    let made = invite(&stage, json!({"reference": "customer 7"})).await?;
    // A mail scanner, the customer, and somebody the customer passed it on to.
    for _ in 0..3 {
        open(&stage, &made).await?;
    }
    let (one, two) = (open(&stage, &made).await?, open(&stage, &made).await?);
    assert_ne!(one.signup(), two.signup());
    for _ in 0..2 {
        let (status, _) = one.post("/launched", &json!({})).await?;
        assert_eq!(status.as_u16(), 202);
    }
    for (rest, body) in [
        ("/launched", json!({})),
        ("/ended", json!({"reason": "closed"})),
    ] {
        let (status, said) = two.post(rest, &body).await?;
        assert_eq!(
            (status.as_u16(), &said["code"]),
            (410, &json!("invitation_used")),
            "{rest}"
        );
    }
    assert_eq!(
        open(&stage, &made).await?.launch["problem"]["code"],
        "invitation_used"
    );
    one.submit(&stage.mint(json!({})).await?).await?;
    one.follow(&["connected"]).await?;

    let list: Value = stage.get("sites/acme/invitations").await?.json().await?;
    assert_eq!(list[0]["reference"], "customer 7");
    assert_eq!(list[0]["used_by"], one.signup());
    assert!(list[0].get("url").is_none(), "{list}");
    // What was used is not taken back.
    let path = format!(
        "sites/acme/invitations/{}",
        made["id"].as_str().context("no id")?
    );
    stage.delete(&path).await?;
    let list: Value = stage.get("sites/acme/invitations").await?.json().await?;
    assert_eq!(list.as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn metas_way_back_is_no_site_and_needs_the_browser_that_left() -> Result<()> {
    let stage = Stage::new().await?;
    let site = json!({"key": "callback", "app": "main", "origins": ["https://shop.example"], "config_id": "3000000000000001"});
    assert_eq!(
        stage.put("sites/callback", &site).await?.status().as_u16(),
        400
    );
    let made = json!({"url": format!("{}/go/acme", stage.origin)});
    let page = open(&stage, &made).await?;
    let dialog = page.launch["dialog"].as_str().context("no dialog")?;
    assert!(
        dialog.starts_with("https://www.facebook.com/v25.0/dialog/oauth?client_id="),
        "{dialog}"
    );
    let (signup, grant) = (
        page.signup(),
        page.launch["grant"].as_str().context("no grant")?,
    );
    let nonce = "a-nonce-of-this-test";
    let back = |query: String, cookie: String| {
        let request = stage
            .client
            .get(format!("{}/go/callback?{query}", stage.origin));
        request.header("cookie", cookie).send()
    };
    for (query, cookie) in [
        (String::new(), String::new()),
        (format!("code=X&state={signup}.{nonce}"), String::new()),
        (
            format!("code=X&state={signup}.another-nonce-of-it"),
            format!("embark-{signup}={nonce}.{grant}"),
        ),
    ] {
        let answer = back(query.clone(), cookie).await?;
        assert!(
            answer.status().is_client_error(),
            "{query}: {}",
            answer.status()
        );
        assert!(answer.headers().contains_key("content-security-policy"));
    }
    assert_eq!(
        page.request("GET", "").send().await?.status().as_u16(),
        404,
        "nothing was begun"
    );

    let callback = format!("{}/go/callback", stage.origin);
    let minted = stage.mint(json!({"redirect_uri": callback})).await?;
    let code = minted["code"].as_str().context("no code")?;
    let pass = format!("embark-{signup}={nonce}.{grant}");
    let answer = back(format!("code={code}&state={signup}.{nonce}"), pass).await?;
    assert_eq!(answer.status().as_u16(), 303);
    let header = |name: &str| {
        answer
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    assert_eq!(
        header("location"),
        format!("{}/go/acme#embark={signup}.{grant}", stage.origin)
    );
    assert_eq!(
        header("set-cookie"),
        format!("embark-{signup}=;path=/go/callback;max-age=0")
    );
    assert_eq!(
        (header("referrer-policy"), header("cache-control")),
        ("no-referrer", "no-store")
    );
    page.follow(&["connected"]).await?;
    assert_eq!(stage.count("*/oauth/access_token", None).await?, 1);
    Ok(())
}

async fn invite(stage: &Stage, order: Value) -> Result<Value> {
    let made = stage.post("sites/acme/invitations", &order).await?;
    Ok(made.error_for_status()?.json().await?)
}

/// The page behind an invitation's address.
async fn open<'s>(stage: &'s Stage, made: &Value) -> Result<Page<'s>> {
    let url = made["url"].as_str().context("no url")?;
    let html = stage
        .client
        .get(url)
        .send()
        .await?
        .error_for_status()?
        .text()
        .await?;
    Page::of(stage, &html)
}
