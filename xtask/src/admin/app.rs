//! `cargo xtask app`: Meta apps.

use super::worker::{Worker, id, without_nulls};
use anyhow::Result;
use clap::Subcommand;
use embark_protocol::admin::{AppSettings, AppWebhook};
use embark_protocol::id::{AppKey, BusinessId, MetaAppId, SiteId, WabaId};
use embark_protocol::webhook_setup::AppWebhookStatus;
use serde_json::json;

#[derive(Subcommand)]
pub enum AppTask {
    /// Adds a Meta app, or changes the settings that are named; all others are kept
    Add {
        /// Your name for it: lower-case letters, digits, hyphens
        #[arg(value_parser = id(AppKey::parse))]
        key: AppKey,
        /// Meta's app id; needed for a new app
        #[arg(long, value_parser = id(MetaAppId::parse))]
        app_id: Option<MetaAppId>,
        /// e.g. v25.0
        #[arg(long)]
        graph_version: Option<String>,
        /// The business portfolio that owns the app
        #[arg(long, value_parser = id(BusinessId::parse))]
        partner_business_id: Option<BusinessId>,
        /// Your name, as customers read it on the hosted page
        #[arg(long)]
        partner_name: Option<String>,
        /// How many new businesses Meta lets the app take on in seven days: 10 at first (the default), 200 after its
        /// reviews
        #[arg(long)]
        weekly_limit: Option<u32>,
        /// Whether signups are refused while that limit is reached
        #[arg(long, value_name = "true|false")]
        block_when_full: Option<bool>,
        #[command(flatten)]
        worker: Worker,
    },
    /// Lists the apps
    List {
        #[command(flatten)]
        worker: Worker,
    },
    /// Prints how many new businesses an app took on in the last seven days
    Quota {
        #[arg(value_parser = id(AppKey::parse))]
        key: AppKey,
        #[command(flatten)]
        worker: Worker,
    },
    /// Lists the accounts that no site owns and that Meta's webhooks said something of
    Unclaimed {
        #[command(flatten)]
        worker: Worker,
    },
    /// Signs an account that no site owns up for a site
    Assign {
        /// The account
        #[arg(value_parser = id(WabaId::parse))]
        waba: WabaId,
        #[arg(value_parser = id(SiteId::parse))]
        site: SiteId,
        #[command(flatten)]
        worker: Worker,
    },
    /// Compares the app's webhook at Meta with what it should be
    Webhook {
        #[arg(value_parser = id(AppKey::parse))]
        key: AppKey,
        /// Sets callback URL and fields at Meta; any other callback URL of the app receives nothing from then on
        #[arg(long)]
        set: bool,
        /// Creates a verify token, to be entered in Meta's dashboard; the one before does not count any more
        #[arg(long, conflicts_with = "set")]
        new_token: bool,
        #[command(flatten)]
        worker: Worker,
    },
    /// Prints the settings of an app
    Show {
        #[arg(value_parser = id(AppKey::parse))]
        key: AppKey,
        #[command(flatten)]
        worker: Worker,
    },
}

/// # Errors
/// When the Worker refuses.
pub fn run(task: AppTask) -> Result<()> {
    match task {
        AppTask::Unclaimed { worker } => {
            println!("{}", worker.get_pretty("unclaimed")?);
        }
        AppTask::Assign { waba, site, worker } => {
            let body = json!({"site": site});
            println!(
                "{}",
                worker.post(&format!("unclaimed/{waba}/assign"), &body)?
            );
        }
        AppTask::Webhook {
            key,
            set,
            new_token: false,
            worker,
        } => {
            let path = format!("apps/{key}/webhook");
            let read = if set {
                worker.put(&path, &json!({}))?
            } else {
                worker.get(&path)?
            };
            print_status(&serde_json::from_str(&read)?);
        }
        AppTask::Webhook { key, worker, .. } => {
            let created = worker.post(&format!("apps/{key}/webhook"), &json!({}))?;
            let webhook: AppWebhook = serde_json::from_str(&created)?;
            println!("callback URL  {}", webhook.callback_url);
            println!("verify token  {}", webhook.verify_token);
        }
        AppTask::Add {
            key,
            app_id,
            graph_version,
            partner_business_id,
            partner_name,
            weekly_limit,
            block_when_full,
            worker,
        } => {
            let body = json!({
                "key": key,
                "app_id": app_id,
                "graph_version": graph_version,
                "partner_business_id": partner_business_id,
                "partner_name": partner_name,
                "weekly_limit": weekly_limit,
                "block_when_full": block_when_full,
            });
            worker.patch(&format!("apps/{key}"), &without_nulls(body))?;
            println!(
                "app {key} is set; now its secrets: cargo xtask secret set app/{key}/app_secret"
            );
        }
        AppTask::List { worker } => {
            let apps: Vec<AppSettings> = serde_json::from_str(&worker.get("apps")?)?;
            for app in apps {
                println!("{}  {}", app.key, app.app_id);
            }
        }
        AppTask::Quota { key, worker } => {
            println!("{}", worker.get_pretty(&format!("apps/{key}/quota"))?);
        }
        AppTask::Show { key, worker } => {
            println!("{}", worker.get_pretty(&format!("apps/{key}"))?);
        }
    }
    Ok(())
}

fn print_status(status: &AppWebhookStatus) {
    println!("callback URL  {}", status.callback_url);
    if let Some(at_meta) = &status.at_meta {
        println!("Meta calls    {}", at_meta.callback_url);
        println!("fields        {}", at_meta.fields.join(", "));
    }
    for difference in &status.differences {
        match &difference.field {
            Some(field) => println!("missing field {field}: {}", difference.hint),
            None => println!("{}", difference.hint),
        }
    }
    if status.differences.is_empty() {
        println!("as it should be");
    }
}
