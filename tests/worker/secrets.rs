//! Secrets at rest and on the way: raw bytes of everything stored, logged and answered are searched.

use anyhow::Result;
use embark_tests::Stage;
use embark_tests::stage::{APP_SECRET, HOST, SYSTEM_TOKEN};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Every file below `folder`, raw: SQLite databases, their write-ahead logs, KV blobs.
fn bytes_below(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
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

fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes
        .windows(needle.len())
        .any(|window| window == needle.as_bytes())
}

/// Runs of characters a token may have, of a token's length.
fn words(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes
        .split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|word| word.len() >= 20)
}

fn base16(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn no_secret_is_found_on_disk_or_in_the_log() -> Result<()> {
    let stage = Stage::new().await?;
    let page = stage.page("acme", HOST).await?;
    let minted = stage.mint(json!({})).await?;
    let phone = minted["phone_number_id"].as_str().unwrap_or_default();
    stage
        .control("PATCH", &format!("phones/{phone}"))
        .json(&json!({"pin": "731904"}))
        .send()
        .await?;
    page.submit(&minted).await?;
    page.follow(&["needs_input"]).await?;
    page.post("/input", &json!({"kind": "pin", "pin": "731904"}))
        .await?;
    let end = page.follow(&["connected", "failed"]).await?;
    assert_eq!(end["status"], "connected", "{end}");
    let world: Value = stage.control("GET", "world").send().await?.json().await?;
    // The sandbox tells tokens by the beginning of their digest only.
    let digests: Vec<String> = match &world["tokens"] {
        Value::Object(tokens) => tokens.keys().cloned().collect(),
        tokens => panic!("tokens: {tokens}"),
    };
    assert!(!digests.is_empty(), "the sandbox handed out a token");
    let code = minted["code"].as_str().unwrap_or_default().to_owned();
    let secrets = vec![
        APP_SECRET.to_owned(),
        SYSTEM_TOKEN.to_owned(),
        "731904".to_owned(),
        code,
    ];
    let files = bytes_below(stage.workerd.storage.path())?;
    assert!(
        files.iter().any(|(name, _)| name.ends_with(".sqlite")),
        "objects are on disk"
    );
    assert!(
        files.iter().any(|(_, bytes)| holds(bytes, "acme")),
        "the search finds what is there"
    );
    for (name, bytes) in &files {
        for word in words(bytes) {
            let digest = base16(&Sha256::digest(word));
            assert!(
                !digests.iter().any(|token| digest.starts_with(token)),
                "{name} holds a token"
            );
        }
    }
    for secret in &secrets {
        for (name, bytes) in &files {
            assert!(!holds(bytes, secret), "{name} holds a secret");
        }
        assert!(!end.to_string().contains(secret.as_str()));
    }
    Ok(())
}

#[tokio::test]
async fn a_secret_can_be_put_and_not_be_read() -> Result<()> {
    let stage = Stage::new().await?;
    let path = "secrets/app/main/app_secret";
    let put = stage
        .put(path, &json!({"value": "another-app-secret"}))
        .await?;
    assert_eq!(put.status().as_u16(), 204);
    assert_eq!(put.text().await?, "");
    for (path, value, status) in [
        ("secrets/app/main/nothing", json!("12345678"), 404),
        (path, json!("short"), 400),
        (path, json!("with a space"), 400),
        (path, json!(7), 400),
    ] {
        let answer = stage.put(path, &json!({"value": value})).await?;
        assert_eq!(answer.status().as_u16(), status, "{path} {value}");
    }
    let read = stage
        .client
        .get(stage.operator(&format!("/v1/admin/{path}")))
        .bearer_auth("operator-token-of-a-test");
    assert_eq!(read.send().await?.status().as_u16(), 405);
    Ok(())
}
