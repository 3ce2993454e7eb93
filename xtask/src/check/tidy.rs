//! Conventions for source files that no linter checks: how they begin, their length and name, and calls that are not
//! allowed in them.

use crate::{process, repo};
use anyhow::{Result, bail};
use fs_err as fs;
use std::process::Command;

/// # Errors
/// When a file does not follow a convention; the error lists all of them.
pub fn check() -> Result<()> {
    let mut broken = Vec::new();
    for path in sources()? {
        let text = fs::read_to_string(repo::path(&path)).unwrap_or_default();
        let rules = broken_rules(&path, &text);
        broken.extend(rules.iter().map(|rule| format!("{path}: {rule}")));
    }
    if !broken.is_empty() {
        bail!("\n  {}", broken.join("\n  "));
    }
    Ok(())
}

/// The files that git tracks, or would track when they are added.
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

/// The conventions that a file does not follow, in words. `path` is relative to the repository.
fn broken_rules(path: &str, text: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_code = [".rs", ".js", ".mjs"].iter().any(|end| name.ends_with(end));
    if name.ends_with(".rs") && !text.starts_with("//!") {
        broken.push("begins without a //! line that says what it is for".to_owned());
    }
    let lines = text.lines().count();
    if is_code && lines > MAX_LINES {
        broken.push(format!(
            "has {lines} lines; at most {MAX_LINES} are allowed"
        ));
    }
    let stem = name.split('.').next().unwrap_or(name);
    if VAGUE_NAMES.contains(&stem) {
        broken.push(format!(
            "\"{stem}\" is vague; name the file after what it does"
        ));
    }
    if name == "package-lock.json" && text.contains("\"resolved\"") {
        broken.push("records where packages were downloaded; npm install --omit-lockfile-registry-resolved=true".to_owned());
    }
    if path.starts_with("widget/") && name.ends_with(".js") {
        for call in UNSAFE_CALLS.iter().filter(|call| text.contains(**call)) {
            broken.push(format!("contains {call}, with which foreign text could become markup or code, or any origin receive a message"));
        }
    }
    if ["edge/src/", "onboarding/src/"]
        .iter()
        .any(|folder| path.starts_with(folder))
    {
        for (n, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if code.contains(".json::<") || code.contains(".json().await") {
                broken.push(format!("line {}: JavaScript's JSON parser overflows the stack on deeply nested input; read bytes up to a limit, then serde_json::from_slice", n + 1));
            }
        }
    }
    broken
}

const MAX_LINES: usize = 400;

/// Not allowed in scripts that run on pages of others.
const UNSAFE_CALLS: &[&str] = &[
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "new Function",
    "\"*\"",
];

const VAGUE_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "manager"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_that_breaks_one_convention_is_reported_once() {
        let long = format!("//! x\n{}", "\n".repeat(400));
        for (path, text) in [
            ("edge/src/a.rs", "fn f() {}"),
            ("edge/src/a.rs", long.as_str()),
            ("sandbox/src/utils.rs", "//! x"),
            ("edge/src/fetch.rs", "//! x\nreq.json::<Value>().await"),
            (
                "onboarding/src/a.rs",
                "//! x\nlet v: Value = req.json().await?;",
            ),
            ("widget/entry.js", "root.innerHTML = text;"),
            ("widget/entry.js", "parent.postMessage(it, \"*\");"),
            ("package-lock.json", "\"resolved\": \"somewhere\""),
        ] {
            assert_eq!(broken_rules(path, text).len(), 1, "{path}");
        }
    }

    #[test]
    fn file_that_follows_the_conventions_is_not_reported() {
        for (path, text) in [
            ("edge/src/site.rs", "//! x\nresponse.json()"),
            ("edge/src/site.rs", "//! x\n// not req.json::<Value>()"),
            ("tests/src/a.rs", "//! x\nresponse.json::<Value>().await"),
        ] {
            assert!(broken_rules(path, text).is_empty(), "{path}");
        }
    }
}
