//! `cargo xtask site`: the websites of customers.

use super::invite::{self, Invite};
use super::worker::{Worker, id, without_nulls};
use anyhow::{Context, Result};
use clap::Subcommand;
use embark_protocol::admin::LinkResponse;
use embark_protocol::id::{AppKey, SiteId};
use fs_err as fs;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum SiteTask {
    /// Adds a customer's website, or replaces its settings
    Add(Add),
    /// Creates an invitation: a link for one customer that works once and until it expires
    Invite(Invite),
    /// Creates the URL to which Infobip posts registration webhooks; an earlier one no longer works
    InfobipWebhook {
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
        #[command(flatten)]
        worker: Worker,
    },
}

#[derive(clap::Args)]
pub struct Add {
    /// Your name for it, as in data-site="…"
    #[arg(value_parser = id(SiteId::parse))]
    key: SiteId,
    /// The app its signups belong to
    #[arg(long, value_parser = id(AppKey::parse))]
    app: AppKey,
    /// Exact origin of the website, e.g. `https://shop.example`; repeat for several
    #[arg(long = "origin", required = true)]
    origins: Vec<String>,
    /// Facebook Login for Business configuration
    #[arg(long)]
    config_id: String,
    /// Multi-partner solution
    #[arg(long)]
    solution_id: Option<String>,
    /// More settings, a JSON file: `prefill`, `feature_type`, `tag_may` and the like
    #[arg(long, value_name = "FILE")]
    more: Option<PathBuf>,
    #[command(flatten)]
    worker: Worker,
}

/// # Errors
/// When the Worker refuses, or the file of further settings is not JSON.
pub fn run(task: SiteTask) -> Result<()> {
    match task {
        SiteTask::Add(args) => add(args),
        SiteTask::Invite(args) => invite::run(&args),
        SiteTask::InfobipWebhook { key, worker } => {
            let path = format!("sites/{key}/infobip/webhook");
            let created: LinkResponse = serde_json::from_str(&worker.post(&path, &json!({}))?)?;
            println!("{}", created.url);
            Ok(())
        }
    }
}

fn add(
    Add {
        key,
        app,
        origins,
        config_id,
        solution_id,
        more,
        worker,
    }: Add,
) -> Result<()> {
    let mut body = json!({ "key": key, "app": app, "origins": origins, "config_id": config_id, "solution_id": solution_id });
    if let (Some(file), Some(fields)) = (&more, body.as_object_mut()) {
        let more: Map<String, Value> =
            serde_json::from_slice(&fs::read(file)?).with_context(|| file.display().to_string())?;
        fields.extend(more);
    }
    worker.put(&format!("sites/{key}"), &without_nulls(body))?;
    println!(
        "site {key} is set; its tag: <script async src=\"…/embark.js\" data-site=\"{key}\"></script>"
    );
    Ok(())
}
