//! Which secrets are stored, and when each was last set. Their values are nowhere.

use crate::console::Console;
use crate::operators::add_operator;
use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::OPERATOR_TOKEN;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

async fn list(deployment: &Deployment, owner: &str) -> Result<Vec<Value>> {
    let response = deployment.admin_get(&format!("secrets/{owner}")).await?;
    let list: Value = response.error_for_status()?.json().await?;
    Ok(list["secrets"].as_array().context("no list")?.clone())
}

async fn put(deployment: &Deployment, path: &str, value: &str) -> Result<()> {
    let body = json!({"value": value});
    let path = format!("secrets/{path}");
    let put = deployment.admin_put(&path, &body).await?;
    put.error_for_status()?;
    Ok(())
}

#[tokio::test]
async fn names_and_times_of_secrets_are_listed_and_no_value() -> Result<()> {
    let deployment = Deployment::start().await?;
    let now = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let first = list(&deployment, "app/main").await?;
    let stored = |list: &[Value]| -> Vec<(Value, Value)> {
        let pair = |one: &Value| (one["name"].clone(), one["stored"].clone());
        list.iter().map(pair).collect()
    };
    assert_eq!(
        stored(&first),
        [
            (json!("app_secret"), json!(true)),
            (json!("system_token"), json!(true)),
            (json!("verify_token"), json!(false)),
        ]
    );
    let set_at = first[0]["set_at"].as_u64().context("no time")?;
    assert!(now.abs_diff(set_at) < 60_000, "{first:?}");
    assert!(first[2].get("set_at").is_none(), "{first:?}");
    tokio::time::sleep(Duration::from_millis(20)).await;
    put(&deployment, "app/main/app_secret", "another-app-secret").await?;
    let webhook = deployment
        .admin_post("apps/main/webhook", &json!({}))
        .await?;
    webhook.error_for_status()?;
    let second = list(&deployment, "app/main").await?;
    assert!(second[0]["set_at"].as_u64() > Some(set_at), "{second:?}");
    assert_eq!(second[1], first[1]);
    assert_eq!(second[2]["stored"], true, "{second:?}");

    assert_eq!(list(&deployment, "site/acme").await?, Vec::<Value>::new());
    put(&deployment, "site/acme/provider_key", "s3cret-of-a-site").await?;
    put(&deployment, "site/acme/infobip", "s3cret-of-infobip").await?;
    let of_site = list(&deployment, "site/acme").await?;
    let names: Vec<&Value> = of_site.iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["infobip", "provider_key"]);
    assert!(
        of_site.iter().all(|one| one["set_at"].is_u64()),
        "{of_site:?}"
    );
    let all = format!("{second:?}{of_site:?}");
    assert!(!all.contains("s3cret") && !all.contains("another-app-secret"));

    for (path, status) in [("secrets/app/none", 404), ("secrets/site/none", 404)] {
        let missing = deployment.admin_get(path).await?;
        assert_eq!(missing.status().as_u16(), status, "{path}");
    }
    // Whoever only reads sees it too, in the console as well.
    let (_, token) = add_operator(&deployment, "Vera", "viewer").await?;
    let url = deployment.operator_url("/v1/admin/secrets/app/main");
    let request = deployment.client.get(url).bearer_auth(&token);
    assert_eq!(request.send().await?.status().as_u16(), 200);
    for token in [token.as_str(), OPERATOR_TOKEN] {
        let console = Console::sign_in(&deployment, token).await?;
        for (path, name) in [
            ("/console/apps/main", "<code>verify_token</code>"),
            ("/console/sites/acme", "<code>provider_key</code>"),
        ] {
            let page = console.get(path).await?.text().await?;
            assert!(page.contains(name) && page.contains("Last set"), "{page}");
            assert!(!page.contains("s3cret"), "{page}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn secret_that_was_put_before_times_were_kept_has_none() -> Result<()> {
    let deployment = Deployment::start().await?;
    put(&deployment, "site/acme/infobip", "s3cret-of-infobip").await?;
    deployment.workerd.kill().await?;
    for (class, field) in [("Partner", "secret_set_at"), ("Site", "secret_set_at")] {
        let forget = format!("UPDATE record SET json = json_remove(json, '$.{field}')");
        deployment.workerd.run_sql(class, &forget)?;
    }
    deployment.workerd.restart().await?;
    for (owner, name) in [("app/main", "app_secret"), ("site/acme", "infobip")] {
        let list = list(&deployment, owner).await?;
        let found = list.iter().find(|one| one["name"] == name);
        let found = found.context("not listed")?;
        assert_eq!(*found, json!({"name": name, "stored": true}));
    }
    Ok(())
}
