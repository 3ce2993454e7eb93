//! `/go/callback`, to which Meta redirects when the login dialog was opened without a popup.

use crate::invitations::open_page;
use anyhow::{Context, Result};
use embark_tests::Deployment;
use serde_json::json;

#[tokio::test]
async fn redirect_callback_needs_cookie_of_same_browser() -> Result<()> {
    let deployment = Deployment::start().await?;
    let site = json!({"key": "callback", "app": "main", "origins": ["https://shop.example"], "config_id": "3000000000000001"});
    assert_eq!(
        deployment
            .admin_put("sites/callback", &site)
            .await?
            .status()
            .as_u16(),
        400
    );
    let created = json!({"url": format!("{}/go/acme", deployment.origin)});
    let widget = open_page(&deployment, &created).await?;
    let dialog = widget.launch["dialog"].as_str().context("no dialog")?;
    assert!(
        dialog.starts_with("https://www.facebook.com/v25.0/dialog/oauth?client_id="),
        "{dialog}"
    );
    let (signup, grant) = (widget.signup_id(), widget.grant());
    let nonce = "a-nonce-of-this-test";
    let get_callback = |query: String, cookie: String| {
        let request = deployment
            .client
            .get(format!("{}/go/callback?{query}", deployment.origin));
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
        let response = get_callback(query.clone(), cookie).await?;
        assert!(
            response.status().is_client_error(),
            "{query}: {}",
            response.status()
        );
        assert!(response.headers().contains_key("content-security-policy"));
    }
    assert_eq!(
        widget.request("GET", "").send().await?.status().as_u16(),
        404,
        "no signup has begun"
    );

    let callback = format!("{}/go/callback", deployment.origin);
    let minted = deployment
        .mint_code(json!({"redirect_uri": callback}))
        .await?;
    let code = minted["code"].as_str().context("no code")?;
    let cookie = format!("embark-{signup}={nonce}.{grant}");
    let response = get_callback(format!("code={code}&state={signup}.{nonce}"), cookie).await?;
    assert_eq!(response.status().as_u16(), 303);
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    assert_eq!(
        header("location"),
        format!("{}/go/acme#embark={signup}.{grant}", deployment.origin)
    );
    assert_eq!(
        header("set-cookie"),
        format!("embark-{signup}=;path=/go/callback;max-age=0")
    );
    assert_eq!(
        (header("referrer-policy"), header("cache-control")),
        ("no-referrer", "no-store")
    );
    widget.poll_until(&["connected"]).await?;
    deployment.assert_calls("*/oauth/access_token", 1).await?;
    Ok(())
}
