//! Who may call `/v1/backend`.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use reqwest::Method;
use serde_json::{Value, json};

/// Every route, and the scope that it needs.
const ROUTES: &[(&str, &str, Option<&str>)] = &[
    ("GET", "", None),
    ("GET", "/signups", Some("read")),
    (
        "GET",
        "/signups/0123456789abcdef0123456789abcdef",
        Some("read"),
    ),
    ("GET", "/wabas", Some("read")),
    ("POST", "/invitations", Some("write")),
    ("POST", "/renewals", Some("write")),
    ("GET", "/events", Some("read")),
    ("POST", "/events/replay", Some("write")),
    ("GET", "/wabas/5000000000000001/token", Some("token")),
];

#[tokio::test]
async fn wrong_revoked_foreign_and_missing_tokens_are_refused() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment.put_app_and_site("rival", &[SHOP_ORIGIN]).await?;
    let all = ["read", "token", "write"];
    let revoked = deployment.backend("acme", &all).await?;
    let path = format!("sites/acme/tokens/{}", revoked.token_id);
    assert_eq!(deployment.admin_delete(&path).await?.status().as_u16(), 204);
    let valid = deployment.backend("acme", &all).await?;
    let random = valid.token.rsplit('_').next().unwrap_or_default();
    let mut wrong: Vec<String> = vec![
        revoked.token.clone(),
        // The right random part, for another site: also one that does not exist.
        format!("embark_rival_{random}"),
        format!("embark_nobody_{random}"),
        format!("embark_acme_{}", "0".repeat(64)),
        valid.token.to_uppercase(),
        random.to_owned(),
        "x".into(),
    ];
    wrong.push(format!("{}0", valid.token));
    for (method, path, _) in ROUTES {
        let url = format!("{}/v1/backend{path}", deployment.origin);
        let request = || {
            let request = deployment
                .client
                .request(method.parse().unwrap_or_default(), &url);
            if *method == "POST" {
                request.json(&json!({}))
            } else {
                request
            }
        };
        let without = request().send().await?;
        assert_eq!(without.status().as_u16(), 401, "{path}");
        assert_eq!(without.json::<Value>().await?["code"], "unauthorized");
    }
    for token in wrong {
        let url = format!("{}/v1/backend/signups", deployment.origin);
        let response = deployment
            .client
            .get(url)
            .bearer_auth(&token)
            .send()
            .await?;
        assert_eq!(response.status().as_u16(), 401);
    }
    assert_eq!(valid.get("").await?["site"], "acme");
    // On the operator's host there is no such route.
    let url = deployment.operator_url("/v1/backend");
    let response = deployment
        .client
        .get(url)
        .bearer_auth(&valid.token)
        .send()
        .await?;
    assert_eq!(response.status().as_u16(), 404);
    Ok(())
}

#[tokio::test]
async fn token_permits_what_its_scopes_say() -> Result<()> {
    let deployment = Deployment::start().await?;
    for scope in ["read", "token", "write"] {
        let backend = deployment.backend("acme", &[scope]).await?;
        assert_eq!(backend.get("").await?["scopes"], json!([scope]));
        for (method, path, needs) in ROUTES {
            let method: Method = method.parse()?;
            if needs.is_none_or(|needs| needs == scope) {
                let body = (method == Method::POST).then(|| json!({}));
                let response = backend.send(method, path, body.as_ref()).await?;
                let want = match *path {
                    // Nothing is connected, and no signup begun.
                    path if path.ends_with("/token") || path.starts_with("/signups/") => 404,
                    // An account or events have to be named.
                    "/renewals" | "/events/replay" => 400,
                    _ => 200,
                };
                assert_eq!(response.status().as_u16(), want, "{scope} {path}");
                assert_eq!(response.headers()["cache-control"], "no-store");
            } else {
                let refusal = backend.refusal(method, path).await?;
                assert_eq!(
                    refusal,
                    (403, "insufficient_scope".into()),
                    "{scope} {path}"
                );
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn operator_creates_lists_and_revokes_tokens() -> Result<()> {
    let deployment = Deployment::start().await?;
    for (body, hint) in [
        (json!({"name": "", "scopes": ["read"]}), "name"),
        (json!({"name": "crm", "scopes": []}), "scopes"),
        (json!({"name": "crm", "scopes": ["all"]}), "scopes"),
        (json!({"name": "crm"}), "scopes"),
    ] {
        let refused = deployment.admin_post("sites/acme/tokens", &body).await?;
        assert_eq!(refused.status().as_u16(), 400);
        let problem: Value = refused.json().await?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(hint), "{problem}");
    }
    let unknown = json!({"name": "crm", "scopes": ["read"]});
    let refused = deployment
        .admin_post("sites/nobody/tokens", &unknown)
        .await?;
    assert_eq!(refused.status().as_u16(), 404);
    let backend = deployment
        .backend("acme", &["write", "read", "read"])
        .await?;
    let unknown_id = deployment.admin_delete("sites/acme/tokens/none").await?;
    assert_eq!(unknown_id.status().as_u16(), 404);
    let list: Value = deployment
        .admin_get("sites/acme/tokens")
        .await?
        .json()
        .await?;
    assert_eq!(list[0]["id"], backend.token_id);
    assert_eq!(list[0]["scopes"], json!(["read", "write"]));
    assert!(!list.to_string().contains(&backend.token));
    for _ in 0..19 {
        deployment.backend("acme", &["read"]).await?;
    }
    let full = deployment.admin_post("sites/acme/tokens", &unknown).await?;
    assert_eq!(full.status().as_u16(), 409);
    Ok(())
}

#[tokio::test]
async fn wrong_tokens_of_a_backend_do_not_lock_the_operator_out() -> Result<()> {
    let deployment = Deployment::start().await?;
    let backend = deployment.backend("acme", &["read"]).await?;
    let url = format!("{}/v1/backend", deployment.origin);
    let mut last = 0;
    for _ in 0..25 {
        let wrong = deployment.client.get(&url).bearer_auth("wrong");
        last = wrong.send().await?.status().as_u16();
    }
    assert_eq!(last, 429);
    let refused = backend.refusal(Method::GET, "/signups").await?;
    assert_eq!(refused, (429, "too_many_requests".into()));
    let operator = deployment.admin_get("sites/acme/tokens").await?;
    assert_eq!(operator.status().as_u16(), 200);
    Ok(())
}

#[tokio::test]
async fn scheme_is_read_in_any_case_and_an_unknown_method_is_no_get() -> Result<()> {
    let deployment = Deployment::start().await?;
    let backend = deployment.backend("acme", &["read"]).await?;
    let url = format!("{}/v1/backend", deployment.origin);
    let request = |method: Method| {
        let request = deployment.client.request(method, &url);
        request.header("authorization", format!("bearer {}", backend.token))
    };
    assert_eq!(request(Method::GET).send().await?.status().as_u16(), 200);
    let query = Method::from_bytes(b"QUERY")?;
    let refused = request(query).send().await?;
    assert_eq!(refused.status().as_u16(), 405);
    Ok(())
}
