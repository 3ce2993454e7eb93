//! `cargo xtask app`: Meta apps.

use super::worker::{Worker, id, without_nulls};
use anyhow::Result;
use clap::Subcommand;
use embark_protocol::id::{AppKey, BusinessId, MetaAppId};
use serde_json::json;

#[derive(Subcommand)]
pub enum AppTask {
    /// Adds a Meta app, or replaces its settings
    Add {
        /// Your name for it: lower-case letters, digits, hyphens
        #[arg(value_parser = id(AppKey::parse))]
        key: AppKey,
        /// Meta's app id
        #[arg(long, value_parser = id(MetaAppId::parse))]
        app_id: MetaAppId,
        /// e.g. v25.0
        #[arg(long)]
        graph_version: Option<String>,
        /// The business portfolio that owns the app
        #[arg(long, value_parser = id(BusinessId::parse))]
        partner_business_id: Option<BusinessId>,
        #[command(flatten)]
        worker: Worker,
    },
}

/// # Errors
/// When the Worker refuses.
pub fn run(
    AppTask::Add {
        key,
        app_id,
        graph_version,
        partner_business_id,
        worker,
    }: AppTask,
) -> Result<()> {
    let body = json!({ "key": key, "app_id": app_id, "graph_version": graph_version, "partner_business_id": partner_business_id });
    worker.put(&format!("apps/{key}"), &without_nulls(body))?;
    println!("app {key} is set; now its secrets: cargo xtask secret set app/{key}/app_secret");
    Ok(())
}
