//! The operator's origin: changes that keep what they do not name, mistakes that are explained, and wrong tokens.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::{SHOP_ORIGIN, site_json, with_fields};
use serde_json::{Value, json};

#[tokio::test]
async fn patch_keeps_what_it_does_not_name() -> Result<()> {
    let deployment = Deployment::start().await?;
    let options = json!({"display_name": "Lucky Shrub", "embedders": ["https://admin.example"]});
    deployment.put_site("shop", &options, &[]).await?;
    let patch =
        json!({"origins": ["https://new.example"], "logo_url": "https://new.example/l.png"});
    let patched = deployment.admin_patch("sites/shop", &patch).await?;
    assert_eq!(patched.status().as_u16(), 200);
    let site: Value = deployment.admin_get("sites/shop").await?.json().await?;
    for (name, want) in [
        ("origins", json!(["https://new.example"])),
        ("display_name", json!("Lucky Shrub")),
        ("embedders", json!(["https://admin.example"])),
        ("config_id", json!("3000000000000001")),
    ] {
        assert_eq!(site[name], want, "{site}");
    }
    let app = json!({"weekly_limit": 200});
    deployment.admin_patch("apps/main", &app).await?;
    let app: Value = deployment.admin_get("apps/main").await?.json().await?;
    assert_eq!(
        (&app["weekly_limit"], &app["app_id"]),
        (&json!(200), &json!("1000000000000001"))
    );
    let sites: Value = deployment.admin_get("sites").await?.json().await?;
    assert_eq!(sites, json!(["acme", "shop"]));
    let apps: Value = deployment.admin_get("apps").await?.json().await?;
    assert_eq!(apps[0]["key"], "main", "{apps}");
    assert_eq!(apps[0]["weekly_limit"], 200, "{apps}");
    for unknown in ["apps/none", "apps/none/quota", "sites/none"] {
        let status = deployment.admin_get(unknown).await?.status();
        assert_eq!(status.as_u16(), 404, "{unknown}");
    }
    for (patch, status, hint) in [
        (json!({"displayname": "x"}), 400, "displayname"),
        (json!({"feature_type": 7}), 400, "feature_type: "),
        (
            json!({"feature_type": "coexistence"}),
            400,
            "feature_type: one of whatsapp_business_app_onboarding",
        ),
        (
            json!({"app": "Main"}),
            400,
            "app: not an id: expected an app name",
        ),
        (
            json!({"origins": ["https://shop.example/"]}),
            400,
            "write https://shop.example)",
        ),
        (json!([]), 400, "object"),
    ] {
        let refused = deployment.admin_patch("sites/shop", &patch).await?;
        assert_eq!(refused.status().as_u16(), status, "{patch}");
        let problem: Value = refused.json().await?;
        let detail = problem["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(hint), "{problem}");
    }
    Ok(())
}

#[tokio::test]
async fn app_without_secret_is_refused_at_launch_and_named_when_a_site_is_put() -> Result<()> {
    let deployment = Deployment::start().await?;
    let app = json!({"key": "bare", "app_id": "1000000000000002"});
    deployment.admin_put("apps/bare", &app).await?;
    // Meta's limit of an app that is not verified.
    let stored: Value = deployment.admin_get("apps/bare").await?.json().await?;
    assert_eq!(stored["weekly_limit"], 10, "{stored}");
    let mut site = site_json("bare", &[SHOP_ORIGIN]);
    site["app"] = "bare".into();
    let put: Value = deployment
        .admin_put("sites/bare", &site)
        .await?
        .json()
        .await?;
    let warning = put["warning"].as_str().unwrap_or_default();
    assert!(warning.contains("app_secret"), "{put}");
    let document = format!("{}/v1/sites/bare?mode=page", deployment.origin);
    let refused = deployment.client.get(&document).send().await?;
    assert_eq!(refused.status().as_u16(), 500);
    let problem: Value = refused.json().await?;
    assert_eq!(
        (&problem["code"], &problem["remedy"]),
        (&json!("app_incomplete"), &json!("operator"))
    );
    let secret = json!({"value": "sandbox-app-secret"});
    deployment
        .admin_put("secrets/app/bare/app_secret", &secret)
        .await?;
    let served = deployment.client.get(&document).send().await?;
    assert_eq!(served.status().as_u16(), 200);
    let put: Value = deployment
        .admin_put("sites/bare", &site)
        .await?
        .json()
        .await?;
    assert_eq!(put.get("warning"), None, "{put}");
    Ok(())
}

#[tokio::test]
async fn site_without_its_providers_secret_is_refused_at_launch_and_named_when_it_is_put()
-> Result<()> {
    let deployment = Deployment::start().await?;
    let handoff = json!({"url": "https://crm.example/orders",
        "headers": {"authorization": "Bearer {secret:crm}"}});
    let infobip = json!({"base_url": "https://x.api.infobip.com"});
    for (site, policy, more, secret) in [
        ("orders", "handoff", json!({"handoff": handoff}), "crm"),
        (
            "bird",
            "infobip",
            json!({"infobip": infobip, "solution_id": "9000000000000001"}),
            "infobip",
        ),
    ] {
        let settings = with_fields(site_json(site, &[SHOP_ORIGIN]), &more);
        let settings = with_fields(settings, &json!({"policy": policy}));
        let path = format!("sites/{site}");
        let put = deployment.admin_put(&path, &settings).await?;
        let put: Value = put.error_for_status()?.json().await?;
        let warning = put["warning"].as_str().unwrap_or_default();
        assert!(
            warning.contains(&format!("secret site/{site}/{secret}")),
            "{put}"
        );
        let document = format!("{}/v1/sites/{site}?mode=page", deployment.origin);
        let refused = deployment.client.get(&document).send().await?;
        assert_eq!(refused.status().as_u16(), 500, "{site}");
        let problem: Value = refused.json().await?;
        assert_eq!(problem["code"], "app_incomplete", "{problem}");
        let path = format!("secrets/site/{site}/{secret}");
        let stored = deployment
            .admin_put(&path, &json!({"value": "a-key-of-the-provider"}))
            .await?;
        stored.error_for_status()?;
        let served = deployment.client.get(&document).send().await?;
        let (status, text) = (served.status().as_u16(), served.text().await?);
        assert!(!text.contains("app_incomplete"), "{site}: {status} {text}");
    }
    Ok(())
}

#[tokio::test]
async fn network_with_many_wrong_tokens_is_refused_unread() -> Result<()> {
    let deployment = Deployment::start().await?;
    let send = |token: String, address: String| {
        let url = deployment.operator_url("/v1/admin/sites");
        let request = deployment.client.get(url).bearer_auth(token);
        request.header("cf-connecting-ip", address).send()
    };
    for n in 0..25 {
        let wrong = send(format!("wrong-{n}"), format!("2001:db8::{n:x}")).await?;
        let want = if n < 20 { 401 } else { 429 };
        assert_eq!(wrong.status().as_u16(), want, "{n}");
    }
    let right = || "operator-token-of-a-test".to_owned();
    let same = send(right(), "2001:db8::ffff".to_owned()).await?;
    assert_eq!(same.status().as_u16(), 429, "right or wrong");
    let other = send(right(), "2001:db8:0:1::1".to_owned()).await?;
    assert_eq!(other.status().as_u16(), 200);
    Ok(())
}
