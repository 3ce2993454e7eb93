//! Sessions: signups that the back end begins, and what a page cannot do with them.

use anyhow::{Context, Result, ensure};
use embark_tests::backend::Backend;
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::widget_client::launch_document;
use embark_tests::{Deployment, WidgetClient};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

const OTHER_ORIGIN: &str = "https://rival.example";

/// A session of this order.
async fn session(backend: &Backend<'_>, order: Value) -> Result<String> {
    let created = backend.create_session("acme", &order).await?;
    ensure!(created.status().as_u16() == 201, "{}", created.status());
    ensure!(created.headers()["cache-control"] == "no-store");
    let created: Value = created.json().await?;
    Ok(created["session"]
        .as_str()
        .context("no session")?
        .to_owned())
}

/// The frame page of a site, as a browser on `host` opens it.
async fn open<'d>(
    deployment: &'d Deployment,
    site: &str,
    host: &str,
    query: &[(&str, &str)],
) -> Result<WidgetClient<'d>> {
    let frame = deployment
        .client
        .get(format!("{}/frame", deployment.origin))
        .query(&[("site", site), ("host", host)])
        .query(query);
    let html = frame.send().await?.error_for_status()?.text().await?;
    WidgetClient::from_html(deployment, &html)
}

/// The hosted page at this path.
async fn open_hosted<'d>(deployment: &'d Deployment, path: &str) -> Result<WidgetClient<'d>> {
    let url = format!("{}{path}", deployment.origin);
    let html = deployment.client.get(url).send().await?.text().await?;
    WidgetClient::from_html(deployment, &html)
}

/// The code of the problem that a page shows in place of its button.
fn problem<'l>(widget: &'l WidgetClient<'_>) -> Option<&'l str> {
    widget.launch["problem"]["code"].as_str()
}

async fn launched(widget: &WidgetClient<'_>) -> Result<(u16, String)> {
    let (status, body) = widget.post("/launched", &json!({})).await?;
    let code = body["code"].as_str().unwrap_or_default();
    Ok((status.as_u16(), code.to_owned()))
}

#[tokio::test]
async fn session_proves_whose_signup_it_is_and_overrides_the_page() -> Result<()> {
    let deployment = Deployment::start().await?;
    let settings = json!({"tag_may": ["config_id", "prefill", "sdk_locale"]});
    deployment.put_site("acme", &settings, &[]).await?;
    let backend = deployment.backend("acme", &["read", "write"]).await?;
    let order = json!({"reference": "customer-7", "prefill": {"business_id": "2000000000000009"},
        "options": {"config_id": "3000000000000009"}});
    let text = session(&backend, order).await?;
    assert!(text.starts_with("session_acme_"), "{text}");
    let said_by_page = [
        ("session", text.as_str()),
        ("reference", "another"),
        ("configId", "3000000000000008"),
        ("prefill", r#"{"business_id": "2000000000000008"}"#),
        ("sdkLocale", "de_DE"),
    ];
    let widget = open(&deployment, "acme", SHOP_ORIGIN, &said_by_page).await?;
    assert_eq!(problem(&widget), None);
    let launch = &widget.launch;
    assert_eq!(launch["login"]["config_id"], "3000000000000009");
    let business = &launch["login"]["extras"]["setup"]["business"];
    assert_eq!(business["id"], "2000000000000009");
    // On this the session says nothing.
    assert!(
        launch["sdk"]["url"]
            .as_str()
            .is_some_and(|url| url.contains("de_DE"))
    );
    let minted = deployment.mint_code(json!({})).await?;
    widget.post_outcome(&minted).await?;
    assert_eq!(widget.poll_until_end().await?["status"], "connected");
    let proven = json!({"id": "customer-7", "verified": true});
    let connected = deployment
        .wait_for_listed_event("acme", "signup.connected")
        .await?;
    assert_eq!(connected["data"]["reference"], proven);
    let list = backend.get("/signups?reference=customer-7").await?;
    assert_eq!(list["signups"][0]["reference"], proven);
    // The text is nowhere in the storage, and its digest is.
    assert!(
        !deployment
            .workerd
            .objects_contain("Site", text.as_bytes())?
    );
    Ok(())
}

#[tokio::test]
async fn session_is_used_by_one_signup_which_goes_on() -> Result<()> {
    let deployment = Deployment::start().await?;
    let backend = deployment.backend("acme", &["read", "write"]).await?;
    let text = session(&backend, json!({"reference": "customer-7"})).await?;
    let query = [("session", text.as_str())];
    // Opening a page uses nothing up.
    let first = open(&deployment, "acme", SHOP_ORIGIN, &query).await?;
    let replay = open(&deployment, "acme", SHOP_ORIGIN, &query).await?;
    assert_eq!(launched(&first).await?.0, 202);
    for suffix in ["/launched", "/ended"] {
        let body = json!({"reason": "closed"});
        let body = if suffix == "/ended" { body } else { json!({}) };
        let (status, refused) = replay.post(suffix, &body).await?;
        let refused = (status.as_u16(), refused["code"].as_str());
        assert_eq!(refused, (410, Some("session_used")), "{suffix}");
    }
    let later = open(&deployment, "acme", SHOP_ORIGIN, &query).await?;
    assert_eq!(problem(&later), Some("session_used"));
    // What the tab remembers of the signup belongs to the customer, whom the page cannot name.
    assert_eq!(later.launch["reference"], first.launch["reference"]);
    let named = [("reference", "customer-7")];
    let named = open(&deployment, "acme", SHOP_ORIGIN, &named).await?;
    assert_ne!(named.launch["reference"], first.launch["reference"]);
    let inline = deployment
        .client
        .get(format!("{}/v1/sites/acme", deployment.origin))
        .query(&query)
        .header("origin", SHOP_ORIGIN);
    // A document too: the tab may hold what became of the signup.
    let inline: Value = inline.send().await?.error_for_status()?.json().await?;
    assert_eq!(inline["problem"]["code"], "session_used");
    // The signup itself is launched again, as after a reload.
    first.post("/ended", &json!({"reason": "closed"})).await?;
    assert_eq!(launched(&first).await?.0, 202);
    let minted = deployment.mint_code(json!({})).await?;
    first.post_outcome(&minted).await?;
    assert_eq!(first.poll_until_end().await?["status"], "connected");
    Ok(())
}

#[tokio::test]
async fn session_of_another_origin_or_site_or_form_is_refused() -> Result<()> {
    let deployment = Deployment::start().await?;
    let origins = [SHOP_ORIGIN, OTHER_ORIGIN];
    deployment.put_app_and_site("acme", &origins).await?;
    deployment.put_app_and_site("rival", &origins).await?;
    let backend = deployment.backend("acme", &["write"]).await?;
    let bound = json!({"reference": "7", "origin": SHOP_ORIGIN});
    let bound = session(&backend, bound).await?;
    let hosted = json!({"reference": "7", "origin": deployment.origin});
    let hosted = session(&backend, hosted).await?;
    let any = session(&backend, json!({"reference": "7"})).await?;
    let random = any.rsplit('_').next().unwrap_or_default();
    let never = format!("session_acme_{}", "0".repeat(64));
    let renamed = format!("session_rival_{random}");
    for (site, host, text, want) in [
        ("acme", SHOP_ORIGIN, bound.as_str(), None),
        ("acme", OTHER_ORIGIN, &bound, Some("session_origin")),
        ("acme", SHOP_ORIGIN, &hosted, Some("session_origin")),
        ("acme", OTHER_ORIGIN, &any, None),
        ("rival", SHOP_ORIGIN, &any, Some("session_foreign")),
        ("rival", SHOP_ORIGIN, &renamed, Some("session_unknown")),
        ("acme", SHOP_ORIGIN, &never, Some("session_unknown")),
        ("acme", SHOP_ORIGIN, random, Some("session_unknown")),
        ("acme", SHOP_ORIGIN, "x", Some("session_unknown")),
    ] {
        let widget = open(&deployment, site, host, &[("session", text)]).await?;
        assert_eq!(problem(&widget), want, "{site} {host} {text}");
        if want.is_some() {
            assert_eq!(launched(&widget).await?, (401, "grant_expired".into()));
            assert_eq!(widget.launch.get("reference"), None, "{text}");
        }
    }
    let path = |text: &str| format!("/go/acme?session={text}");
    let widget = open_hosted(&deployment, &path(&hosted)).await?;
    assert_eq!(problem(&widget), None);
    let stolen = open_hosted(&deployment, &path(&bound)).await?;
    assert_eq!(problem(&stolen), Some("session_origin"));
    // A page that may use it passes it on to the hosted page.
    let shop = open(&deployment, "acme", SHOP_ORIGIN, &[("session", &bound)]).await?;
    let link = shop.launch["page"].as_str().context("no hosted page")?;
    let passed_on = open_hosted(&deployment, link).await?;
    assert_eq!(problem(&passed_on), None, "{link}");
    assert_eq!(launched(&passed_on).await?.0, 202);
    Ok(())
}

#[tokio::test]
async fn session_expires_after_a_quarter_of_an_hour() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    let backend = deployment.backend("acme", &["write"]).await?;
    let text = session(&backend, json!({"reference": "7"})).await?;
    let query = [("session", text.as_str())];
    let in_time = open(&deployment, "acme", SHOP_ORIGIN, &query).await?;
    let too_late = open(&deployment, "acme", SHOP_ORIGIN, &query).await?;
    assert_eq!(launched(&in_time).await?.0, 202);
    let other = session(&backend, json!({"reference": "8"})).await?;
    let other = [("session", other.as_str())];
    let opened = open(&deployment, "acme", SHOP_ORIGIN, &other).await?;
    deployment
        .advance_clock(Duration::from_secs(16 * 60))
        .await?;
    assert_eq!(launched(&opened).await?, (410, "session_expired".into()));
    let late = open(&deployment, "acme", SHOP_ORIGIN, &other).await?;
    assert_eq!(problem(&late), Some("session_expired"));
    assert_eq!(launched(&too_late).await?, (410, "session_used".into()));
    // The signup that redeemed it in time goes on.
    assert_eq!(launched(&in_time).await?.0, 202);
    Ok(())
}

#[tokio::test]
async fn site_that_requires_sessions_starts_nothing_without_one() -> Result<()> {
    let deployment = Deployment::start().await?;
    let settings = json!({"sessions": "required"});
    deployment.put_site("acme", &settings, &[]).await?;
    let backend = deployment.backend("acme", &["read", "write"]).await?;
    let without = open(&deployment, "acme", SHOP_ORIGIN, &[]).await?;
    assert_eq!(problem(&without), Some("session_required"));
    assert_eq!(launched(&without).await?, (401, "grant_expired".into()));
    let hosted = open_hosted(&deployment, "/go/acme").await?;
    assert_eq!(problem(&hosted), Some("session_required"));
    let text = session(&backend, json!({"reference": "7"})).await?;
    let widget = open(&deployment, "acme", SHOP_ORIGIN, &[("session", &text)]).await?;
    widget.post("/launched", &json!({})).await?;
    widget.connect().await?;
    // A renewal needs none.
    let end = widget.snapshot().await?;
    let renewal = json!({"waba_id": end["connected"]["waba_id"]});
    let created = backend
        .send(Method::POST, "/renewals", Some(&renewal))
        .await?;
    let link: Value = created.json().await?;
    let renewal = deployment.widget_from_link(link["url"].as_str().context("no link")?)?;
    assert_eq!(launched(&renewal).await?.0, 202);
    let minted = deployment
        .mint_code(json!({"waba_id": end["connected"]["waba_id"]}))
        .await?;
    renewal.post_outcome(&minted).await?;
    assert_eq!(renewal.poll_until_end().await?["status"], "connected");
    Ok(())
}

#[tokio::test]
async fn order_that_is_not_valid_is_refused_with_its_field() -> Result<()> {
    let deployment = Deployment::start().await?;
    let backend = deployment.backend("acme", &["write"]).await?;
    for (order, field) in [
        (json!({}), "reference"),
        (json!({"reference": "x".repeat(201)}), "reference"),
        (json!({"reference": "7", "origin": OTHER_ORIGIN}), "origin"),
        (json!({"reference": "7", "more": 1}), "more"),
        (
            json!({"reference": "7", "prefill": {"country": "Germany"}}),
            "country",
        ),
        (
            json!({"reference": "7", "options": {"config_id": "x"}}),
            "config_id",
        ),
    ] {
        let refused = backend.create_session("acme", &order).await?;
        assert_eq!(refused.status().as_u16(), 400, "{order}");
        let problem: Value = refused.json().await?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(field), "{problem}");
    }
    // The operator creates them as well.
    let order = json!({"reference": "7"});
    let created = deployment.admin_post("sites/acme/sessions", &order).await?;
    assert_eq!(created.status().as_u16(), 201);
    let created: Value = created.json().await?;
    let html = deployment
        .client
        .get(format!("{}/go/acme", deployment.origin))
        .query(&[("session", created["session"].as_str())])
        .send()
        .await?
        .text()
        .await?;
    assert_eq!(launch_document(&html)?.get("problem"), None);
    Ok(())
}
