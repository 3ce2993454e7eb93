//! What operators read and do of a site: the same as its back end, and in their own name.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use reqwest::{Method, Response};
use serde_json::{Value, json};

#[tokio::test]
async fn operator_reads_signups_accounts_and_tokens_of_a_site() -> Result<()> {
    let deployment = Deployment::start().await?;
    let end = deployment.connect("acme", json!({})).await?;
    let id = end["id"].as_str().context("no id")?;
    let waba = end["connected"]["waba_id"].as_str().context("no account")?;
    deployment
        .wait_for_listed_event("acme", "signup.connected")
        .await?;
    let get = async |path: &str| -> Result<Value> {
        let response = deployment.admin_get(path).await?.error_for_status()?;
        Ok(response.json().await?)
    };
    let signup = get(&format!("sites/acme/signups/{id}")).await?;
    assert_eq!(signup["id"], id);
    let types: Vec<&Value> = signup["events"]
        .as_array()
        .context("no events")?
        .iter()
        .map(|event| &event["type"])
        .collect();
    assert!(types.contains(&&json!("signup.connected")), "{types:?}");
    let accounts = get("sites/acme/wabas").await?;
    assert_eq!(accounts["wabas"][0]["waba_id"], waba);
    let token = get(&format!("sites/acme/wabas/{waba}/token")).await?;
    assert_eq!(token["waba_id"], waba);
    assert!(token["token"].is_string());
    // In the operator's name.
    let reads = get("sites/acme/audit").await?;
    assert_eq!(reads[0]["who"], "operator", "{reads}");
    assert_eq!(reads[0]["what"], format!("read the token of {waba}"));

    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    widget.post("/launched", &json!({})).await?;
    let path = format!("sites/acme/signups/{}/link", widget.signup_id());
    let link: Value = deployment
        .admin_post(&path, &json!({}))
        .await?
        .json()
        .await?;
    let url = link["url"].as_str().context("no link")?;
    let window = deployment.widget_from_link(url)?;
    assert_eq!(window.signup_id(), widget.signup_id());

    // Neither on the public host name, nor of another site.
    deployment.put_app_and_site("rival", &[SHOP_ORIGIN]).await?;
    for path in [format!("signups/{id}"), format!("wabas/{waba}/token")] {
        let rival = deployment.admin_get(&format!("sites/rival/{path}")).await?;
        assert_eq!(rival.status().as_u16(), 404, "{path}");
        let public = format!("{}/v1/admin/sites/acme/{path}", deployment.origin);
        let public = deployment.client.get(public).send().await?;
        assert_eq!(public.status().as_u16(), 404, "{path}");
    }
    Ok(())
}

/// Posts with an idempotency key: whether the answer is repeated, its status and its body.
async fn post(
    deployment: &Deployment,
    path: &str,
    key: &str,
    body: &Value,
) -> Result<(bool, u16, Value)> {
    let request = deployment.admin_request(Method::POST, path);
    let response: Response = request
        .header("idempotency-key", key)
        .json(body)
        .send()
        .await?;
    let repeated = response.headers().contains_key("idempotency-replayed");
    let status = response.status().as_u16();
    Ok((repeated, status, response.json().await?))
}

#[tokio::test]
async fn operators_write_with_a_key_is_done_once() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_endpoint("acme").await?;
    for (number, (path, body, status)) in [
        ("tokens", json!({"name": "crm", "scopes": ["read"]}), 200),
        ("invitations", json!({"reference": "7"}), 200),
        ("sessions", json!({"reference": "7"}), 201),
        ("endpoint/secret", json!({}), 200),
        ("endpoint/test", json!({}), 202),
    ]
    .into_iter()
    .enumerate()
    {
        let (path, key) = (format!("sites/acme/{path}"), format!("key {number}"));
        let first = post(&deployment, &path, &key, &body).await?;
        assert_eq!((first.0, first.1), (false, status), "{path} {}", first.2);
        let second = post(&deployment, &path, &key, &body).await?;
        assert_eq!(second, (true, status, first.2), "{path}");
        let other = post(&deployment, &path, &key, &json!({"another": "body"})).await?;
        assert_eq!(other.2["code"], "idempotency_key_reused", "{path}");
    }
    let list = async |name: &str| -> Result<Vec<Value>> {
        let response = deployment.admin_get(&format!("sites/acme/{name}")).await?;
        Ok(response.json().await?)
    };
    let tokens = list("tokens").await?;
    assert_eq!(
        tokens.iter().filter(|token| token["name"] == "crm").count(),
        1
    );
    assert_eq!(list("invitations").await?.len(), 1);
    Ok(())
}
