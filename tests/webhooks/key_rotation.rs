//! The sealing keys are rotated while the Worker is killed again and again: afterwards nothing needs the old key.

use crate::meta::{PARTNER, WABA, connect_webhook, now, send};
use anyhow::{Context, Result, ensure};
use embark_tests::deployment::SHOP_ORIGIN;
use embark_tests::{Deployment, WidgetClient};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The key of every deployment, by its number and the byte that it consists of.
pub const OLD: (u32, u8) = (1, 7);
pub const NEW: (u32, u8) = (2, 8);
const NEWEST: (u32, u8) = (3, 9);
/// A pass begins six minutes after the one before.
const PASS: Duration = Duration::from_mins(7);

/// Rotates to the newest key. `kills`: how often the Worker is killed meanwhile, with these keys.
pub async fn rotate(deployment: &Deployment, keys: &[(u32, u8)], mut kills: u32) -> Result<Value> {
    let begun = deployment.admin_post("keys/rotation", &json!({})).await?;
    assert_eq!(begun.status(), 202);
    let started = Instant::now();
    let mut ahead = PASS;
    loop {
        ensure!(
            started.elapsed() < Duration::from_mins(2),
            "it does not end"
        );
        let shown: Value = deployment.admin_get("keys").await?.json().await?;
        let rotation = &shown["rotation"];
        match rotation["state"].as_str().context("no state")? {
            "waiting" => {
                deployment.advance_clock(ahead).await?;
                ahead += PASS;
                deployment.workerd.fire_cron().await?;
            }
            "running" if kills > 0 => {
                kills -= 1;
                deployment.restart_with_keys(keys).await?;
                deployment.advance_clock(ahead).await?;
                deployment.workerd.fire_cron().await?;
            }
            "running" => tokio::time::sleep(Duration::from_millis(20)).await,
            _ => return Ok(shown),
        }
    }
}

/// An account that nobody owns, with an event.
pub async fn leave_unclaimed(deployment: &Deployment) -> Result<()> {
    connect_webhook(deployment).await?;
    deployment
        .set_rules(json!({"partner_added": false}))
        .await?;
    let value = json!({"event": "PARTNER_ADDED", "waba_info": {"waba_id": WABA, "owner_business_id": "4000000000000001"}});
    let added =
        json!({"entry_id": PARTNER, "time": now(), "field": "account_update", "value": value});
    let sent = send(deployment, json!({"changes": [added]})).await?;
    ensure!(sent[0]["status"] == 200, "{sent:?}");
    Ok(())
}

/// A signup that asks for the PIN of its number, which is 731904.
pub async fn ask_for_pin(deployment: &Deployment) -> Result<WidgetClient<'_>> {
    let asking = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({"new": true})).await?;
    let phone = minted["phone_number_id"].as_str().context("number")?;
    deployment
        .patch_sandbox(&format!("phones/{phone}"), json!({"pin": "731904"}))
        .await?;
    asking.post_outcome(&minted).await?;
    asking.poll_until(&["needs_input"]).await?;
    Ok(asking)
}

/// Posts a session with an idempotency key: whether the answer is repeated, and its body.
pub async fn post_session(deployment: &Deployment, token: &str) -> Result<(bool, String)> {
    let url = format!("{}/v1/sites/acme/sessions", deployment.origin);
    let request = deployment.client.post(url).bearer_auth(token);
    let request = request
        .header("idempotency-key", "one")
        .json(&json!({"reference": "7"}));
    let response = request.send().await?.error_for_status()?;
    let repeated = response.headers().contains_key("idempotency-replayed");
    Ok((repeated, response.text().await?))
}

#[tokio::test]
async fn killed_rotation_ends_and_nothing_needs_the_old_key() -> Result<()> {
    let deployment = Deployment::start_local().await?;
    leave_unclaimed(&deployment).await?;
    // A site that no list has would never be visited.
    let secret = json!({"value": "a-secret-of-nobody"});
    let stray = deployment
        .admin_put("secrets/site/nobody/infobip", &secret)
        .await?;
    assert_eq!(stray.status(), 404);
    let connected = deployment.connect("acme", json!({"new": true})).await?;
    let waba = connected["connected"]["waba_id"].as_str().context("waba")?;
    let backend = deployment
        .backend("acme", &["read", "write", "token"])
        .await?;
    let token = backend.get(&format!("/wabas/{waba}/token")).await?;
    let (_, session) = post_session(&deployment, &backend.token).await?;
    deployment.put_endpoint("acme").await?;
    let asking = ask_for_pin(&deployment).await?;

    let both = [OLD, NEW];
    deployment.restart_with_keys(&both).await?;
    let before: Value = deployment.admin_get("keys").await?.json().await?;
    assert_eq!(before["keys"][0]["removable"], false, "{before}");
    let done = rotate(&deployment, &both, 8).await?;
    let rotation = &done["rotation"];
    assert_eq!(rotation["state"], "done", "{done}");
    assert!(rotation["resealed"].as_u64() >= Some(9), "{done}");
    assert_eq!(
        done["keys"][0],
        json!({"number": 1, "newest": false, "removable": true})
    );
    assert_eq!(
        done["keys"][1],
        json!({"number": 2, "newest": true, "removable": false})
    );

    // Without the old key everything opens: another rotation finds nothing that it cannot read.
    let later = [NEW, NEWEST];
    deployment.restart_with_keys(&later).await?;
    let again = rotate(&deployment, &later, 0).await?;
    assert_eq!(again["rotation"]["state"], "done", "{again}");
    assert_eq!(
        again["rotation"]["resealed"], rotation["resealed"],
        "{again}"
    );

    deployment.restart_with_keys(&[NEWEST]).await?;
    let read = backend.get(&format!("/wabas/{waba}/token")).await?;
    assert_eq!(read["token"], token["token"]);
    let repeated = post_session(&deployment, &backend.token).await?;
    assert_eq!(repeated, (true, session));
    // Links and grants end with the key that signed them: the signup goes on by another link.
    let pin = json!({"kind": "pin", "pin": "731904"});
    let (status, refusal) = asking.post("/input", &pin).await?;
    assert_eq!(status, 401, "{refusal}");
    let path = format!("sites/acme/signups/{}/link", asking.signup_id());
    let link = deployment.admin_post(&path, &json!({})).await?;
    let link: Value = link.error_for_status()?.json().await?;
    let url = link["url"].as_str().context("url")?;
    let window = deployment.widget_from_link(url)?;
    window.post("/input", &pin).await?;
    let end = window.poll_until_end().await?;
    assert_eq!(end["status"], "connected", "{end}");
    deployment.assert_effects("*/register", 2).await
}
