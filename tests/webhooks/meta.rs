//! What Meta does: signs bodies, and sends changes.

use anyhow::{Result, ensure};
use embark_tests::Deployment;
use embark_tests::deployment::{APP_SECRET, SHOP_ORIGIN};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Response;
use serde_json::{Value, json};
use sha2::Sha256;
use std::time::Duration;

pub const WABA: &str = "5000000000000001";
pub const PARTNER: &str = "2000000000000001";

/// The value of `X-Hub-Signature-256`.
pub fn sign(secret: &str, body: &[u8]) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes())?;
    mac.update(body);
    let digits = mac.finalize().into_bytes();
    let digits: String = digits.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("sha256={digits}"))
}

/// A body with one change of an account, which happened now and differs by its number.
pub fn change(waba: &str, field: &str, value: Value) -> Value {
    json!({"entry_id": waba, "time": now(), "field": field, "value": value})
}

/// Unix seconds.
pub fn now() -> u64 {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH);
    since.map(|since| since.as_secs()).unwrap_or_default()
}

/// The body that has this change.
pub fn body(change: &Value) -> String {
    let entry = json!({"id": change["entry_id"], "time": change["time"],
        "changes": [{"field": change["field"], "value": change["value"]}]});
    json!({"object": "whatsapp_business_account", "entry": [entry]}).to_string()
}

pub fn callback(deployment: &Deployment, app: &str) -> String {
    format!("{}/v1/webhooks/meta/{app}", deployment.origin)
}

/// Posts a body with these signature headers.
pub async fn post(
    deployment: &Deployment,
    app: &str,
    body: Vec<u8>,
    signatures: &[&str],
) -> Result<Response> {
    let mut request = deployment.client.post(callback(deployment, app));
    for signature in signatures {
        request = request.header("x-hub-signature-256", *signature);
    }
    Ok(request
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await?)
}

/// Posts a signed body; returns the status.
pub async fn post_signed(deployment: &Deployment, body: &str) -> Result<u16> {
    let signature = sign(APP_SECRET, body.as_bytes())?;
    let response = post(deployment, "main", body.as_bytes().to_vec(), &[&signature]).await?;
    Ok(response.status().as_u16())
}

/// Creates the verify token, and sets the callback URL at the sandbox, which verifies it.
pub async fn connect_webhook(deployment: &Deployment) -> Result<Value> {
    let response = deployment
        .admin_post("apps/main/webhook", &json!({}))
        .await?;
    ensure!(response.status().is_success(), "{}", response.status());
    let webhook: Value = response.json().await?;
    let callback =
        json!({"callback_url": webhook["callback_url"], "verify_token": webhook["verify_token"]});
    let request = deployment.sandbox_control("PUT", "webhook").json(&callback);
    let response = request.send().await?;
    let status = response.status();
    ensure!(status.is_success(), "{status} {}", response.text().await?);
    Ok(webhook)
}

/// Has the sandbox send webhooks; returns what came of each body.
pub async fn send(deployment: &Deployment, request: Value) -> Result<Vec<Value>> {
    let request = deployment
        .sandbox_control("POST", "webhooks")
        .timeout(SENT_WITHIN)
        .json(&request);
    let response = request.send().await?;
    let status = response.status();
    ensure!(status.is_success(), "{status} {}", response.text().await?);
    let mut reply: Value = response.json().await?;
    let deliveries = reply["deliveries"].take();
    Ok(serde_json::from_value(deliveries)?)
}

/// Connects an account through the site `acme`; returns the account.
pub async fn connect(deployment: &Deployment, code: Value) -> Result<(String, String)> {
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(code).await?;
    widget.post_outcome(&minted).await?;
    let end = widget.poll_until_end().await?;
    ensure!(end["status"] == "connected", "{end}");
    let waba = minted["waba_id"].as_str().unwrap_or_default();
    Ok((waba.to_owned(), widget.signup_id().to_owned()))
}

/// A thousand accounts, or ten thousand changes, on a busy machine.
const SENT_WITHIN: Duration = Duration::from_mins(6);
