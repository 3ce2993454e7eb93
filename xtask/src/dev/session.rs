//! One run of `cargo xtask dev`: its ports, its secrets, and `dev.json`, which tells the other tasks
//! where it is. The secrets are drawn once per clone, so what one run stored the next one reads.

use crate::repo;
use anyhow::{Context, Result, bail};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Addresses and secrets of a run.
#[derive(Serialize, Deserialize)]
pub struct Session {
    port: u16,
    operator: String,
    operator_token: String,
    key_1: String,
}

impl Session {
    /// A session at these ports, with the secrets of this clone.
    pub fn open(port: u16) -> Result<Self> {
        let kept = Self::read().ok();
        let operator = format!("http://operator.localhost:{port}");
        Ok(match kept {
            Some(kept) => Self {
                port,
                operator,
                ..kept
            },
            None => Self {
                port,
                operator,
                operator_token: Base64UrlUnpadded::encode_string(&drawn()?),
                key_1: Base64::encode_string(&drawn()?),
            },
        })
    }

    /// The last one announced in this clone.
    pub fn read() -> Result<Self> {
        let text = fs::read_to_string(file()).context("no dev.json")?;
        serde_json::from_str(&text).context("dev.json")
    }

    /// Writes `dev.json`.
    pub fn announce(&self) -> Result<()> {
        write_private(&file(), serde_json::to_string_pretty(self)?.as_bytes())
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn edge(&self) -> String {
        format!("http://localhost:{}", self.port)
    }

    pub fn operator(&self) -> &str {
        &self.operator
    }

    pub fn operator_token(&self) -> &str {
        &self.operator_token
    }

    pub fn sandbox_port(&self) -> u16 {
        self.port + 1
    }

    pub fn sandbox(&self) -> String {
        format!("http://localhost:{}", self.sandbox_port())
    }

    pub fn website_port(&self) -> u16 {
        self.port + 2
    }

    pub fn website(&self) -> String {
        format!("http://localhost:{}", self.website_port())
    }

    pub fn inspector_port(&self) -> u16 {
        self.port + 3
    }

    /// The Worker's variables.
    pub fn vars(&self) -> Map<String, Value> {
        let vars = [
            ("EMBARK_ORIGIN", self.edge()),
            ("EMBARK_OPERATOR_ORIGIN", self.operator.clone()),
            (
                "EMBARK_GRAPH",
                format!("http://127.0.0.1:{}", self.sandbox_port()),
            ),
            ("EMBARK_SDK", self.sandbox()),
            ("EMBARK_POPUP_ORIGIN", self.sandbox()),
        ];
        vars.into_iter()
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect()
    }

    /// The Worker's secrets, in the form of a `.dev.vars` file (wrangler prints variables, not these).
    pub fn secrets(&self) -> String {
        format!(
            "EMBARK_KEY_1=\"{}\"\nEMBARK_OPERATOR_TOKEN=\"{}\"\n",
            self.key_1, self.operator_token
        )
    }
}

/// Held while a run lasts: two of them would share one storage.
pub fn only_one() -> Result<File> {
    fs::create_dir_all(folder())?;
    let file = File::create(folder().join("lock")).context("lock")?;
    if file.try_lock().is_err() {
        let port = Session::read().map(|kept| format!(" at http://localhost:{}", kept.port + 2));
        bail!(
            "`cargo xtask dev` already runs in this clone{}",
            port.unwrap_or_default()
        );
    }
    Ok(file)
}

/// The folder of everything a run keeps: `.embark`, which git ignores, or `$EMBARK_DEV`, with which a
/// second run in one clone has its own.
pub fn folder() -> PathBuf {
    match std::env::var_os("EMBARK_DEV") {
        Some(folder) => repo::root().join(folder),
        None => repo::path(".embark"),
    }
}

/// Writes a file that only this user reads.
pub fn write_private(path: &Path, content: &[u8]) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| path.display().to_string())?;
    file.write_all(content)
        .with_context(|| path.display().to_string())
}

fn file() -> PathBuf {
    folder().join("dev.json")
}

fn drawn() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("no randomness")?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_follow_from_the_port() {
        let session = Session {
            port: 9000,
            operator: "http://operator.localhost:9000".into(),
            operator_token: "t".into(),
            key_1: "k".into(),
        };
        assert_eq!(session.edge(), "http://localhost:9000");
        assert_eq!(session.vars()["EMBARK_GRAPH"], "http://127.0.0.1:9001");
        assert_eq!(session.website(), "http://localhost:9002");
        assert_eq!(session.inspector_port(), 9003);
    }
}
