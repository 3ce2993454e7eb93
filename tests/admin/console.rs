//! The console over HTTP: who gets in, and that no other page's form does anything. What its pages look like is tested in a
//! browser.

use crate::operators::add_operator;
use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::OPERATOR_TOKEN;
use reqwest::Response;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::json;

/// A browser that is signed in, without the browser.
pub struct Console<'a> {
    deployment: &'a Deployment,
    cookie: String,
    csrf: String,
}

impl<'a> Console<'a> {
    pub async fn sign_in(deployment: &'a Deployment, token: &str) -> Result<Self> {
        let response = post(deployment, "/console/sign-in", None, &[("token", token)]).await?;
        assert_eq!(
            response.status().as_u16(),
            303,
            "{}",
            response.text().await?
        );
        Self::with_cookie(deployment, set_cookie(response.headers())?).await
    }

    /// A browser that has the cookie of a session.
    pub async fn with_cookie(deployment: &'a Deployment, cookie: String) -> Result<Self> {
        let mut console = Self {
            deployment,
            cookie,
            csrf: String::new(),
        };
        let page = console.get("/console").await?.text().await?;
        let field = page.split_once("name=\"csrf\" value=\"");
        let value = field.and_then(|(_, rest)| rest.split_once('"'));
        value
            .context("no csrf field")?
            .0
            .clone_into(&mut console.csrf);
        Ok(console)
    }

    pub async fn get(&self, path: &str) -> Result<Response> {
        let url = self.deployment.operator_url(path);
        let request = self.deployment.client.get(url);
        Ok(request.header("cookie", &self.cookie).send().await?)
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Response> {
        let mut fields = fields.to_vec();
        fields.push(("csrf", &self.csrf));
        post(self.deployment, path, Some(&self.cookie), &fields).await
    }
}

async fn post(
    deployment: &Deployment,
    path: &str,
    cookie: Option<&str>,
    fields: &[(&str, &str)],
) -> Result<Response> {
    let mut request = deployment
        .client
        .post(deployment.operator_url(path))
        .header("origin", &deployment.operator_origin)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(
            form_urlencoded::Serializer::new(String::new())
                .extend_pairs(fields)
                .finish(),
        );
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    Ok(request.send().await?)
}

/// The cookie that a response sets, as a browser sends it.
pub fn set_cookie(headers: &HeaderMap<HeaderValue>) -> Result<String> {
    let cookie = headers.get("set-cookie").context("no cookie")?.to_str()?;
    for attribute in ["httponly", "samesite=strict", "path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

const PAGES: &[&str] = &[
    "/console",
    "/console?site=acme&days=7",
    "/console/signups",
    "/console/signups?site=acme&status=connected&reference=&waba_id=",
    "/console/sites",
    "/console/sites/acme",
    "/console/apps",
    "/console/apps/main",
    "/console/accounts",
    "/console/events",
    "/console/events?site=acme&delivery=dead",
    "/console/unclaimed",
    "/console/callbacks",
    "/console/callbacks?status=unmatched",
    "/console/health",
    "/console/audit",
    "/console/operators",
    "/console/keys",
];

#[tokio::test]
async fn pages_are_for_operators_who_are_signed_in() -> Result<()> {
    let deployment = Deployment::start().await?;
    for path in PAGES {
        let response = deployment
            .client
            .get(deployment.operator_url(path))
            .send()
            .await?;
        assert_eq!(response.status().as_u16(), 303, "{path}");
        let location = response.headers().get("location").context("no location")?;
        assert!(location.to_str()?.ends_with("/console/sign-in"), "{path}");
    }
    for token in ["", "wrong", "embark-operator_wrong"] {
        let refused = post(&deployment, "/console/sign-in", None, &[("token", token)]).await?;
        assert_eq!(refused.status().as_u16(), 401, "{token}");
        assert!(refused.headers().get("set-cookie").is_none());
    }
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    for path in PAGES {
        let response = console.get(path).await?;
        assert_eq!(response.status().as_u16(), 200, "{path}");
        let policy = response.headers().get("content-security-policy");
        let policy = policy.context("no policy")?.to_str()?;
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
    let signed_out = console.post("/console/sign-out", &[]).await?;
    assert_eq!(signed_out.status().as_u16(), 303);
    let after = console.get("/console").await?;
    assert_eq!(after.status().as_u16(), 303, "the session is over");
    Ok(())
}

#[tokio::test]
async fn form_of_another_page_does_nothing() -> Result<()> {
    let deployment = Deployment::start().await?;
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let other = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let path = "/console/operators";
    let order = [("name", "Mallory"), ("role", "owner")];
    for (csrf, origin) in [
        ("", deployment.operator_origin.as_str()),
        (other.csrf.as_str(), deployment.operator_origin.as_str()),
        (console.csrf.as_str(), "https://evil.example"),
        (console.csrf.as_str(), "null"),
    ] {
        let mut fields = order.to_vec();
        fields.push(("csrf", csrf));
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&fields)
            .finish();
        let response = deployment
            .client
            .post(deployment.operator_url(path))
            .header("origin", origin)
            .header("cookie", &console.cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await?;
        assert_eq!(response.status().as_u16(), 403, "{csrf} {origin}");
    }
    let page = console.get(path).await?.text().await?;
    assert!(!page.contains("Mallory"));
    let response = console.post(path, &order).await?;
    let page = response.text().await?;
    assert!(page.contains("Mallory") && page.contains("embark-operator_"));
    // Signing somebody else's browser in takes a form of our own, too.
    let foreign = deployment
        .client
        .post(deployment.operator_url("/console/sign-in"))
        .header("origin", "https://evil.example")
        .body(format!("token={OPERATOR_TOKEN}"))
        .send()
        .await?;
    assert_eq!(foreign.status().as_u16(), 403);
    assert!(foreign.headers().get("set-cookie").is_none());
    Ok(())
}

#[tokio::test]
async fn viewer_sees_pages_and_changes_nothing() -> Result<()> {
    let deployment = Deployment::start().await?;
    let (id, token) = add_operator(&deployment, "Vera", "viewer").await?;
    let console = Console::sign_in(&deployment, &token).await?;
    for path in PAGES {
        assert_eq!(console.get(path).await?.status().as_u16(), 200, "{path}");
    }
    for path in [
        "/console/sites",
        "/console/sites/acme/settings",
        "/console/sites/acme/secret",
        "/console/sites/acme/tokens",
        "/console/sites/acme/invite",
        "/console/apps/main/secret",
        "/console/operators",
    ] {
        let refused = console
            .post(path, &[("key", "new"), ("name", "x"), ("value", "x")])
            .await?;
        assert_eq!(refused.status().as_u16(), 403, "{path}");
    }
    // Removed: signed out at once.
    deployment.admin_delete(&format!("operators/{id}")).await?;
    assert_eq!(console.get("/console").await?.status().as_u16(), 303);
    Ok(())
}

#[tokio::test]
async fn settings_of_a_site_are_changed_unless_somebody_else_did() -> Result<()> {
    let deployment = Deployment::start().await?;
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let page = console.get("/console/sites/acme").await?.text().await?;
    let version = page
        .split_once("name=\"version\" value=\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .context("no version")?
        .0
        .replace("&quot;", "\"");
    let fields = [
        ("version", version.as_str()),
        ("app", "main"),
        ("config_id", "3000000000000001"),
        ("origins", "https://shop.example\r\nhttps://other.example"),
        ("display_name", "Acme & <Sons>"),
        ("enabled", "true"),
        ("patch", "{\"session_info_version\": \"3\"}"),
    ];
    let saved = console
        .post("/console/sites/acme/settings", &fields)
        .await?;
    let text = saved.text().await?;
    assert!(
        text.contains("Saved.") && text.contains("Acme &amp; &lt;Sons&gt;"),
        "{text}"
    );
    let stored: serde_json::Value = deployment.admin_get("sites/acme").await?.json().await?;
    assert_eq!(stored["origins"][1], "https://other.example");
    assert_eq!(stored["session_info_version"], "3");
    // The form was made of settings that are not the stored ones any more.
    let again = console
        .post("/console/sites/acme/settings", &fields)
        .await?;
    assert!(again.text().await?.contains("settings_changed"));
    Ok(())
}

#[tokio::test]
async fn form_for_a_new_one_replaces_nothing() -> Result<()> {
    let deployment = Deployment::start().await?;
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    for (path, stored, fields) in [
        (
            "/console/sites",
            "sites/acme",
            &[
                ("key", "acme"),
                ("app", "main"),
                ("config_id", "3000000000000009"),
                ("origins", "https://other.example"),
            ][..],
        ),
        (
            "/console/apps",
            "apps/main",
            &[("key", "main"), ("app_id", "1000000000000777")],
        ),
    ] {
        let before: serde_json::Value = deployment.admin_get(stored).await?.json().await?;
        let refused = console.post(path, fields).await?;
        assert_eq!(refused.status().as_u16(), 409, "{path}");
        let page = refused.text().await?;
        assert!(page.contains("there is one with this key"), "{page}");
        let after: serde_json::Value = deployment.admin_get(stored).await?.json().await?;
        assert_eq!(after, before);
    }
    Ok(())
}

#[tokio::test]
async fn page_of_a_site_has_the_quota_of_its_partner_solution() -> Result<()> {
    let deployment = Deployment::start().await?;
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let quota = "of 200";
    let page = console.get("/console/sites/acme").await?.text().await?;
    assert!(!page.contains(quota), "no solution, no quota");
    let solution = json!({"solution_id": "7000000000000001"});
    deployment.admin_patch("sites/acme", &solution).await?;
    let page = console.get("/console/sites/acme").await?.text().await?;
    assert!(page.contains(quota), "{page}");
    Ok(())
}

#[tokio::test]
async fn preview_shows_the_button_with_the_options_of_the_tag() -> Result<()> {
    let deployment = Deployment::start().await?;
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let path = "/console/sites/acme/preview?lang=ar&theme=dark&accent=%23123456&label=Los";
    let response = console.get(path).await?;
    assert_eq!(response.status().as_u16(), 200);
    let header = response.headers().get("content-security-policy");
    let policy = header.context("no policy")?.to_str()?.to_owned();
    assert!(policy.contains("frame-ancestors 'self';"), "{policy}");
    assert!(!policy.contains("script-src"), "{policy}");
    let html = response.text().await?;
    for part in [
        "dir=\"rtl\"",
        "data-state=\"ready\"",
        "#123456",
        "Los",
        "inert",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("<script"), "{html}");
    let unknown = console.get("/console/sites/none/preview").await?;
    assert_eq!(unknown.status().as_u16(), 404);

    let disabled = json!({"enabled": false});
    deployment.admin_patch("sites/acme", &disabled).await?;
    let html = console.get(path).await?.text().await?;
    assert!(html.contains("site_disabled"), "what customers see: {html}");
    Ok(())
}
