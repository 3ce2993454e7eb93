//! The built Worker in workerd, with its storage on disk.

use crate::environment::path_from_env;
use crate::harness::Harness;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::sync::Mutex;

/// A running Worker. It is killed with the value.
pub struct Workerd {
    pub port: u16,
    /// Objects, KV and log.
    pub storage: TempDir,
    /// `None` once the Worker has ended.
    harness: Mutex<Option<Harness>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Build {
    /// The deployed build.
    Release,
    /// With the feature `local`: fault injection and a clock offset.
    Local,
}

/// How the queues of a Worker are run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Queues {
    /// By miniflare: one batch at a time.
    #[default]
    One,
    /// As many batches at a time as there are.
    Concurrent,
    /// It has none.
    Absent,
}

pub struct WorkerdOptions {
    pub build: Build,
    pub port: u16,
    /// Variables and secrets, by name.
    pub vars: Value,
    /// `127.0.0.1:port`, the destination of every outbound request of the Worker.
    pub outbound: String,
    /// The folder of static files; `None` for those of the build.
    pub assets: Option<PathBuf>,
    /// Requests per minute that the platform's rate limiter takes of each key; `None`: the Worker has no limiter.
    pub rate_limit: Option<u32>,
    /// How the queues of the Worker are run.
    pub queues: Queues,
    /// Whether the Worker has a dataset `ANALYTICS`, whose data points are printed.
    pub records_data_points: bool,
    /// `(key, certificate)` as PEM; `None` for plain HTTP.
    pub https: Option<(String, String)>,
}

impl Workerd {
    pub async fn start(options: WorkerdOptions) -> Result<Self> {
        let storage = tempfile::tempdir()?;
        let worker = match options.build {
            Build::Release => path_from_env("EMBARK_WORKER_RELEASE")?,
            Build::Local => path_from_env("EMBARK_WORKER_LOCAL")?,
        };
        let assets = match options.assets {
            Some(assets) => assets,
            None => path_from_env("EMBARK_ASSETS")?,
        };
        let mut config = json!({
            "worker": worker,
            "assets": assets,
            "storage": storage.path().join("state"),
            "log": storage.path().join("workerd.log"),
            "port": options.port,
            "vars": options.vars,
            "outbound": options.outbound,
            "rate": {"RATE": null},
            "analytics": options.records_data_points,
            "queues": match options.queues {
                Queues::One => Some("one"),
                Queues::Concurrent => Some("concurrent"),
                Queues::Absent => None,
            },
        });
        if let Some(limit) = options.rate_limit {
            config["rate"] = json!({"RATE": {"limit": limit, "period": 60}});
        }
        if let Some((key, cert)) = options.https {
            config["https"] = json!({"key": key, "cert": cert});
        }
        let mut harness = Harness::idle().await?;
        let open = json!({"cmd": "open", "options": config});
        let reply = harness.run(&open).await?;
        let port = reply["ready"]["port"]
            .as_u64()
            .with_context(|| format!("not ready: {reply}"))?;
        Ok(Self {
            port: u16::try_from(port)?,
            harness: Mutex::new(Some(harness)),
            storage,
        })
    }

    /// SIGKILL: requests in flight are lost, unwritten data too.
    pub async fn kill(&self) -> Result<()> {
        self.command("kill").await
    }

    /// Starts again after [`Workerd::kill`], on the same port and storage.
    pub async fn restart(&self) -> Result<()> {
        self.command("start").await
    }

    /// The same with other variables and secrets.
    pub async fn restart_with(&self, vars: &Value) -> Result<()> {
        self.run(&json!({"cmd": "start", "vars": vars})).await?;
        Ok(())
    }

    /// Fires the cron trigger.
    pub async fn fire_cron(&self) -> Result<()> {
        self.command("scheduled").await
    }

    /// How many objects of a class, e.g. `Site`, have a file on disk.
    pub fn count_objects(&self, class: &str) -> Result<usize> {
        Ok(self.object_files(class)?.len())
    }

    /// How many objects of a class have stored a record. One that was only read has a file without it, and on the platform
    /// ends with its incarnation (<https://developers.cloudflare.com/durable-objects/concepts/durable-object-lifecycle/>).
    pub fn count_stored_objects(&self, class: &str) -> Result<usize> {
        let mut count = 0;
        for file in self.object_files(class)? {
            count += usize::from(contains(&file, RECORD_TABLE)?);
        }
        Ok(count)
    }

    /// Deletes everything that the Worker has stored, while workerd is killed: it then starts as a deployment that is new.
    pub fn delete_storage(&self) -> Result<()> {
        std::fs::remove_dir_all(self.storage.path().join("state"))?;
        Ok(())
    }

    /// Runs SQL statements on the storage of the one object of a class that has stored a record, while workerd is killed.
    pub fn run_sql(&self, class: &str, statements: &str) -> Result<()> {
        let mut stored = vec![];
        for file in self.object_files(class)? {
            if contains(&file, RECORD_TABLE)? {
                stored.push(file);
            }
        }
        let [file] = stored.as_slice() else {
            bail!("not one {class}: {stored:?}");
        };
        let harness = path_from_env("EMBARK_HARNESS")?;
        let output = std::process::Command::new(path_from_env("EMBARK_NODE")?)
            .arg(harness.with_file_name("sql.mjs"))
            .arg(file)
            .arg(statements)
            .output()?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{error}");
        Ok(())
    }

    /// Whether the storage of an object of a class contains these bytes.
    pub fn objects_contain(&self, class: &str, text: &[u8]) -> Result<bool> {
        for file in self.object_files(class)? {
            if contains(&file, text)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn object_files(&self, class: &str) -> Result<Vec<PathBuf>> {
        let mut folders = vec![self.storage.path().join("state")];
        let mut files = vec![];
        while let Some(folder) = folders.pop() {
            let is_class = folder.to_string_lossy().ends_with(class);
            for entry in std::fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if is_class && is_object(&path) {
                    files.push(path);
                }
            }
        }
        Ok(files)
    }

    /// Everything workerd printed so far. A line is printed after the response it is about, and may be half there.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.storage.path().join("workerd.log")).unwrap_or_default()
    }

    /// The lines of the log, which are JSON.
    ///
    /// # Errors
    /// One is not.
    pub fn log_lines(&self) -> Result<Vec<Value>> {
        let log = self.log();
        let lines = whole_lines(&log).filter(|line| line.starts_with(LOG_LINE));
        lines
            .map(|line| serde_json::from_str(line).with_context(|| line.to_owned()))
            .collect()
    }

    /// The data points that the Worker has written, if they are recorded.
    ///
    /// # Errors
    /// One is no JSON.
    pub fn data_points(&self) -> Result<Vec<Value>> {
        let log = self.log();
        let points = whole_lines(&log).filter_map(|line| line.strip_prefix(DATA_POINT));
        points
            .map(|point| Ok(serde_json::from_str(point)?))
            .collect()
    }

    /// The keys in KV with this prefix.
    pub async fn kv_keys(&self, prefix: &str) -> Result<Vec<String>> {
        let reply = self.run(&json!({"cmd": "keys", "prefix": prefix})).await?;
        Ok(serde_json::from_value(reply["keys"].clone())?)
    }

    async fn command(&self, command: &str) -> Result<()> {
        self.run(&json!({"cmd": command})).await.map(|_| ())
    }

    /// The reply to a command.
    async fn run(&self, command: &Value) -> Result<Value> {
        let mut harness = self.harness.lock().await;
        let harness = harness.as_mut().context("the Worker has ended")?;
        harness.run(command).await
    }
}

impl Drop for Workerd {
    /// Returns when workerd has ended: its storage is removed next.
    fn drop(&mut self) {
        if let Some(harness) = self.harness.get_mut().take() {
            harness.end_worker();
        }
    }
}

/// What a line of the Worker's log begins with.
const LOG_LINE: &str = "{\"time\":";
/// What `options.mjs` prints before a data point.
const DATA_POINT: &str = "EMBARK-POINT ";
/// In SQLite's schema of an object that has stored something.
const RECORD_TABLE: &[u8] = b"CREATE TABLE record";

/// The lines that end: the last one may be half written.
fn whole_lines(log: &str) -> impl Iterator<Item = &str> {
    let lines = log.split_inclusive('\n');
    lines.filter_map(|line| line.strip_suffix('\n'))
}

/// Whether the storage of an object, with its write-ahead log, contains these bytes.
fn contains(file: &Path, text: &[u8]) -> Result<bool> {
    let log = file.with_extension("sqlite-wal");
    let parts = [Some(file.to_owned()), log.exists().then_some(log)];
    for part in parts.into_iter().flatten() {
        let bytes = std::fs::read(part)?;
        if bytes.windows(text.len()).any(|at| at == text) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a file is the storage of an object: it is named by the object's id, of 64 digits.
fn is_object(file: &Path) -> bool {
    let is_sqlite = file.extension().is_some_and(|end| end == "sqlite");
    is_sqlite && file.file_stem().is_some_and(|name| name.len() == 64)
}
