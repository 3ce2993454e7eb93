//! Messages: events of the sites that have them forwarded, and not kept for all others.

use crate::events;
use crate::meta::{change, connect, connect_webhook, send};
use anyhow::Result;
use embark_tests::Deployment;
use serde_json::json;

#[tokio::test]
async fn messages_are_events_of_a_site_that_has_them_forwarded() -> Result<()> {
    let deployment = Deployment::start().await?;
    connect_webhook(&deployment).await?;
    deployment
        .put_site("acme", &json!({"messages": {"mode": "forward"}}), &[])
        .await?;
    let (waba, _) = connect(&deployment, json!({"new": true})).await?;
    let message = json!({"messages": [{"id": "wamid.1", "text": {"body": "Größe 😀"}}], "later": 9007199254740993_u64});
    let status = json!({"statuses": [{"id": "wamid.1", "status": "read"}]});
    let changes = [
        change(&waba, "messages", message.clone()),
        change(&waba, "messages", status.clone()),
        change("5900000000000001", "messages", message.clone()),
    ];
    let sent = send(&deployment, json!({"changes": changes, "copies": 3})).await?;
    assert!(sent.iter().all(|one| one["status"] == 200), "{sent:?}");
    let received = events::wait_for(&deployment, "message.received", 1).await?;
    assert_eq!(received[0]["data"]["waba_id"], waba);
    assert_eq!(
        received[0]["data"]["meta"],
        json!({"field": "messages", "value": message})
    );
    let statuses = events::wait_for(&deployment, "message.status", 1).await?;
    assert_eq!(
        statuses[0]["data"]["meta"],
        json!({"field": "messages", "value": status})
    );
    Ok(())
}
