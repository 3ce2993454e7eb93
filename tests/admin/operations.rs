//! What operators read and do of a site: the same as its back end, and in their own name.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use futures_util::future::try_join_all;
use reqwest::header::HeaderValue;
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
    assert_eq!(reads[0]["who"], "EMBARK_OPERATOR_TOKEN", "{reads}");
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
    let tokens = deployment.admin_get("sites/acme/tokens").await?;
    let tokens: Vec<Value> = tokens.json().await?;
    assert_eq!(
        tokens.iter().filter(|token| token["name"] == "crm").count(),
        1
    );
    assert_eq!(deployment.invitations("acme").await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn settings_that_somebody_else_changed_are_not_overwritten() -> Result<()> {
    let deployment = Deployment::start().await?;
    for (path, patch, other) in [
        (
            "apps/main",
            json!({"partner_name": "Partner"}),
            json!({"weekly_limit": 77}),
        ),
        (
            "sites/acme",
            json!({"display_name": "Shop"}),
            json!({"invited_only": true}),
        ),
    ] {
        let read = deployment.admin_get(path).await?.error_for_status()?;
        let etag = read.headers()["etag"].clone();
        let before: Value = read.json().await?;
        let put =
            async |method: Method, if_match: &HeaderValue, body: &Value| -> Result<Response> {
                let request = deployment.admin_request(method, path).json(body);
                Ok(request.header("if-match", if_match).send().await?)
            };
        let changed = put(Method::PATCH, &etag, &patch)
            .await?
            .error_for_status()?;
        let new_etag = changed.headers()["etag"].clone();
        assert_ne!(new_etag, etag, "{path}");
        for (method, body) in [(Method::PUT, &before), (Method::PATCH, &other)] {
            let refused = put(method, &etag, body).await?;
            assert_eq!(refused.status().as_u16(), 412, "{path}");
            let problem: Value = refused.json().await?;
            assert_eq!(problem["code"], "settings_changed", "{problem}");
        }
        put(Method::PATCH, &new_etag, &other)
            .await?
            .error_for_status()?;
        let all = HeaderValue::from_static("*");
        let unknown = format!("{path}-other");
        let request = deployment
            .admin_request(Method::PATCH, &unknown)
            .json(&patch);
        let refused = request.header("if-match", &all).send().await?;
        assert_eq!(refused.status().as_u16(), 412, "there is none: {unknown}");
        let stored: Value = deployment.admin_get(path).await?.json().await?;
        for fields in [&patch, &other] {
            for (name, value) in fields.as_object().context("no object")? {
                assert_eq!(stored[name], *value, "{path}: {stored}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn patches_at_the_same_time_all_stay() -> Result<()> {
    let deployment = Deployment::start().await?;
    let patches = [
        json!({"display_name": "Shop"}),
        json!({"invited_only": true}),
        json!({"features": ["app_only_install"]}),
        json!({"embedders": ["https://admin.example"]}),
    ];
    let sent = patches.iter().map(async |patch| {
        let response = deployment.admin_patch("sites/acme", patch).await?;
        response.error_for_status()?;
        anyhow::Ok(())
    });
    try_join_all(sent).await?;
    let stored: Value = deployment.admin_get("sites/acme").await?.json().await?;
    for patch in &patches {
        for (name, value) in patch.as_object().context("no object")? {
            assert_eq!(stored[name], *value, "{stored:#}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn settings_with_several_faults_are_refused_with_each() -> Result<()> {
    let deployment = Deployment::start().await?;
    let bad = json!({"origins": ["shop.example"], "logo_url": "logo.png", "config_id": "x"});
    let refused = deployment.admin_patch("sites/acme", &bad).await?;
    assert_eq!(refused.status().as_u16(), 400);
    let problem: Value = refused.json().await?;
    let errors = problem["errors"].as_array().context("no errors")?;
    let fields: Vec<_> = errors.iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["origins", "logo_url", "config_id"], "{problem:#}");
    let detail = problem["detail"].as_str().context("no detail")?;
    assert!(detail.contains("write https://shop.example"), "{detail}");
    Ok(())
}

#[tokio::test]
async fn patches_that_are_sent_at_once_all_take_effect() -> Result<()> {
    let deployment = Deployment::start().await?;
    let before: Value = deployment.admin_get("sites/acme").await?.json().await?;
    let mut patches = vec![];
    for value in ["1", "2", "3"] {
        let text = |name: &str| json!({name: format!("Text {value}")});
        patches.extend([
            text("display_name"),
            json!({"logo_url": format!("https://shop.example/{value}.svg")}),
            json!({"prefill": text("city")}),
            json!({"prefill": text("street1")}),
            json!({"prefill": text("description")}),
            json!({"invited_only": true}),
            json!({"es_version": "v4"}),
        ]);
    }
    let sent = patches.iter().map(async |patch| -> Result<()> {
        let request = deployment.admin_request(Method::PATCH, "sites/acme");
        let response = request.json(patch).send().await?;
        let status = response.status();
        let answer = response.text().await?;
        anyhow::ensure!(status.is_success(), "{patch}: {status} {answer}");
        Ok(())
    });
    try_join_all(sent).await?;
    let after: Value = deployment.admin_get("sites/acme").await?.json().await?;
    let named = [
        "/display_name",
        "/logo_url",
        "/prefill/city",
        "/prefill/street1",
        "/prefill/description",
        "/invited_only",
        "/es_version",
    ];
    for pointer in named {
        let (value, mut patched) = (after.pointer(pointer), patches.iter());
        let is_patched = patched.any(|patch| value.is_some() && patch.pointer(pointer) == value);
        assert!(is_patched, "{pointer}: {after}");
    }
    assert_eq!(after["origins"], before["origins"]);
    Ok(())
}
