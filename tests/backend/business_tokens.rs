//! The business token of a connected account.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn token_of_connected_account_calls_meta_and_each_read_is_recorded() -> Result<()> {
    let deployment = Deployment::start().await?;
    let end = deployment.connect("acme", json!({})).await?;
    let waba = end["connected"]["waba_id"].as_str().context("no account")?;
    let backend = deployment.backend("acme", &["token"]).await?;
    let document = backend.get(&format!("/wabas/{waba}/token")).await?;
    assert_eq!(document["waba_id"], waba);
    assert_eq!(document["signup"], end["id"]);
    let scopes = document["scopes"].as_array().context("no scopes")?;
    let management = "whatsapp_business_management";
    assert!(scopes.iter().any(|scope| scope == management), "{scopes:?}");
    // It is Meta's token for this account.
    let token = document["token"].as_str().context("no token")?;
    let version = document["graph_version"].as_str().context("no version")?;
    let url = format!("{}/{version}/{waba}?fields=id", deployment.sandbox.url());
    let read: Value = deployment
        .client
        .get(url)
        .bearer_auth(token)
        .send()
        .await?
        .json()
        .await?;
    assert_eq!(read["id"], waba, "{read}");

    let audit: Value = deployment
        .admin_get("sites/acme/audit")
        .await?
        .json()
        .await?;
    assert_eq!(audit[0]["who"], backend.token_id);
    assert_eq!(audit[0]["what"], format!("read the token of {waba}"));
    assert_eq!(audit.as_array().map(Vec::len), Some(1));
    backend.get(&format!("/wabas/{waba}/token")).await?;
    let audit: Value = deployment
        .admin_get("sites/acme/audit")
        .await?
        .json()
        .await?;
    assert_eq!(audit.as_array().map(Vec::len), Some(2));
    Ok(())
}

#[tokio::test]
async fn another_sites_account_has_no_token() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_app_and_site("rival", &[SHOP_ORIGIN]).await?;
    let end = deployment.connect("acme", json!({})).await?;
    let waba = end["connected"]["waba_id"].as_str().context("no account")?;
    let rival = deployment.backend("rival", &["token"]).await?;
    let refusal = rival
        .refusal(Method::GET, &format!("/wabas/{waba}/token"))
        .await?;
    assert_eq!(refusal, (404, "not_found".into()));
    let audit: Value = deployment
        .admin_get("sites/rival/audit")
        .await?
        .json()
        .await?;
    assert_eq!(audit, json!([]), "nothing was given out");
    let refusal = rival.refusal(Method::GET, "/wabas/none/token").await?;
    assert_eq!(refusal, (400, "bad_id".into()));
    Ok(())
}
