//! Rules no linter knows: what a file begins with, how long it is, what it may be called, what it may name.

use crate::{process, repo};
use anyhow::{Result, bail};
use std::fs;
use std::process::Command;

pub fn check() -> Result<()> {
    let mut broken = Vec::new();
    for path in sources()? {
        let text = fs::read_to_string(repo::path(&path)).unwrap_or_default();
        broken.extend(
            broken_rules(&path, &text)
                .into_iter()
                .map(|rule| format!("{path}: {rule}")),
        );
    }
    if !broken.is_empty() {
        bail!("\n  {}", broken.join("\n  "));
    }
    Ok(())
}

/// What git tracks or would track.
fn sources() -> Result<Vec<String>> {
    let mut command = Command::new("git");
    command
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(repo::root());
    let files = process::output(&mut command)?;
    Ok(files
        .lines()
        .filter(|path| repo::path(path).is_file())
        .map(str::to_owned)
        .collect())
}

fn broken_rules(path: &str, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_code = [".rs", ".js", ".mjs"].iter().any(|end| name.ends_with(end));
    if name.ends_with(".rs") && !text.starts_with("//!") {
        broken.push("begins without a //! line that says what it is for".to_owned());
    }
    if is_code && text.lines().count() > MAX_LINES {
        broken.push(format!(
            "{} lines; a file has at most {MAX_LINES}",
            text.lines().count()
        ));
    }
    if let Some(word) = EMPTY_WORDS
        .iter()
        .find(|word| name.split('.').next() == Some(**word))
    {
        broken.push(format!(
            "\"{word}\" says nothing; name the file after what it does"
        ));
    }
    if name == "package-lock.json" && text.contains("\"resolved\"") {
        broken.push("records where packages were downloaded; npm install --omit-lockfile-registry-resolved=true".to_owned());
    }
    if path.starts_with("widget/") && name.ends_with(".js") {
        let words = UNSAFE_WORDS.iter().filter(|word| text.contains(**word));
        broken.extend(
            words.map(|word| format!("{word}: outside text could become markup, or reach anyone")),
        );
    }
    if let Some(inside) = path.strip_prefix("edge/src/") {
        broken.extend(broken_in_edge(inside, text));
    }
    broken
}

fn broken_in_edge(inside: &str, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let is_pure = PURE.iter().any(|room| inside.starts_with(room));
    for (n, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        if is_pure && names_worker(code) {
            broken.push(format!("line {}: a pure room names `worker`", n + 1));
        }
        if code.contains(".json::<") || code.contains(".json().await") {
            broken.push(format!("line {}: bytes with a cap, then serde_json::from_slice; deep JSON kills JS-side parsing", n + 1));
        }
    }
    broken
}

/// `worker::` as a path, not as the end of another word.
fn names_worker(code: &str) -> bool {
    code.match_indices("worker::").any(|(at, _)| {
        let before = code.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || c == '_')
    })
}

const MAX_LINES: usize = 400;

/// What a script on other people's pages does without.
const UNSAFE_WORDS: &[&str] = &[
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "new Function",
    "\"*\"",
];

const EMPTY_WORDS: &[&str] = &["utils", "util", "helpers", "helper", "common", "manager"];

/// Rooms of the Worker that run anywhere: plain values in, plain values out.
const PURE: &[&str] = &[
    "run/",
    "signup/",
    "migrate/",
    "leave/",
    "keys/",
    "graph/",
    "webhook/",
    "phone/",
    "waba.rs",
    "site.rs",
    "partner.rs",
    "quota.rs",
    "seal.rs",
    "grant.rs",
    "invitation.rs",
    "language.rs",
    "json.rs",
    "options.rs",
    "provider/",
    "readiness.rs",
    "terms.rs",
    "page.rs",
    "origin.rs",
    "address.rs",
    "outbound.rs",
    "redirect.rs",
    "fault.rs",
    "route.rs",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_can_be_broken() {
        let long = format!("//! x\n{}", "\n".repeat(400));
        for (path, text) in [
            ("edge/src/a.rs", "fn f() {}"),
            ("edge/src/a.rs", long.as_str()),
            ("sandbox/src/utils.rs", "//! x"),
            ("edge/src/run/mod.rs", "//! x\nuse worker::Env;"),
            ("edge/src/host.rs", "//! x\nreq.json::<Value>().await"),
            (
                "edge/src/host.rs",
                "//! x\nlet v: Value = req.json().await?;",
            ),
            ("widget/page.js", "root.innerHTML = text;"),
            ("widget/page.js", "parent.postMessage(it, \"*\");"),
            ("package-lock.json", "\"resolved\": \"somewhere\""),
        ] {
            assert_eq!(broken_rules(path, text).len(), 1, "{path}");
        }
    }

    #[test]
    fn what_only_looks_like_a_breach_is_none() {
        for (path, text) in [
            (
                "edge/src/run/mod.rs",
                "//! x\n// worker::Env is not here\nuse embark_worker::X;",
            ),
            ("edge/src/host.rs", "//! x\nuse worker::Env;"),
            ("edge/src/site.rs", "//! x\nanswer.json()"),
        ] {
            assert!(broken_rules(path, text).is_empty(), "{path}");
        }
    }
}
