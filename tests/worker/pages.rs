//! Pages, files and host names: who may frame what, what is cached, what answers where.

use anyhow::{Context, Result};
use embark_tests::Stage;
use embark_tests::stage::HOST;
use embark_tests::tools::from_env;
use serde_json::{Value, json};

#[tokio::test]
async fn a_frame_names_its_one_ancestor_and_is_never_cached() -> Result<()> {
    let stage = Stage::new().await?;
    let frame = |site: &str, host: &str| {
        stage
            .client
            .get(format!("{}/frame", stage.origin))
            .query(&[("site", site), ("host", host)])
            .send()
    };
    let response = frame("acme", HOST).await?;
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
    assert!(
        policy.contains("https://connect.facebook.net") && !policy.contains("unsafe-inline"),
        "{policy}"
    );
    assert!(
        !policy.contains("unsafe-eval'") || policy.contains("'wasm-unsafe-eval'"),
        "{policy}"
    );
    assert_eq!(header("cache-control"), "no-store");
    assert_eq!(header("set-cookie"), "", "a frame sets no cookie");
    assert_eq!(header("x-content-type-options"), "nosniff");
    for (site, host, status) in [
        ("acme", "https://evil.example", 403),
        ("acme", "https://shop.example.evil.example", 403),
        ("acme", "https://shop.example/", 403),
        ("acme", "null", 403),
        ("nobody", HOST, 404),
        ("Not A Site", HOST, 400),
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
async fn a_refusal_is_read_in_the_language_of_the_page() -> Result<()> {
    let stage = Stage::new().await?;
    let evil = "/frame?site=acme&host=https%3A%2F%2Fevil.example";
    for (address, accepted, code, tag) in [
        (format!("{evil}&lang=de"), "ar", "origin_not_allowed", "de"),
        (evil.to_owned(), "ar", "origin_not_allowed", "ar"),
        ("/go/nobody?lang=xx".to_owned(), "ja", "unknown_site", "ja"),
        ("/go/callback?code=x".to_owned(), "", "grant_invalid", "en"),
    ] {
        let page = stage
            .client
            .get(format!("{}{address}", stage.origin))
            .header("accept-language", accepted)
            .send()
            .await?;
        let page = page.text().await?;
        let locales = concat!(env!("CARGO_MANIFEST_DIR"), "/../www/locales");
        let words = std::fs::read(format!("{locales}/{tag}.json"))?;
        let words: Value = serde_json::from_slice(&words)?;
        let sentence = words[format!("problem.{code}")]
            .as_str()
            .context("no word")?;
        assert!(page.contains(sentence), "{address}: {page}");
        assert!(
            page.contains(&format!("lang=\"{tag}\"")),
            "{address}: {page}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_inline_page_gets_its_launch_document_only_for_its_own_origin() -> Result<()> {
    let stage = Stage::new().await?;
    let ask = |origin: &'static str| {
        stage
            .client
            .get(format!("{}/v1/sites/acme", stage.origin))
            .header("origin", origin)
            .send()
    };
    let response = ask(HOST).await?;
    assert_eq!(
        response
            .headers()
            .get("access-control-allow-origin")
            .and_then(|v| v.to_str().ok()),
        Some(HOST)
    );
    assert!(
        !response.headers().contains_key("set-cookie"),
        "nor does a launch document"
    );
    let launch: Value = response.json().await?;
    assert_eq!(
        (&launch["mode"], &launch["host"]),
        (&json!("inline"), &json!(HOST))
    );
    assert_eq!(
        launch["sdk"]["url"],
        "https://connect.facebook.net/en_US/sdk.js"
    );
    assert_eq!(ask("https://evil.example").await?.status().as_u16(), 403);
    Ok(())
}

#[tokio::test]
async fn each_host_name_answers_for_its_own_routes_only() -> Result<()> {
    let stage = Stage::new().await?;
    let site = embark_tests::stage::site_json("acme", &[HOST]);
    let on_public = stage
        .client
        .put(format!("{}/v1/admin/sites/acme", stage.origin))
        .json(&site)
        .send()
        .await?;
    assert_eq!(on_public.status().as_u16(), 404);
    for path in [
        "/frame?site=acme&host=https%3A%2F%2Fshop.example",
        "/go/acme",
        "/v1/sites/acme",
    ] {
        let on_operator = stage.client.get(stage.operator(path)).send().await?;
        assert_eq!(on_operator.status().as_u16(), 404, "{path}");
    }
    let without = stage
        .client
        .put(stage.operator("/v1/admin/sites/acme"))
        .json(&site)
        .send()
        .await?;
    assert_eq!(without.status().as_u16(), 401);
    let wrong = stage
        .client
        .put(stage.operator("/v1/admin/sites/acme"))
        .bearer_auth("no")
        .json(&site)
        .send()
        .await?;
    assert_eq!(wrong.status().as_u16(), 401);
    Ok(())
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused_with_a_reason() -> Result<()> {
    let stage = Stage::new().await?;
    let site = |change: (&str, Value)| {
        let mut site = embark_tests::stage::site_json("acme", &[HOST]);
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
        let response = stage.put("sites/acme", &body).await?;
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
async fn every_built_file_is_served_as_what_it_is() -> Result<()> {
    let stage = Stage::new().await?;
    let assets = from_env("EMBARK_ASSETS")?;
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
            if name.starts_with('_') {
                continue;
            }
            let response = stage
                .client
                .get(format!("{}/{name}", stage.origin))
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
            assert_eq!(
                header("cross-origin-resource-policy"),
                "cross-origin",
                "{name}"
            );
            let cache = header("cache-control");
            let want = if name.starts_with("b/") || name.starts_with("embark-") {
                "immutable"
            } else {
                "max-age=300"
            };
            assert!(cache.contains(want), "{name}: {cache}");
            files += 1;
        }
    }
    assert!(files >= 5, "{files} files");
    Ok(())
}
