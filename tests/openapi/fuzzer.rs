//! Schemathesis (<https://schemathesis.readthedocs.io>) as a process.

use anyhow::{Context, Result, ensure};
use embark_tests::environment::path_from_env;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use tokio::process::Command;

/// Sends requests by a document to one origin.
pub struct Fuzzer {
    origin: String,
    tag: &'static str,
    headers: Vec<String>,
    successes: usize,
}

impl Fuzzer {
    /// Requests of the operations with this tag.
    pub fn new(origin: &str, tag: &'static str) -> Self {
        Self {
            origin: origin.to_owned(),
            tag,
            headers: vec![],
            successes: 0,
        }
    }

    /// With this token.
    pub fn bearer(mut self, token: &str) -> Self {
        self.headers.push(format!("Authorization: Bearer {token}"));
        self
    }

    /// At least so many must succeed: otherwise little more than the refusals was seen.
    pub fn at_least(mut self, successes: usize) -> Self {
        self.successes = successes;
        self
    }

    /// Sends them.
    ///
    /// # Errors
    /// An answer is a 5xx, or is not described: by its status, its media type or its schema. Too few succeeded.
    pub async fn run(self, document: &Value) -> Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("openapi.json");
        fs::write(&file, document.to_string())?;
        let report = folder.path().join("report.har");
        let (_, authority) = self.origin.split_once("://").context("no origin")?;
        let (_, port) = authority.rsplit_once(':').context("no port")?;
        let examples = std::env::var("EMBARK_FUZZ_EXAMPLES");
        let examples = examples.unwrap_or_else(|_| EXAMPLES.to_owned());
        let mut command = Command::new(path_from_env("EMBARK_SCHEMATHESIS")?);
        command
            .arg("run")
            .arg(&file)
            // Not every system resolves the names below `localhost`.
            .args(["--url", &format!("http://127.0.0.1:{port}")])
            .args(["--header", &format!("Host: {authority}")])
            .args(["--include-tag", self.tag])
            .args(["--checks", CHECKS, "--phases", "examples,coverage,fuzzing"])
            .args(["--max-examples", &examples, "--seed", SEED])
            .args(["--generation-database", "none", "--warnings", "off"])
            // Twenty wrong tokens a minute lock out those who send them, and `tests/worker/operator.rs` is about that.
            .args(["--generation-with-security-parameters", "false"])
            .args(["--continue-on-failure", "--request-timeout", "60"])
            .args(["--output-sanitize", "false", "--no-color"])
            .args(["--report", "har", "--report-har-path"])
            .arg(&report);
        for header in &self.headers {
            command.args(["--header", header]);
        }
        let output = command
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await?;
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{}\n{text}\n{errors}", self.tag);
        let statuses = statuses(&fs::read_to_string(report)?)?;
        println!("{}: {statuses:?}", self.tag);
        let succeeded = statuses
            .range(200..300)
            .map(|(_, count)| count)
            .sum::<usize>();
        ensure!(
            succeeded >= self.successes,
            "{succeeded} requests succeeded"
        );
        Ok(())
    }
}

/// How many requests had each status, without preflights.
fn statuses(report: &str) -> Result<BTreeMap<u64, usize>> {
    let report: Value = serde_json::from_str(report)?;
    let entries = report.pointer("/log/entries").and_then(Value::as_array);
    let mut statuses = BTreeMap::new();
    let is_preflight =
        |entry: &&Value| entry.pointer("/request/method") == Some(&Value::from("OPTIONS"));
    for entry in entries.context("no entries")? {
        if is_preflight(&entry) {
            continue;
        }
        let status = entry.pointer("/response/status").and_then(Value::as_u64);
        *statuses.entry(status.unwrap_or_default()).or_default() += 1;
    }
    Ok(statuses)
}

const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/// Requests of each operation, besides those for each limit of its schema.
const EXAMPLES: &str = "15";
/// Each run sends the same.
const SEED: &str = "1";
