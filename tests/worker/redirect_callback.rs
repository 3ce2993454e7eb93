//! `/go/callback`, to which Meta redirects when the login dialog was opened without a popup.

use crate::invitations::open_page;
use anyhow::{Context, Result};
use embark_tests::{Deployment, WidgetClient};
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
    // The address says nothing of the signup: the browser's cookie does.
    let page = format!("{}/go/acme", deployment.origin);
    assert_eq!(header("location"), page);
    let cookies: Vec<String> = response
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|value| Ok(value.to_str()?.to_owned()))
        .collect::<Result<_>>()?;
    let returned = format!("embark-return={signup}.{grant}");
    let attributes = ";path=/go/acme;max-age=600;samesite=lax;httponly";
    assert_eq!(
        cookies,
        [
            format!("embark-{signup}=;path=/go/callback;max-age=0"),
            format!("{returned}{attributes}"),
        ]
    );
    assert_eq!(
        (header("referrer-policy"), header("cache-control")),
        ("no-referrer", "no-store")
    );
    let open = |cookie: String| deployment.client.get(&page).header("cookie", cookie).send();
    let own = open(returned.clone()).await?;
    let deleted = own.headers()["set-cookie"].to_str()?.to_owned();
    assert_eq!(deleted, "embark-return=;path=/go/acme;max-age=0");
    let own = WidgetClient::from_html(&deployment, &own.text().await?)?;
    assert_eq!(own.launch["resume"], format!("{signup}.{grant}"));
    for cookie in [String::new(), format!("{returned}x")] {
        let html = open(cookie).await?.text().await?;
        let other = WidgetClient::from_html(&deployment, &html)?;
        assert_eq!(other.launch.get("resume"), None, "{}", other.launch);
    }
    widget.poll_until(&["connected"]).await?;
    deployment.assert_calls("*/oauth/access_token", 1).await?;
    Ok(())
}

#[tokio::test]
async fn callback_in_browser_without_cookie_offers_the_hosted_page() -> Result<()> {
    let deployment = Deployment::start().await?;
    let state = format!("{}.a-nonce-of-this-test", "a".repeat(32));
    for (state, link) in [
        (format!("{state}.acme"), Some("href=\"/go/acme\"")),
        (state.clone(), None),
        (format!("{state}.//evil.example"), None),
    ] {
        let url = format!("{}/go/callback", deployment.origin);
        let request = deployment.client.get(url);
        let request = request.query(&[("code", "X"), ("state", state.as_str())]);
        let page = request.header("accept-language", "de").send().await?;
        assert_eq!(page.status().as_u16(), 401);
        let html = page.text().await?;
        assert_eq!(html.contains("href="), link.is_some(), "{html}");
        if let Some(link) = link {
            assert!(html.contains(link), "{html}");
            assert!(html.contains("WhatsApp verbinden"), "{html}");
        }
    }
    Ok(())
}
