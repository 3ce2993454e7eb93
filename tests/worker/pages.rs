//! Pages, static files and host names: framing, caching, language, and which host name serves which route.

use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::environment::path_from_env;
use serde_json::{Value, json};

#[tokio::test]
async fn frame_page_allows_one_ancestor_and_is_not_cached() -> Result<()> {
    let deployment = Deployment::start().await?;
    let frame = |site: &str, host: &str| {
        deployment
            .client
            .get(format!("{}/frame", deployment.origin))
            .query(&[("site", site), ("host", host)])
            .send()
    };
    let response = frame("acme", SHOP_ORIGIN).await?;
    assert_eq!(response.status().as_u16(), 200);
    let header = |name: &str| {
        response
            .headers()
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let policy = header("content-security-policy");
    assert!(
        policy.contains("frame-ancestors https://shop.example;"),
        "{policy}"
    );
    let transport = header("strict-transport-security");
    assert!(transport.starts_with("max-age=31536000"), "{transport}");
    assert!(
        policy.contains("https://connect.facebook.net") && !policy.contains("unsafe-inline"),
        "{policy}"
    );
    assert!(
        !policy.contains("unsafe-eval'") || policy.contains("'wasm-unsafe-eval'"),
        "{policy}"
    );
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("set-cookie"), "", "the frame page sets no cookie");
    assert_eq!(header("x-content-type-options"), "nosniff");
    for (site, host, status) in [
        ("acme", "https://evil.example", 403),
        ("acme", "https://shop.example.evil.example", 403),
        ("acme", "https://shop.example/", 403),
        ("acme", "null", 403),
        ("nobody", SHOP_ORIGIN, 404),
        ("Not A Site", SHOP_ORIGIN, 400),
    ] {
        let response = frame(site, host).await?;
        assert_eq!(response.status().as_u16(), status, "{site} {host}");
        let policy = response
            .headers()
            .get("content-security-policy")
            .context("no policy")?
            .to_str()?
            .to_owned();
        assert!(policy.contains("default-src 'none'"), "{policy}");
        assert!(
            !response.text().await?.contains("embark-launch"),
            "{site} {host}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn frame_may_be_framed_by_all_pages_of_the_site_and_its_embedders() -> Result<()> {
    let deployment = Deployment::start().await?;
    let origins = json!({"origins": [SHOP_ORIGIN, "https://www.shop.example"],
        "embedders": ["https://admin.builder.example"]});
    deployment.put_site("acme", &origins, &[]).await?;
    let frame = |host: &str| {
        let request = deployment
            .client
            .get(format!("{}/frame", deployment.origin));
        request.query(&[("site", "acme"), ("host", host)]).send()
    };
    let response = frame(SHOP_ORIGIN).await?;
    let policy = response.headers()["content-security-policy"].to_str()?;
    let ancestors = "frame-ancestors https://shop.example https://www.shop.example https://admin.builder.example;";
    assert!(policy.contains(ancestors), "{policy}");
    let embedder = frame("https://admin.builder.example").await?;
    assert_eq!(embedder.status().as_u16(), 403, "it has no tag of its own");
    Ok(())
}

#[tokio::test]
async fn hosted_page_names_site_and_partner() -> Result<()> {
    let deployment = Deployment::start().await?;
    let page = || async {
        let page = deployment
            .client
            .get(format!("{}/go/acme", deployment.origin));
        let page = page.send().await?;
        let policy = page.headers()["content-security-policy"]
            .to_str()?
            .to_owned();
        Ok::<_, anyhow::Error>((policy, page.text().await?))
    };
    let (_, html) = page().await?;
    assert!(html.contains("<bdi>shop.example</bdi>"), "{html}");
    let identity =
        json!({"display_name": "Lucky & Shrub", "logo_url": "https://cdn.example/logo.svg"});
    deployment.admin_patch("sites/acme", &identity).await?;
    let partner = json!({"partner_name": "Partner Ltd"});
    deployment.admin_patch("apps/main", &partner).await?;
    let (policy, html) = page().await?;
    for part in [
        "Lucky &amp; Shrub",
        "shop.example",
        "Partner Ltd",
        "https://cdn.example/logo.svg",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert!(policy.contains(" https://cdn.example;"), "{policy}");
    Ok(())
}

#[tokio::test]
async fn pages_answer_people_and_head_requests() -> Result<()> {
    let deployment = Deployment::start().await?;
    let client = &deployment.client;
    let url = |path: &str| format!("{}{path}", deployment.origin);
    for path in [
        "/go/acme",
        "/frame?site=acme&host=https%3A%2F%2Fshop.example",
    ] {
        let (get, head) = (client.get(url(path)), client.head(url(path)));
        let (get, head) = (get.send().await?, head.send().await?);
        assert_eq!((get.status(), head.status().as_u16()), (head.status(), 200));
        for name in ["content-type", "content-security-policy", "cache-control"] {
            assert_eq!(
                get.headers().get(name),
                head.headers().get(name),
                "{path} {name}"
            );
        }
        assert_eq!(head.text().await?, "");
    }
    for (path, location) in [
        ("/go/acme/?invite=1", "/go/acme?invite=1"),
        ("/frame/", "/frame"),
    ] {
        let moved = client.get(url(path)).send().await?;
        assert_eq!(moved.status().as_u16(), 308, "{path}");
        assert_eq!(moved.headers()["location"], url(location), "{path}");
    }
    for path in ["/", "/nothing", "/go/", "/go/a/b"] {
        let request = client.get(url(path)).header("accept", "text/html,*/*");
        let page = request.header("accept-language", "de").send().await?;
        assert!(page.status().is_client_error(), "{path}");
        let kind = page.headers()["content-type"].to_str()?.to_owned();
        assert!(kind.starts_with("text/html"), "{path}: {kind}");
        assert!(page.text().await?.contains("lang=\"de\""), "{path}");
        let program = client.get(url(path)).send().await?;
        let kind = program.headers()["content-type"].to_str()?.to_owned();
        assert_eq!(kind, "application/problem+json", "{path}");
    }
    let icon = client.get(url("/favicon.ico")).send().await?;
    assert_eq!(icon.status().as_u16(), 204);
    Ok(())
}

#[tokio::test]
async fn error_page_is_in_requested_language() -> Result<()> {
    let deployment = Deployment::start().await?;
    let evil = "/frame?site=acme&host=https%3A%2F%2Fevil.example";
    for (address, accepted, code, tag) in [
        (format!("{evil}&lang=de"), "ar", "origin_not_allowed", "de"),
        (evil.to_owned(), "ar", "origin_not_allowed", "ar"),
        ("/go/nobody?lang=xx".to_owned(), "ja", "unknown_site", "ja"),
        ("/go/callback?code=x".to_owned(), "", "grant_invalid", "en"),
    ] {
        let page = deployment
            .client
            .get(format!("{}{address}", deployment.origin))
            .header("accept-language", accepted)
            .send()
            .await?;
        let page = page.text().await?;
        let locales = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/locales");
        let locale = std::fs::read(format!("{locales}/{tag}.json"))?;
        let locale: Value = serde_json::from_slice(&locale)?;
        let sentence = locale[format!("problem.{code}")]
            .as_str()
            .context("no text")?;
        assert!(page.contains(sentence), "{address}: {page}");
        assert!(
            page.contains(&format!("lang=\"{tag}\"")),
            "{address}: {page}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn launch_document_is_sent_only_to_listed_origin() -> Result<()> {
    let deployment = Deployment::start().await?;
    let ask = |origin: &'static str| {
        deployment
            .client
            .get(format!("{}/v1/sites/acme", deployment.origin))
            .header("origin", origin)
            .send()
    };
    let response = ask(SHOP_ORIGIN).await?;
    assert_eq!(
        response
            .headers()
            .get("access-control-allow-origin")
            .and_then(|v| v.to_str().ok()),
        Some(SHOP_ORIGIN)
    );
    assert!(
        !response.headers().contains_key("set-cookie"),
        "the launch document sets no cookie"
    );
    let launch: Value = response.json().await?;
    assert_eq!(
        (&launch["mode"], &launch["host"]),
        (&json!("inline"), &json!(SHOP_ORIGIN))
    );
    assert_eq!(
        launch["sdk"]["url"],
        "https://connect.facebook.net/en_US/sdk.js"
    );
    assert_eq!(ask("https://evil.example").await?.status().as_u16(), 403);
    Ok(())
}

#[tokio::test]
async fn public_and_operator_host_names_serve_only_their_routes() -> Result<()> {
    let deployment = Deployment::start().await?;
    let site = embark_tests::deployment::site_json("acme", &[SHOP_ORIGIN]);
    let on_public = deployment
        .client
        .put(format!("{}/v1/admin/sites/acme", deployment.origin))
        .json(&site)
        .send()
        .await?;
    assert_eq!(on_public.status().as_u16(), 404);
    for path in [
        "/frame?site=acme&host=https%3A%2F%2Fshop.example",
        "/go/acme",
        "/v1/sites/acme",
    ] {
        let on_operator = deployment
            .client
            .get(deployment.operator_url(path))
            .send()
            .await?;
        assert_eq!(on_operator.status().as_u16(), 404, "{path}");
    }
    let without = deployment
        .client
        .put(deployment.operator_url("/v1/admin/sites/acme"))
        .json(&site)
        .send()
        .await?;
    assert_eq!(without.status().as_u16(), 401);
    let wrong = deployment
        .client
        .put(deployment.operator_url("/v1/admin/sites/acme"))
        .bearer_auth("no")
        .json(&site)
        .send()
        .await?;
    assert_eq!(wrong.status().as_u16(), 401);
    Ok(())
}

#[tokio::test]
async fn invalid_site_settings_are_refused_with_reason() -> Result<()> {
    let deployment = Deployment::start().await?;
    let site = |change: (&str, Value)| {
        let mut site = embark_tests::deployment::site_json("acme", &[SHOP_ORIGIN]);
        site[change.0] = change.1;
        site
    };
    for (body, hint) in [
        (site(("origins", json!([]))), "origins"),
        (
            site(("origins", json!(["https://shop.example/"]))),
            "origins",
        ),
        (site(("origins", json!(["http://shop.example"]))), "origins"),
        (site(("config_id", json!("abc"))), "config_id"),
        (site(("app", json!("nobody"))), "app"),
        (site(("solution_id", json!("x"))), "solution_id"),
        (site(("key", json!("other"))), "key"),
        (site(("sdk_locale", json!("english"))), "sdk_locale"),
    ] {
        let response = deployment.admin_put("sites/acme", &body).await?;
        assert_eq!(response.status().as_u16(), 400, "{body}");
        let problem: Value = response.json().await?;
        assert!(
            problem["detail"]
                .as_str()
                .unwrap_or_default()
                .contains(hint),
            "{problem}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn static_files_have_expected_headers() -> Result<()> {
    let deployment = Deployment::start().await?;
    let assets = path_from_env("EMBARK_ASSETS")?;
    let mut folders = vec![assets.clone()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&assets)?.to_string_lossy().into_owned();
            // What lies below `v1/` the Worker alone serves, with headers of its own.
            if name.starts_with('_') || name.starts_with("v1/") {
                continue;
            }
            let response = deployment
                .client
                .get(format!("{}/{name}", deployment.origin))
                .send()
                .await?;
            let header = |key: &str| {
                response
                    .headers()
                    .get(key)
                    .and_then(|v| v.to_str().ok())
                    .unwrap_or_default()
                    .to_owned()
            };
            assert_eq!(response.status().as_u16(), 200, "{name}");
            assert_eq!(header("set-cookie"), "", "{name}");
            let html = header("content-type").contains("html");
            assert!(
                !html || !header("content-security-policy").is_empty(),
                "{name}: HTML without a policy"
            );
            assert_eq!(header("x-content-type-options"), "nosniff", "{name}");
            let transport = header("strict-transport-security");
            assert!(transport.starts_with("max-age=31536000"), "{name}");
            assert_eq!(
                header("cross-origin-resource-policy"),
                "cross-origin",
                "{name}"
            );
            let cache = header("cache-control");
            let expected = if name.starts_with("b/") || name.starts_with("embark-") {
                "immutable"
            } else {
                "max-age=300"
            };
            assert!(cache.contains(expected), "{name}: {cache}");
            files += 1;
        }
    }
    assert!(files >= 5, "{files} files");
    Ok(())
}
