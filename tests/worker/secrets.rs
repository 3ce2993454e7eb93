//! Secrets at rest and in responses: searches the raw bytes of everything that is stored, logged and answered.

use anyhow::Result;
use embark_tests::Deployment;
use embark_tests::deployment::{APP_SECRET, SHOP_ORIGIN, SYSTEM_TOKEN};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Name and bytes of every file below `folder`: SQLite databases, their write-ahead logs, KV blobs.
fn files_below(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let mut folders = vec![folder.to_owned()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push((path.display().to_string(), std::fs::read(&path)?));
            }
        }
    }
    Ok(files)
}

/// Whether it is there with no digit beside it: the digits of a PIN may come up within the time of an alarm.
pub fn contains_alone(bytes: &[u8], text: &str) -> bool {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let windows = bytes.windows(text.len()).enumerate();
    windows
        .filter(|(_, window)| *window == text.as_bytes())
        .any(|(at, _)| {
            let before = at.checked_sub(1).and_then(|before| bytes.get(before));
            !is_digit(before) && !is_digit(bytes.get(at + text.len()))
        })
}

fn contains(bytes: &[u8], needle: &str) -> bool {
    bytes
        .windows(needle.len())
        .any(|window| window == needle.as_bytes())
}

/// Alphanumeric sequences that are long enough to be a token.
pub fn token_candidates(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|word| word.len() >= 20)
}

pub fn base16(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn secrets_after_signup_are_not_on_disk_or_in_log() -> Result<()> {
    let deployment = Deployment::start().await?;
    let widget = deployment.open_widget("acme", SHOP_ORIGIN).await?;
    let minted = deployment.mint_code(json!({})).await?;
    let phone = minted["phone_number_id"].as_str().unwrap_or_default();
    let row = format!("phones/{phone}");
    deployment
        .patch_sandbox(&row, json!({"pin": "731904"}))
        .await?;
    widget.post_outcome(&minted).await?;
    widget.poll_until(&["needs_input"]).await?;
    widget
        .post("/input", &json!({"kind": "pin", "pin": "731904"}))
        .await?;
    let end = widget.poll_until(&["connected", "failed"]).await?;
    assert_eq!(end["status"], "connected", "{end}");
    let world = deployment.sandbox_world().await?;
    // The sandbox shows of each token only the beginning of its SHA-256 digest.
    let digests: Vec<String> = match &world["tokens"] {
        Value::Object(tokens) => tokens.keys().cloned().collect(),
        tokens => panic!("tokens: {tokens}"),
    };
    assert!(!digests.is_empty(), "the sandbox issued no token");
    let code = minted["code"].as_str().unwrap_or_default().to_owned();
    let secrets = vec![
        APP_SECRET.to_owned(),
        SYSTEM_TOKEN.to_owned(),
        "731904".to_owned(),
        code,
    ];
    let files = files_below(deployment.workerd.storage.path())?;
    assert!(
        files.iter().any(|(name, _)| name.ends_with(".sqlite")),
        "no Durable Object storage on disk"
    );
    assert!(
        files.iter().any(|(_, bytes)| contains(bytes, "acme")),
        "the search does not find what is stored"
    );
    for (name, bytes) in &files {
        for candidate in token_candidates(bytes) {
            let digest = base16(&Sha256::digest(candidate));
            assert!(
                !digests.iter().any(|token| digest.starts_with(token)),
                "{name} holds a token"
            );
        }
    }
    for secret in &secrets {
        for (name, bytes) in &files {
            assert!(!contains_alone(bytes, secret), "{name} holds a secret");
        }
        assert!(!end.to_string().contains(secret.as_str()));
    }
    Ok(())
}

#[tokio::test]
async fn secret_stored_cannot_be_read() -> Result<()> {
    let deployment = Deployment::start().await?;
    let path = "secrets/app/main/app_secret";
    let put = deployment
        .admin_put(path, &json!({"value": "another-app-secret"}))
        .await?;
    assert_eq!(put.status().as_u16(), 204);
    assert_eq!(put.text().await?, "");
    for (path, value, status) in [
        ("secrets/app/main/nothing", json!("12345678"), 404),
        ("secrets/app/none/app_secret", json!("12345678"), 404),
        (path, json!("short"), 400),
        (path, json!("with a space"), 400),
        (path, json!(7), 400),
    ] {
        let response = deployment.admin_put(path, &json!({"value": value})).await?;
        assert_eq!(response.status().as_u16(), status, "{path} {value}");
    }
    let read = deployment
        .client
        .get(deployment.operator_url(&format!("/v1/admin/{path}")))
        .bearer_auth("operator-token-of-a-test");
    assert_eq!(read.send().await?.status().as_u16(), 405);
    Ok(())
}
