//! The lists of signups for operators: the search, and the export.

use crate::console::Console;
use crate::operators::add_operator;
use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::{OPERATOR_TOKEN, SHOP_ORIGIN};
use serde_json::{Value, json};

/// A signup that is connected, and one whose customer has not come further than the click. Returns their ids.
async fn two_signups(deployment: &Deployment) -> Result<(Value, String)> {
    let connected = deployment.connect("acme", json!({"new": true})).await?;
    let launched = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    launched.post("/launched", &json!({})).await?;
    deployment
        .wait_for_listed_event("acme", "signup.connected")
        .await?;
    let launched = launched.signup_id().to_owned();
    for _ in 0..100 {
        if found(deployment, &launched).await? == [json!(launched)] {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Ok((connected, launched))
}

/// The ids of the signups that a search finds.
async fn found(deployment: &Deployment, search: &str) -> Result<Vec<Value>> {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("search", search)
        .finish();
    let path = format!("sites/acme/signups?{query}");
    let page: Value = deployment.admin_get(&path).await?.json().await?;
    let signups = page["signups"].as_array().context("no list")?;
    Ok(signups.iter().map(|signup| signup["id"].clone()).collect())
}

#[tokio::test]
async fn signups_of_all_sites_are_read_page_by_page() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment
        .put_app_and_site("rival", &["https://rival.example"])
        .await?;
    let (connected, launched) = two_signups(&deployment).await?;
    let other = deployment
        .open_widget("rival", "https://rival.example")
        .await?;
    other.post("/launched", &json!({})).await?;
    let mut ids = vec![];
    let mut after = String::new();
    for _ in 0..100 {
        let path = format!("signups?limit=2{after}");
        let page: Value = deployment.admin_get(&path).await?.json().await?;
        for signup in page["signups"].as_array().context("no list")? {
            ids.push((signup["site"].clone(), signup["id"].clone()));
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            // The site gets the last row a moment after the page's post.
            None if ids.len() < 3 => {
                (ids, after) = (vec![], String::new());
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            None => break,
        }
    }
    let own = |id: Value| (json!("acme"), id);
    let rival = (json!("rival"), json!(other.signup_id()));
    assert_eq!(
        ids,
        [rival, own(json!(launched)), own(connected["id"].clone())]
    );
    let refused = deployment.admin_get("signups?state=connected").await?;
    assert_eq!(refused.status().as_u16(), 400);
    Ok(())
}

#[tokio::test]
async fn search_finds_a_signup_by_whatever_is_known_of_it() -> Result<()> {
    let deployment = Deployment::start().await?;
    let (end, launched) = two_signups(&deployment).await?;
    let connected = &end["connected"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let number = text(&connected["display_phone_number"]);
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let name = text(&connected["verified_name"]);
    assert!(name.len() > 3 && digits.len() > 5, "{connected}");
    for search in [
        text(&end["id"]),
        text(&connected["waba_id"]),
        text(&connected["phone_number_id"]),
        name.to_uppercase(),
        name.chars().skip(1).collect(),
        number,
        digits,
    ] {
        let found = found(&deployment, &search).await?;
        assert_eq!(found, [end["id"].clone()], "{search}");
    }
    assert_eq!(found(&deployment, &launched).await?, [json!(launched)]);
    for search in ["%", "_", "'", "no such name"] {
        let padded = format!("{search} ");
        let path = form_urlencoded::Serializer::new(String::new())
            .append_pair("search", &padded)
            .finish();
        let response = deployment
            .admin_get(&format!("sites/acme/signups?{path}"))
            .await?;
        let status = response.status().as_u16();
        let page: Value = response.json().await?;
        let is_empty = page["signups"].as_array().is_some_and(Vec::is_empty);
        assert!(status == 400 || is_empty, "{search}: {page}");
    }
    // In the console, one field for all of it; and one signup is named there.
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let path = format!("/console/signups?site=&status=&search={launched}");
    let page = console.get(&path).await?.text().await?;
    assert!(page.contains(&launched), "{page}");
    assert!(!page.contains(&text(&end["id"])), "{page}");
    Ok(())
}

#[tokio::test]
async fn export_is_refused_for_what_it_cannot_be() -> Result<()> {
    let deployment = Deployment::start().await?;
    for (query, status) in [
        ("sites/acme/signups/export?format=xlsx", 400),
        ("sites/acme/signups/export?limit=1", 400),
        ("sites/acme/signups/export?search=a", 400),
        ("sites/nothing/signups/export", 404),
    ] {
        let refused = deployment.admin_get(query).await?;
        assert_eq!(refused.status().as_u16(), status, "{query}");
        let problem: Value = refused.json().await?;
        assert!(problem["code"].is_string(), "{query}");
    }
    let url = deployment.operator_url("/v1/admin/sites/acme/signups/export");
    let refused = deployment.client.get(url).send().await?;
    assert_eq!(refused.status().as_u16(), 401);
    Ok(())
}

#[tokio::test]
async fn export_has_every_signup_as_csv_and_as_lines_of_json() -> Result<()> {
    let deployment = Deployment::start().await?;
    let (end, launched) = two_signups(&deployment).await?;
    let (_, token) = add_operator(&deployment, "Vera", "viewer").await?;
    let url = deployment.operator_url("/v1/admin/sites/acme/signups/export?format=csv");
    let request = deployment.client.get(url).bearer_auth(&token);
    let response = request.send().await?.error_for_status()?;
    let header = |name: &str| {
        response.headers()[name]
            .to_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert!(header("content-type").starts_with("text/csv"));
    assert_eq!(
        header("content-disposition"),
        "attachment; filename=\"signups-acme.csv\""
    );
    let csv = response.text().await?;
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 3, "{csv}");
    assert!(lines[0].starts_with("id,status,name,reference,"), "{csv}");
    let number = end["connected"]["display_phone_number"].as_str();
    let digits: String = number
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    let id = end["id"].as_str().context("no id")?;
    let row = lines.iter().find(|line| line.starts_with(id));
    assert!(row.context("no row")?.ends_with(&digits), "{csv}");

    let path = "sites/acme/signups/export?format=jsonl&status=launched";
    let jsonl = deployment.admin_get(path).await?.text().await?;
    let line: Value = serde_json::from_str(jsonl.trim_end())?;
    assert_eq!(line["id"], launched, "{jsonl}");

    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let page = console.get("/console/signups?site=acme").await?;
    assert!(
        page.text()
            .await?
            .contains("/console/sites/acme/export?format=csv")
    );
    let file = console.get("/console/sites/acme/export?format=csv").await?;
    let file = file.text().await?;
    assert_eq!(file.lines().count(), 3, "{file}");

    let audit: Value = deployment.admin_get("audit").await?.json().await?;
    let entries = audit["entries"].as_array().context("no entries")?;
    let of = |who: &str| {
        let is_export =
            |entry: &&Value| entry["what"] == "site acme: exported signups" && entry["who"] == who;
        entries.iter().filter(is_export).count()
    };
    assert_eq!((of("Vera"), of("EMBARK_OPERATOR_TOKEN")), (1, 2), "{audit}");
    Ok(())
}
