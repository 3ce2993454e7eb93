//! Connected accounts, and the links that their customers are sent.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Waits until the site's list has this many accounts.
async fn accounts(deployment: &Deployment, count: usize) -> Result<Vec<Value>> {
    let backend = deployment.backend("acme", &["read"]).await?;
    let mut last = Value::Null;
    for _ in 0..200 {
        last = backend.get("/wabas").await?;
        let wabas = last["wabas"].as_array().context("no list")?;
        if wabas.len() == count {
            return Ok(wabas.clone());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    anyhow::bail!("not {count} accounts: {last:#}")
}

#[tokio::test]
async fn accounts_are_listed_with_their_numbers() -> Result<()> {
    let deployment = Deployment::start().await?;
    let mut connected = vec![];
    for _ in 0..3 {
        let end = deployment.connect("acme", json!({"new": true})).await?;
        connected.push(end["connected"].clone());
    }
    // Once more: the account is listed once.
    let waba = connected[0]["waba_id"].as_str().context("no account")?;
    deployment.connect("acme", json!({"waba_id": waba})).await?;
    let listed = accounts(&deployment, 3).await?;
    for (account, connected) in listed.iter().zip(&connected) {
        assert_eq!(account["waba_id"], connected["waba_id"], "{account}");
        assert_eq!(account["business_id"], connected["business_id"]);
        let numbers = account["numbers"].as_array().context("no numbers")?;
        assert_eq!(numbers.len(), 1, "{account}");
        assert_eq!(numbers[0]["phone_number_id"], connected["phone_number_id"]);
        assert_eq!(
            numbers[0]["display_phone_number"],
            connected["display_phone_number"]
        );
    }
    let backend = deployment.backend("acme", &["read"]).await?;
    let first = backend.get("/wabas?limit=2").await?;
    assert_eq!(first["wabas"].as_array().map(Vec::len), Some(2));
    let after = first["next"].as_str().context("no cursor")?;
    let rest = backend
        .get(&format!("/wabas?limit=2&after={after}"))
        .await?;
    assert_eq!(rest["wabas"][0], listed[2]);
    assert_eq!(rest["next"], Value::Null);
    let refusal = backend.refusal(Method::GET, "/wabas?after=x").await?;
    assert_eq!(refusal, (400, "bad_request".into()));
    Ok(())
}

#[tokio::test]
async fn signup_is_read_with_its_events() -> Result<()> {
    let deployment = Deployment::start().await?;
    let end = deployment.connect("acme", json!({})).await?;
    accounts(&deployment, 1).await?;
    let backend = deployment.backend("acme", &["read"]).await?;
    let path = format!("/signups/{}", end["id"].as_str().context("no id")?);
    let details = backend.get(&path).await?;
    assert_eq!(details["id"], end["id"]);
    assert_eq!(details["status"], "connected");
    let events = details["events"].as_array().context("no events")?;
    let types: Vec<_> = events.iter().map(|event| &event["type"]).collect();
    assert_eq!(types.first(), Some(&&json!("signup.launched")), "{types:?}");
    assert!(types.contains(&&json!("signup.connected")), "{types:?}");
    deployment.put_app_and_site("rival", &[SHOP_ORIGIN]).await?;
    let rival = deployment.backend("rival", &["read"]).await?;
    let refusal = rival.refusal(Method::GET, &path).await?;
    assert_eq!(refusal, (404, "not_found".into()));
    Ok(())
}

#[tokio::test]
async fn invitation_proves_whose_signup_it_is() -> Result<()> {
    let deployment = Deployment::start().await?;
    let backend = deployment.backend("acme", &["read", "write"]).await?;
    let order = json!({"reference": "customer-7"});
    let created = backend
        .send(Method::POST, "/invitations", Some(&order))
        .await?;
    let invitation: Value = created.json().await?;
    let link = invitation["url"].as_str().context("no link")?;
    // What the page says does not count beside it.
    let html = deployment
        .client
        .get(format!("{link}&reference=another"))
        .send()
        .await?
        .text()
        .await?;
    let widget = embark_tests::WidgetClient::from_html(&deployment, &html)?;
    widget.post("/launched", &json!({})).await?;
    let id = widget.signup_id();
    let mut signup = Value::Null;
    for _ in 0..200 {
        let page = backend.get("/signups?reference=customer-7").await?;
        signup = page["signups"][0].clone();
        if signup["id"] == id {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(signup["id"], id);
    let proven = json!({"id": "customer-7", "verified": true});
    assert_eq!(signup["reference"], proven);
    let bad = json!({"expires_in_s": 0});
    let refused = backend
        .send(Method::POST, "/invitations", Some(&bad))
        .await?;
    assert_eq!(refused.status().as_u16(), 400);
    Ok(())
}

#[tokio::test]
async fn renewal_link_is_for_accounts_of_the_site() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_app_and_site("rival", &[SHOP_ORIGIN]).await?;
    let end = deployment.connect("acme", json!({})).await?;
    let order = json!({"waba_id": end["connected"]["waba_id"]});
    let own = deployment.backend("acme", &["write"]).await?;
    let created = own.send(Method::POST, "/renewals", Some(&order)).await?;
    let link: Value = created.json().await?;
    let url = link["url"].as_str().context("no link")?;
    assert!(url.contains("/go/acme#embark="), "{url}");
    let rival = deployment.backend("rival", &["write"]).await?;
    let refused = rival.send(Method::POST, "/renewals", Some(&order)).await?;
    assert_eq!(refused.status().as_u16(), 404);
    Ok(())
}
