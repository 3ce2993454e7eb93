//! A session of `cargo xtask dev`: its ports and secrets. It is saved as `dev.json`, where the other tasks find it.
//! The secrets are made once for each clone, so that a later session can read what an earlier one encrypted.

use super::private_file;
use crate::{file_lock, repo};
use anyhow::{Context, Result, bail};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use fs_err as fs;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::path::PathBuf;

/// Ports and secrets of a session, with the field names of `dev.json`.
#[derive(Serialize, Deserialize)]
pub struct Session {
    /// The Worker's; sandbox, website and inspector have the next three.
    port: u16,
    /// The operator origin.
    #[serde(rename = "operator")]
    operator_url: String,
    operator_token: String,
    /// The Worker's encryption key, base64.
    key_1: String,
}

impl Session {
    /// A session at these ports, with the secrets of this clone: the saved ones, or new ones.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn open(port: u16) -> Result<Self> {
        let operator_url = format!("http://operator.localhost:{port}");
        Ok(match Self::read() {
            Ok(saved) => Self {
                port,
                operator_url,
                ..saved
            },
            Err(_) => Self {
                port,
                operator_url,
                operator_token: Base64UrlUnpadded::encode_string(&random_bytes()?),
                key_1: Base64::encode_string(&random_bytes()?),
            },
        })
    }

    /// The session that was saved last in this clone; it may have ended.
    ///
    /// # Errors
    /// When there is none.
    pub fn read() -> Result<Self> {
        let text = fs::read_to_string(file())?;
        serde_json::from_str(&text).context("dev.json")
    }

    /// Writes `dev.json`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn save(&self) -> Result<()> {
        private_file::write(&file(), serde_json::to_string_pretty(self)?.as_bytes())
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn worker_url(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub fn operator_url(&self) -> &str {
        &self.operator_url
    }

    pub fn operator_token(&self) -> &str {
        &self.operator_token
    }

    pub fn sandbox_port(&self) -> u16 {
        self.port + 1
    }

    pub fn sandbox_url(&self) -> String {
        format!("http://localhost:{}", self.sandbox_port())
    }

    pub fn website_port(&self) -> u16 {
        self.port + 2
    }

    pub fn website_url(&self) -> String {
        format!("http://localhost:{}", self.website_port())
    }

    pub fn inspector_port(&self) -> u16 {
        self.port + 3
    }

    /// The Worker's variables, which point it to the sandbox.
    pub fn vars(&self) -> Map<String, Value> {
        let vars = [
            ("EMBARK_ORIGIN", self.worker_url()),
            ("EMBARK_OPERATOR_ORIGIN", self.operator_url.clone()),
            (
                "EMBARK_GRAPH",
                format!("http://127.0.0.1:{}", self.sandbox_port()),
            ),
            ("EMBARK_SDK", self.sandbox_url()),
            // Wrangler itself prints a line for each request.
            (
                "EMBARK_LOG",
                std::env::var("EMBARK_LOG").unwrap_or_else(|_| "errors".to_owned()),
            ),
            ("EMBARK_POPUP_ORIGIN", self.sandbox_url()),
        ];
        vars.into_iter()
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect()
    }

    /// The Worker's secrets, in the form of a `.dev.vars` file (wrangler prints variables, but not secrets).
    pub fn secrets(&self) -> String {
        format!(
            "EMBARK_KEY_1=\"{}\"\nEMBARK_OPERATOR_TOKEN=\"{}\"\n",
            self.key_1, self.operator_token
        )
    }
}

/// Held while a session lasts: two sessions would share one storage.
///
/// # Errors
/// When another session of this clone is running.
pub fn lock() -> Result<File> {
    if let Some(lock) = file_lock::try_acquire(&folder(), "dev")? {
        return Ok(lock);
    }
    let url = Session::read().map(|running| format!(" at {}", running.website_url()));
    bail!(
        "`cargo xtask dev` is already running in this clone{}",
        url.unwrap_or_default()
    )
}

/// Where a session keeps all its data: `.embark`, which git ignores, or `$EMBARK_DEV`, so that a second session
/// can run in one clone.
pub fn folder() -> PathBuf {
    match std::env::var_os("EMBARK_DEV") {
        Some(folder) => repo::root().join(folder),
        None => repo::path(".embark"),
    }
}

fn file() -> PathBuf {
    folder().join("dev.json")
}

fn random_bytes() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("no random bytes")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_urls_follow_from_its_port() {
        let session = Session {
            port: 9000,
            operator_url: "http://operator.localhost:9000".into(),
            operator_token: "t".into(),
            key_1: "k".into(),
        };
        assert_eq!(session.worker_url(), "http://localhost:9000");
        assert_eq!(session.vars()["EMBARK_GRAPH"], "http://127.0.0.1:9001");
        assert_eq!(session.website_url(), "http://localhost:9002");
        assert_eq!(session.inspector_port(), 9003);
    }
}
