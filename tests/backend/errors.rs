//! What the answers to a mistake say.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn mistake_is_refused_with_what_to_do_instead() -> Result<()> {
    let deployment = Deployment::start().await?;
    let backend = deployment
        .backend("acme", &["read", "token", "write"])
        .await?;
    for (method, path, body, status, detail) in [
        (
            "GET",
            "/v1/backend/signups/",
            None,
            404,
            "without the slash",
        ),
        ("GET", "/v1/backend/", None, 404, "without the slash"),
        (
            "GET",
            "/v1/backend/signups/xyz",
            None,
            400,
            "32 hexadecimal digits",
        ),
        (
            "GET",
            "/v1/backend/wabas/abc/token",
            None,
            400,
            "5 to 20 digits",
        ),
        (
            "GET",
            "/v1/backend/wabas/5999999999999999/token",
            None,
            404,
            "has not connected",
        ),
        (
            "GET",
            "/v1/backend/signups?refrence=7",
            None,
            400,
            "refrence: there is no such parameter; status, reference",
        ),
        ("GET", "/v1/backend/events?dead=1", None, 400, "delivery"),
        (
            "GET",
            "/v1/backend/wabas?status=x",
            None,
            400,
            "after, limit",
        ),
        (
            "POST",
            "/v1/sites/acme/sessions",
            Some(""),
            400,
            "{} at least",
        ),
        (
            "POST",
            "/v1/sites/acme/sessions",
            Some("[\"x\"]"),
            400,
            "a JSON object",
        ),
        (
            "POST",
            "/v1/backend/renewals",
            Some("[\"5000000000000001\"]"),
            400,
            "a JSON object",
        ),
        (
            "POST",
            "/v1/sites/acme/sessions",
            Some("{\"x\": 1}"),
            400,
            "unknown field",
        ),
    ] {
        let url = format!("{}{path}", deployment.origin);
        let mut request = deployment.client.request(method.parse()?, url);
        request = request.bearer_auth(&backend.token);
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await?;
        assert_eq!(response.status().as_u16(), status, "{method} {path}");
        let problem: Value = response.json().await?;
        let found = problem["detail"].as_str().unwrap_or_default();
        assert!(
            found.contains(detail),
            "{method} {path} {body:?}: {problem}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn refusal_names_method_scheme_and_wait() -> Result<()> {
    let deployment = Deployment::start().await?;
    let header = async |method: Method, path: &str, name: &str| -> Result<(u16, String)> {
        let url = format!("{}{path}", deployment.origin);
        let response = deployment.client.request(method, url).send().await?;
        let value = response.headers().get(name).context("no header")?;
        Ok((response.status().as_u16(), value.to_str()?.to_owned()))
    };
    let allow = header(Method::PUT, "/v1/backend/renewals", "allow").await?;
    assert_eq!(allow, (405, "POST".to_owned()));
    let scheme = header(Method::GET, "/v1/backend", "www-authenticate").await?;
    assert_eq!(scheme, (401, "Bearer".to_owned()));
    let path = "/v1/backend/signups";
    let mut last = header(Method::GET, path, "www-authenticate").await;
    while last.is_ok() {
        last = header(Method::GET, path, "www-authenticate").await;
    }
    let wait = header(Method::GET, path, "retry-after").await?;
    assert_eq!(wait, (429, "60".to_owned()));
    Ok(())
}

#[tokio::test]
async fn what_no_repetition_helps_is_not_advised_to_be_repeated() -> Result<()> {
    let deployment = Deployment::start().await?;
    let connected = deployment.connect("acme", json!({})).await?;
    let backend = deployment.backend("acme", &["read", "write"]).await?;
    let id = connected["id"].as_str().context("no id")?;
    let response = backend
        .send(
            Method::POST,
            &format!("/signups/{id}/link"),
            Some(&json!({})),
        )
        .await?;
    assert_eq!(response.status().as_u16(), 409);
    let problem: Value = response.json().await?;
    assert_eq!(problem["remedy"], "contact", "{problem}");
    Ok(())
}

#[tokio::test]
async fn long_body_is_refused_and_the_next_request_is_served() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let backend = deployment.backend("acme", &["write"]).await?;
    for kilobytes in [20, 300, 2_000, 6_000] {
        let body = json!({"reference": "x".repeat(kilobytes * 1_000)});
        let response = backend.create_session("acme", &body).await?;
        assert_eq!(response.status().as_u16(), 413, "{kilobytes} kB");
        let (status, _) = widget.post("/launched", &json!({})).await?;
        assert!(status.is_success(), "after {kilobytes} kB: {status}");
    }
    Ok(())
}
