//! Accounts that nobody owns: their events wait for an owner, sealed, and an operator sees that there are some.

use crate::events;
use crate::meta::{PARTNER, WABA, change, connect, connect_webhook, now, send};
use anyhow::Result;
use embark_tests::Deployment;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

async fn unclaimed(deployment: &Deployment) -> Result<Vec<Value>> {
    deployment.list_all("unclaimed", "accounts", 100).await
}

fn added() -> Value {
    let value = json!({"event": "PARTNER_ADDED", "waba_info": {"waba_id": WABA, "owner_business_id": "4000000000000001"}});
    json!({"entry_id": PARTNER, "time": now(), "field": "account_update", "value": value})
}

#[tokio::test]
async fn events_of_unclaimed_account_reach_the_site_that_claims_it() -> Result<()> {
    let deployment = Deployment::start().await?;
    connect_webhook(&deployment).await?;
    deployment
        .set_rules(json!({"partner_added": false}))
        .await?;
    let ban = change(
        WABA,
        "account_update",
        json!({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "sealed-words"}}),
    );
    let sent = send(&deployment, json!({"changes": [added(), ban], "copies": 2})).await?;
    assert!(sent.iter().all(|one| one["status"] == 200), "{sent:?}");
    let listed = unclaimed(&deployment).await?;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(
        (&listed[0]["waba_id"], &listed[0]["app"]),
        (&json!(WABA), &json!("main"))
    );
    let at = |name: &str| listed[0][name].as_u64().unwrap_or_default();
    let kept = at("kept_until") - at("last_at");
    assert!(
        kept.abs_diff(14 * 86_400_000) < 60_000,
        "for 14 days: {kept}"
    );
    events::wait_for(&deployment, "account.", 0).await?;

    let (waba, _) = connect(&deployment, json!({"waba_id": WABA})).await?;
    assert_eq!(waba, WABA);
    events::wait_for(&deployment, "account.added", 1).await?;
    events::wait_for(&deployment, "account.ban_changed", 1).await?;
    let started = Instant::now();
    while !unclaimed(&deployment).await?.is_empty() {
        assert!(started.elapsed() < Duration::from_secs(10), "still listed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

#[tokio::test]
async fn events_that_nobody_claims_are_deleted() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    connect_webhook(&deployment).await?;
    deployment
        .set_rules(json!({"partner_added": false}))
        .await?;
    let review = change(
        WABA,
        "account_review_update",
        json!({"decision": "APPROVED"}),
    );
    send(&deployment, json!({"changes": [review, added()]})).await?;
    deployment
        .advance_clock(Duration::from_secs(25 * 3_600))
        .await?;
    assert_eq!(
        unclaimed(&deployment).await?.len(),
        1,
        "the customer is waited for"
    );
    connect(&deployment, json!({"waba_id": WABA})).await?;
    events::wait_for(&deployment, "account.added", 1).await?;
    events::wait_for(&deployment, "account.reviewed", 0).await?;
    Ok(())
}

#[tokio::test]
async fn app_has_no_more_than_a_thousand_unclaimed_accounts() -> Result<()> {
    let deployment = Deployment::start().await?;
    connect_webhook(&deployment).await?;
    let account = |number: u64| (5_900_000_000_000_000 + number).to_string();
    let alert = |number| {
        change(
            &account(number),
            "account_alerts",
            json!({"alert_info": {}}),
        )
    };
    let changes: Vec<Value> = (0..1_010).map(alert).collect();
    let sent = send(&deployment, json!({"changes": changes, "batch": 200})).await?;
    assert!(sent.iter().all(|one| one["status"] == 200), "{sent:?}");
    assert_eq!(unclaimed(&deployment).await?.len(), 1_000);
    let is_stored = |bytes: &Vec<u8>| bytes.windows(LISTED.len()).any(|window| window == LISTED);
    let files = events::databases(deployment.workerd.storage.path(), "Waba")?;
    // A database may be split into its file and the log of it.
    let ids: BTreeSet<String> = files
        .into_iter()
        .filter(|(_, bytes)| is_stored(bytes))
        .map(|(name, _)| name.split('.').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(ids.len(), 1_000, "of the others nothing is stored");
    // A new customer takes the place of an account that is listed for its traffic.
    deployment
        .set_rules(json!({"partner_added": false}))
        .await?;
    send(&deployment, json!({"changes": [added()]})).await?;
    let listed = unclaimed(&deployment).await?;
    let is_customer = |account: &&Value| account["waba_id"] == WABA;
    assert_eq!(listed.iter().filter(is_customer).count(), 1);
    connect(&deployment, json!({"waba_id": WABA})).await?;
    events::wait_for(&deployment, "account.added", 1).await?;
    Ok(())
}

/// In the record of an account that nobody owns.
const LISTED: &[u8] = b"\"listed\":";
