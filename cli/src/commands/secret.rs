//! `secret`: secrets of apps and sites.

use crate::admin_path::AdminPath;
use crate::answer::Answer;
use crate::table::{rfc3339, table};
use crate::worker::Worker;
use anyhow::{Result, bail};
use clap::Subcommand;
use embark_protocol::admin::{APP_SECRETS, SecretValue};
use embark_protocol::id::{AppKey, SiteId};
use embark_protocol::secrets::{SecretList, SecretStatus};
use serde::Deserialize;
use serde_json::json;
use std::io::{IsTerminal, Read};

#[derive(Subcommand)]
pub enum SecretTask {
    /// Sets a secret; its value comes from standard input or a hidden prompt, never from the command line
    #[command(
        after_help = "Examples:\n  embark secret set app/main/app_secret\n  embark secret set site/acme/infobip < api.key"
    )]
    Set {
        /// `app/<key>/<name>`: app_secret, system_token (of Solution Partners), or verify_token (of Meta's webhooks, which
        /// `app webhook --new-token` makes); `site/<key>/<name>`: a provider's, or messages_verify_token (of the site's own
        /// address for messages)
        path: String,
    },
    /// Lists the secrets of an app or a site: whether each is stored, and when it was last set. No command prints a value
    #[command(
        after_help = "Examples:\n  embark secret list app/main\n  embark secret list site/acme"
    )]
    List {
        /// `app/<key>` or `site/<key>`
        owner: String,
    },
}

/// # Errors
/// When the path or value is invalid, or the Worker refuses.
pub fn run(task: &SecretTask, worker: &Worker<'_>) -> Result<Answer> {
    match task {
        SecretTask::Set { path } => set(path, worker),
        SecretTask::List { owner } => list(owner, worker),
    }
}

fn list(owner: &str, worker: &Worker<'_>) -> Result<Answer> {
    let is_owner = match owner.split_once('/') {
        Some(("app", app)) => AppKey::parse(app).is_ok(),
        Some(("site", site)) => SiteId::parse(site).is_ok(),
        _ => false,
    };
    if !is_owner {
        bail!("secrets are listed of app/<key> or site/<key>");
    }
    let listed = worker.get(secrets(owner))?;
    let rows: Vec<_> = SecretList::deserialize(&listed)?
        .secrets
        .into_iter()
        .map(row)
        .collect();
    Ok(Answer::new(
        listed,
        table(["name", "stored", "last set"], &rows),
    ))
}

fn row(secret: SecretStatus) -> [String; 3] {
    let set_at = secret.set_at.map(|at| rfc3339(&json!(at)));
    let stored = if secret.stored { "yes" } else { "no" };
    [secret.name, stored.to_owned(), set_at.unwrap_or_default()]
}

fn set(path: &str, worker: &Worker<'_>) -> Result<Answer> {
    check_path(path)?;
    let value = read_value(path)?;
    let body = serde_json::to_value(SecretValue { value })?;
    worker.put(secrets(path), &body)?;
    Ok(Answer::without_document(format!("{path} is set")))
}

/// `below`: a path that was checked.
fn secrets(below: &str) -> AdminPath {
    below
        .split('/')
        .fold(AdminPath::new("secrets"), AdminPath::join)
}

fn check_path(path: &str) -> Result<()> {
    let parts: Vec<&str> = path.split('/').collect();
    let is_name_byte = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    let is_valid = match parts.as_slice() {
        ["app", app, name] => AppKey::parse(app).is_ok() && APP_SECRETS.contains(name),
        ["site", site, name] => {
            SiteId::parse(site).is_ok() && !name.is_empty() && name.bytes().all(is_name_byte)
        }
        _ => false,
    };
    if is_valid {
        return Ok(());
    }
    bail!(
        "the path of a secret is app/<key>/<name> with one of {}, or site/<key>/<name>",
        APP_SECRETS.join(", ")
    )
}

fn read_value(path: &str) -> Result<String> {
    let mut value = String::new();
    if std::io::stdin().is_terminal() {
        value = rpassword::prompt_password(format!("{path} (not shown): "))?;
    } else {
        std::io::stdin().read_to_string(&mut value)?;
    }
    let value = value.trim();
    if value.is_empty() {
        bail!("the value is empty; nothing was changed");
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_path_of_three_valid_parts_is_accepted() {
        for path in [
            "app/demo/app_secret",
            "site/shop/infobip",
            "site/shop/key_2",
        ] {
            assert!(check_path(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn secret_path_of_any_other_form_is_refused() {
        for path in [
            "demo/app_secret",
            "app/demo",
            "app/demo/pin",
            "app/../app_secret",
            "app/Demo/app_secret",
            "site/shop/",
            "site/shop/No",
            "site/Shop/key",
        ] {
            assert!(check_path(path).is_err(), "{path}");
        }
    }
}
