//! Who may call `/v1/backend`.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Every route, and the scope that it needs.
const ROUTES: &[(&str, &str, Option<&str>)] = &[
    ("GET", "/v1/backend", None),
    ("GET", "/v1/backend/signups", Some("read")),
    (
        "GET",
        "/v1/backend/signups/0123456789abcdef0123456789abcdef",
        Some("read"),
    ),
    (
        "POST",
        "/v1/backend/signups/0123456789abcdef0123456789abcdef/link",
        Some("write"),
    ),
    ("GET", "/v1/backend/wabas", Some("read")),
    ("POST", "/v1/backend/invitations", Some("write")),
    ("POST", "/v1/backend/renewals", Some("write")),
    ("GET", "/v1/backend/events", Some("read")),
    ("POST", "/v1/backend/events/replay", Some("write")),
    (
        "GET",
        "/v1/backend/wabas/5000000000000001/token",
        Some("token"),
    ),
    ("POST", "/v1/sites/acme/sessions", Some("write")),
];
const ALL_SCOPES: [&str; 3] = ["read", "token", "write"];

/// Sends a request of a route with a token, from a network of its own: wrong tokens are counted for each.
async fn send(
    deployment: &Deployment,
    (method, path): (&str, &str),
    token: Option<&str>,
    key: Option<&str>,
) -> Result<Response> {
    static REQUESTS: AtomicU32 = AtomicU32::new(0);
    let [_, _, high, low] = REQUESTS.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    let url = format!("{}{path}", deployment.origin);
    let mut request = deployment.client.request(method.parse()?, url);
    request = request.header("cf-connecting-ip", format!("10.1.{high}.{low}"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    if method == "POST" {
        request = request.json(&json!({}));
    }
    Ok(request.send().await?)
}

#[tokio::test]
async fn every_route_refuses_every_token_that_is_not_one_of_its_site() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    deployment.put_app_and_site("rival", &[SHOP_ORIGIN]).await?;
    let revoked = deployment.backend("acme", &ALL_SCOPES).await?;
    let path = format!("sites/acme/tokens/{}", revoked.token_id);
    assert_eq!(deployment.admin_delete(&path).await?.status().as_u16(), 204);
    let order = json!({"name": "a test", "scopes": ALL_SCOPES, "expires_in_days": 1});
    let created: Value = deployment
        .admin_post("sites/acme/tokens", &order)
        .await?
        .json()
        .await?;
    let expiring = created["token"].as_str().context("no token")?.to_owned();
    let identity = send(&deployment, ("GET", "/v1/backend"), Some(&expiring), None).await?;
    assert_eq!(identity.status().as_u16(), 200);
    let day = Duration::from_secs(24 * 3_600);
    deployment.advance_clock(day).await?;
    let valid = deployment.backend("acme", &ALL_SCOPES).await?;
    let random = valid.token.rsplit('_').next().unwrap_or_default();
    let wrong: Vec<(&str, Option<String>)> = vec![
        ("missing", None),
        ("revoked", Some(revoked.token.clone())),
        ("expired", Some(expiring)),
        // The right random part, for another site: also one that does not exist.
        ("of another site", Some(format!("embark_rival_{random}"))),
        ("of no site", Some(format!("embark_nobody_{random}"))),
        ("wrong", Some(format!("embark_acme_{}", "0".repeat(64)))),
        ("in capitals", Some(valid.token.to_uppercase())),
        ("without its site", Some(random.to_owned())),
        ("too long", Some(format!("{}0", valid.token))),
        ("malformed", Some("x".to_owned())),
    ];
    for (method, path, _) in ROUTES {
        for (name, token) in &wrong {
            for key in [None, Some("a key")] {
                let refused = send(&deployment, (method, path), token.as_deref(), key).await?;
                assert_eq!(refused.status().as_u16(), 401, "{path} {name}");
                assert_eq!(refused.headers()["cache-control"], "no-store");
                assert_eq!(refused.json::<Value>().await?["code"], "unauthorized");
            }
        }
    }
    // A token that is right, for the route of another site.
    let rival = deployment.backend("rival", &ALL_SCOPES).await?;
    let session = ("POST", "/v1/sites/acme/sessions");
    let foreign = send(&deployment, session, Some(&rival.token), None).await?;
    assert_eq!(foreign.status().as_u16(), 401);
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
    for scope in ALL_SCOPES {
        let backend = deployment.backend("acme", &[scope]).await?;
        assert_eq!(backend.get("").await?["scopes"], json!([scope]));
        for (method, path, needs) in ROUTES {
            let token = Some(backend.token.as_str());
            let response = send(&deployment, (method, path), token, None).await?;
            let status = response.status().as_u16();
            assert_eq!(response.headers()["cache-control"], "no-store");
            if needs.is_none_or(|needs| needs == scope) {
                let want = match *path {
                    // Nothing is connected, and no signup begun.
                    path if path.ends_with("/token") || path.contains("/signups/") => 404,
                    // A customer, an account or events have to be named.
                    path if path.ends_with("/sessions") => 400,
                    "/v1/backend/renewals" | "/v1/backend/events/replay" => 400,
                    _ => 200,
                };
                assert_eq!(status, want, "{scope} {path}");
            } else {
                let problem: Value = response.json().await?;
                assert_eq!(
                    (status, problem["code"].as_str()),
                    (403, Some("insufficient_scope")),
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
        (
            json!({"name": "crm", "scopes": ["read"], "expires_in_days": 0}),
            "expires_in_days",
        ),
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
    for (authorization, status) in [
        (format!("Bearer   {}", backend.token), 200),
        (backend.token.clone(), 401),
        (format!("Basic {}", backend.token), 401),
        (format!("Bearer {} {}", backend.token, backend.token), 401),
    ] {
        let request = deployment.client.get(&url);
        let response = request
            .header("authorization", authorization)
            .send()
            .await?;
        assert_eq!(response.status().as_u16(), status);
    }
    let query = Method::from_bytes(b"QUERY")?;
    let refused = request(query).send().await?;
    assert_eq!(refused.status().as_u16(), 405);
    Ok(())
}
