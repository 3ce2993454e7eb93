//! Lists of the operator's API that are read page by page: each entry once, in one order.

use crate::console::Console;
use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::OPERATOR_TOKEN;
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn invitations_are_read_page_by_page() -> Result<()> {
    let deployment = Deployment::start().await?;
    // Several expire at the same time.
    for number in 0..23 {
        let order = json!({"reference": number.to_string(), "expires_in_s": 3_600 + number / 5});
        let made = deployment.admin_post("sites/acme/invitations", &order);
        made.await?.error_for_status()?;
    }
    let path = "sites/acme/invitations";
    let whole = deployment.list_all(path, "invitations", 500).await?;
    assert_eq!(whole.len(), 23);
    let until = |one: &Value| std::cmp::Reverse(one["expires_at"].as_u64());
    assert!(whole.is_sorted_by_key(until), "{whole:?}");
    for limit in [1, 2, 7, 22, 23] {
        let listed = deployment.list_all(path, "invitations", limit).await?;
        assert_eq!(listed, whole, "{limit}");
    }
    for query in [
        "after=1",
        "after=x.y",
        "after=",
        "limit=0",
        "limit=501",
        "page=2",
    ] {
        let refused = deployment.admin_get(&format!("{path}?{query}")).await?;
        assert_eq!(refused.status().as_u16(), 400, "{query}");
        let problem: Value = refused.json().await?;
        assert!(problem["detail"].is_string(), "{query}: {problem}");
    }
    // The page of the site has them too.
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let first = console.get("/console/sites/acme").await?.text().await?;
    let rest = first.split_once("href=\"/console/sites/acme?after=");
    let cursor = rest.and_then(|(_, rest)| rest.split_once('#'));
    let cursor = cursor.context("no next page")?.0;
    let path = format!("/console/sites/acme?after={cursor}");
    let second = console.get(&path).await?.text().await?;
    let shown = |page: &str| -> BTreeSet<String> {
        let references = whole.iter().filter_map(|one| one["reference"].as_str());
        references
            .filter(|reference| page.contains(&format!("<bdi>{reference}</bdi>")))
            .map(str::to_owned)
            .collect()
    };
    let (first, second) = (shown(&first), shown(&second));
    assert_eq!((first.len(), second.len()), (20, 3));
    assert!(first.is_disjoint(&second));
    Ok(())
}

/// Has the sandbox send callbacks about people of whom nothing is known.
async fn send_callbacks(deployment: &Deployment, kind: &str, users: &[u64]) -> Result<()> {
    let url = format!("{}/v1/callbacks/meta/main/{kind}", deployment.origin);
    for user in users {
        let request = deployment.sandbox_control("POST", "user-callbacks");
        let request = request.json(&json!({"url": url, "user_id": user.to_string()}));
        let sent: Value = request.send().await?.error_for_status()?.json().await?;
        assert_eq!(sent["status"], 200, "{sent}");
    }
    Ok(())
}

#[tokio::test]
async fn callbacks_are_read_page_by_page_and_by_status() -> Result<()> {
    let deployment = Deployment::start().await?;
    send_callbacks(&deployment, "delete", &[901, 902, 903]).await?;
    send_callbacks(&deployment, "deauthorize", &[904, 905]).await?;
    let whole = deployment.list_all("callbacks", "callbacks", 500).await?;
    let users: Vec<&Value> = whole.iter().map(|one| &one["user_id"]).collect();
    assert_eq!(users.len(), 5, "{whole:?}");
    let received = |one: &Value| std::cmp::Reverse(one["received_at"].as_u64());
    assert!(whole.is_sorted_by_key(received), "{whole:?}");
    for limit in [1, 2, 4, 5] {
        let listed = deployment.list_all("callbacks", "callbacks", limit).await?;
        assert_eq!(listed, whole, "{limit}");
    }
    for (status, count) in [("unmatched", 3), ("done", 2), ("working", 0)] {
        let path = format!("callbacks?status={status}");
        let listed = deployment.list_all(&path, "callbacks", 2).await?;
        assert_eq!(listed.len(), count, "{status}");
        let has_status = |one: &Value| one["status"] == status;
        assert!(listed.iter().all(has_status), "{listed:?}");
    }
    let refused = deployment.admin_get("callbacks?status=open").await?;
    assert_eq!(refused.status().as_u16(), 400);
    Ok(())
}

#[tokio::test]
async fn unmatched_callback_is_closed_in_the_console() -> Result<()> {
    let deployment = Deployment::start().await?;
    send_callbacks(&deployment, "delete", &[901]).await?;
    send_callbacks(&deployment, "deauthorize", &[902]).await?;
    let listed = deployment.list_all("callbacks?status=unmatched", "callbacks", 100);
    let code = listed.await?[0]["code"]
        .as_str()
        .context("no code")?
        .to_owned();
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let page = console.get("/console/callbacks?status=unmatched").await?;
    let page = page.text().await?;
    assert!(
        page.contains(&code) && page.contains("data deletion"),
        "{page}"
    );
    assert!(!page.contains("removed the app</td>"), "{page}");
    let action = format!("/console/callbacks/{code}/close");
    assert!(page.contains(&action), "{page}");
    let closed = console.post(&action, &[]).await?.text().await?;
    assert!(closed.contains("Closed: "), "{closed}");
    assert!(!closed.contains(&action), "it is done: {closed}");
    let none = console.post("/console/callbacks/0f/close", &[]).await?;
    assert!(none.text().await?.contains("not_found"));
    let listed = deployment.list_all("callbacks?status=unmatched", "callbacks", 100);
    assert!(listed.await?.is_empty());
    let log: Value = deployment.admin_get("audit").await?.json().await?;
    let what = format!("closed the callback {code}");
    let entries = log["entries"].as_array().context("no entries")?;
    let entry = entries.iter().find(|entry| entry["what"] == what);
    assert_eq!(entry.context("no entry")?["result"], "done", "{log}");
    Ok(())
}

#[tokio::test]
async fn number_is_moved_to_another_site_in_the_console() -> Result<()> {
    let deployment = Deployment::start().await?;
    deployment
        .put_app_and_site("rival", &["https://rival.example"])
        .await?;
    let end = deployment.connect("acme", json!({})).await?;
    let number = end["connected"]["phone_number_id"].as_str();
    let number = number.context("no number")?;
    deployment
        .wait_for_listed_event("acme", "signup.connected")
        .await?;
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    let path = format!("/console/numbers/{number}/transfer");
    let accounts = console.get("/console/accounts").await?.text().await?;
    assert!(accounts.contains(&format!("href=\"{path}\"")), "{accounts}");
    let form = console.get(&path).await?.text().await?;
    assert!(form.contains("<option value=\"rival\">"), "{form}");
    assert!(!form.contains("<option value=\"acme\">"), "{form}");

    // Its problem is shown with the form.
    deployment
        .add_fault(json!({"path": "*/phone_numbers", "kind": "error", "http": 500, "code": 1}))
        .await?;
    let refused = console
        .post(&path, &[("site", "rival")])
        .await?
        .text()
        .await?;
    assert!(refused.contains("waba_unreachable"), "{refused}");
    assert!(
        refused.contains("<option value=\"rival\" selected>"),
        "{refused}"
    );
    let unknown = console
        .post(&path, &[("site", "nobody")])
        .await?
        .text()
        .await?;
    assert!(unknown.contains("unknown_site"), "{unknown}");

    let moved = console
        .post(&path, &[("site", "rival")])
        .await?
        .text()
        .await?;
    assert!(moved.contains("belongs to the site rival"), "{moved}");
    assert!(moved.contains("What is left to do"), "{moved}");
    assert!(
        moved.contains("<option value=\"acme\">"),
        "the way back: {moved}"
    );
    let log: Value = deployment.admin_get("audit").await?.json().await?;
    let what = format!("transferred number {number} to another site (rival)");
    let entries = log["entries"].as_array().context("no entries")?;
    let results: Vec<&Value> = entries
        .iter()
        .filter(|entry| entry["what"] == what)
        .map(|entry| &entry["result"])
        .collect();
    assert_eq!(results, ["done", "waba_unreachable"], "{log}");
    let none = console
        .get("/console/numbers/6999999999999999/transfer")
        .await?;
    assert_eq!(none.status().as_u16(), 404);
    Ok(())
}
