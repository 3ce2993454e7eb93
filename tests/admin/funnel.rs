//! How far signups come: the counts of a site by step, the console's funnel, and counts that an earlier version stored.

use crate::console::Console;
use anyhow::{Context, Result};
use embark_tests::Deployment;
use embark_tests::deployment::{OPERATOR_TOKEN, SHOP_ORIGIN};
use serde_json::{Value, json};
use std::time::Duration;

/// Status, reason, step and number of each count, once all of these are among them.
async fn counts_with(deployment: &Deployment, expected: &[Value]) -> Result<Vec<Value>> {
    let mut last = vec![];
    for _ in 0..200 {
        let document: Value = deployment
            .admin_get("sites/acme/counts")
            .await?
            .json()
            .await?;
        let counts = document["counts"].as_array().context("no counts")?;
        let shortened = |count: &Value| {
            json!([
                count["status"],
                count["reason"],
                count["step"],
                count["count"]
            ])
        };
        last = counts.iter().map(shortened).collect();
        if expected.iter().all(|count| last.contains(count)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(last)
}

/// Signups that are connected, have failed at the registration, and wait for a PIN.
async fn three_signups(deployment: &Deployment) -> Result<()> {
    deployment.connect("acme", json!({"new": true})).await?;
    let refused = json!({"path": "*/register", "kind": "error", "http": 400, "code": 131_031});
    deployment.add_fault(refused).await?;
    let failed = deployment.sign_up("acme", json!({"new": true})).await?;
    assert_eq!(failed["status"], "failed", "{failed}");
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    let phone = minted["phone_number_id"].as_str().context("no number")?;
    let row = format!("phones/{phone}");
    deployment
        .patch_sandbox(&row, json!({"pin": "731904"}))
        .await?;
    widget.post_outcome(&minted).await?;
    widget.poll_until(&["needs_input"]).await?;
    Ok(())
}

fn expected() -> Vec<Value> {
    vec![
        json!(["connected", null, null, 1]),
        json!(["failed", "account_locked", "register", 1]),
        json!(["needs_input", null, "register", 1]),
    ]
}

#[tokio::test]
async fn signup_that_fails_or_waits_is_counted_at_its_step() -> Result<()> {
    let deployment = Deployment::start().await?;
    three_signups(&deployment).await?;
    let counts = counts_with(&deployment, &expected()).await?;
    assert_eq!(counts.len(), 3, "nothing else is counted: {counts:?}");
    for count in expected() {
        assert!(counts.contains(&count), "{count} in {counts:?}");
    }
    let console = Console::sign_in(&deployment, OPERATOR_TOKEN).await?;
    for path in ["/console", "/console?site=acme&days=7"] {
        let page = console.get(path).await?.text().await?;
        let row = "<td>Registering the number</td><td class=\"number\">3</td>\
                   <td class=\"number\">100 %</td><td class=\"number\">1</td><td class=\"number\">1</td>\
                   <td class=\"number\">33 %</td>";
        assert!(page.contains(row), "{path}: {page}");
        assert!(!page.contains("Sharing the credit line"), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn counts_of_an_earlier_version_are_kept() -> Result<()> {
    let deployment = Deployment::start().await?;
    three_signups(&deployment).await?;
    counts_with(&deployment, &expected()).await?;
    deployment.workerd.kill().await?;
    // As the version before the steps stores them.
    deployment.workerd.run_sql(
        "Site",
        "CREATE TABLE IF NOT EXISTS signup_counts (day INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL, \
         took INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (day, status, reason, took)) WITHOUT ROWID; \
         DELETE FROM signup_counts; \
         INSERT INTO signup_counts SELECT day, status, reason, took, sum(n) FROM signup_steps GROUP BY 1, 2, 3, 4; \
         DROP TABLE signup_steps; \
         UPDATE runs SET json = json_remove(json, '$.step')",
    )?;
    deployment.workerd.restart().await?;
    let before = [
        json!(["connected", null, null, 1]),
        json!(["failed", "account_locked", null, 1]),
        json!(["needs_input", null, null, 1]),
    ];
    let counts = counts_with(&deployment, &before).await?;
    assert_eq!(counts.len(), 3, "{counts:?}");
    assert!(
        before.iter().all(|count| counts.contains(count)),
        "{counts:?}"
    );
    // The next change of a signup counts it at its step, and nowhere else.
    let page: Value = deployment
        .admin_get("sites/acme/signups?status=needs_input")
        .await?
        .json()
        .await?;
    let id = page["signups"][0]["id"].as_str().context("no signup")?;
    let path = format!("sites/acme/signups/{id}/cancel");
    deployment.admin_post(&path, &json!({})).await?;
    let after = [
        json!(["connected", null, null, 1]),
        json!(["failed", "account_locked", null, 1]),
        json!(["failed", "signup_cancelled", "register", 1]),
    ];
    let counts = counts_with(&deployment, &after).await?;
    assert_eq!(counts.len(), 3, "{counts:?}");
    assert!(
        after.iter().all(|count| counts.contains(count)),
        "{counts:?}"
    );
    Ok(())
}
