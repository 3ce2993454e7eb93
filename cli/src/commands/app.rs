//! `app`: Meta apps.

use crate::admin_path::AdminPath;
use crate::answer::Answer;
use crate::pages::read_all;
use crate::visible::{visible, visible_json};
use crate::worker::{Worker, id, without_nulls};
use anyhow::Result;
use clap::Subcommand;
use embark_protocol::admin::{AppSettings, AppWebhook};
use embark_protocol::id::{AppKey, BusinessId, MetaAppId, SiteId, WabaId};
use embark_protocol::webhook_setup::AppWebhookStatus;
use serde::Deserialize;
use serde_json::json;

#[derive(Subcommand)]
pub enum AppTask {
    /// Adds a Meta app, or changes the settings that are named; all others are kept
    #[command(
        after_help = "Examples:\n  embark app add main --app-id 1234567890\n  embark app add main --weekly-limit 200 --block-when-full true"
    )]
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
    },
    /// Lists the apps
    #[command(after_help = "Examples:\n  embark app list\n  embark app list --json")]
    List,
    /// Prints how many new businesses an app took on in the last seven days
    #[command(after_help = "Examples:\n  embark app quota main")]
    Quota {
        /// The app, by its key
        #[arg(value_parser = id(AppKey::parse))]
        key: AppKey,
    },
    /// Lists the accounts that no site owns and that Meta's webhooks said something of
    #[command(after_help = "Examples:\n  embark app unclaimed")]
    Unclaimed,
    /// Signs an account that no site owns up for a site
    #[command(after_help = "Examples:\n  embark app assign 102290129340398 acme")]
    Assign {
        /// The account
        #[arg(value_parser = id(WabaId::parse))]
        waba: WabaId,
        /// The site, by its key
        #[arg(value_parser = id(SiteId::parse))]
        site: SiteId,
    },
    /// Compares the app's webhook at Meta with what it should be
    #[command(
        after_help = "Examples:\n  embark app webhook main\n  embark app webhook main --set\n  embark app webhook main --new-token"
    )]
    Webhook {
        /// The app, by its key
        #[arg(value_parser = id(AppKey::parse))]
        key: AppKey,
        /// Sets callback URL and fields at Meta; any other callback URL of the app receives nothing from then on
        #[arg(long)]
        set: bool,
        /// Creates a verify token, to be entered in Meta's dashboard; the one before does not count any more
        #[arg(long, conflicts_with = "set")]
        new_token: bool,
    },
    /// Prints the settings of an app
    #[command(after_help = "Examples:\n  embark app show main")]
    Show {
        /// The app, by its key
        #[arg(value_parser = id(AppKey::parse))]
        key: AppKey,
    },
}

/// # Errors
/// When the Worker refuses.
pub fn run(task: AppTask, worker: &Worker<'_>) -> Result<Answer> {
    match task {
        AppTask::Unclaimed => {
            let accounts = read_all(worker, "unclaimed", "accounts")?;
            Ok(Answer::document(json!({ "accounts": accounts })))
        }
        AppTask::Assign { waba, site } => {
            let path = AdminPath::new("unclaimed").join(waba).join("assign");
            let assigned = worker.post(path, &json!({"site": site}))?;
            let text = visible_json(&assigned.to_string());
            Ok(Answer::new(assigned, text))
        }
        AppTask::Webhook {
            key,
            set,
            new_token: false,
        } => {
            let path = app(&key).join("webhook");
            let read = if set {
                worker.put(path, &json!({}))?
            } else {
                worker.get(path)?
            };
            let text = describe_status(&AppWebhookStatus::deserialize(&read)?);
            Ok(Answer::new(read, text))
        }
        AppTask::Webhook { key, .. } => {
            let created = worker.post(app(&key).join("webhook"), &json!({}))?;
            let webhook = AppWebhook::deserialize(&created)?;
            let text = format!(
                "callback URL  {}\nverify token  {}",
                visible(&webhook.callback_url),
                visible(&webhook.verify_token)
            );
            Ok(Answer::new(created, text))
        }
        AppTask::Add {
            key,
            app_id,
            graph_version,
            partner_business_id,
            partner_name,
            weekly_limit,
            block_when_full,
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
            let set = worker.patch(app(&key), &without_nulls(body))?;
            let program = worker.program_name();
            let text = format!(
                "app {key} is set; now its secrets: {program} secret set app/{key}/app_secret"
            );
            Ok(Answer::new(set, text))
        }
        AppTask::List => {
            let listed = worker.get("apps")?;
            let apps = Vec::<AppSettings>::deserialize(&listed)?;
            let lines = apps
                .iter()
                .map(|app| format!("{}  {}", app.key, app.app_id));
            let text = lines.collect::<Vec<_>>().join("\n");
            Ok(Answer::new(listed, text))
        }
        AppTask::Quota { key } => Ok(Answer::document(worker.get(app(&key).join("quota"))?)),
        AppTask::Show { key } => Ok(Answer::document(worker.get(app(&key))?)),
    }
}

fn app(key: &AppKey) -> AdminPath {
    AdminPath::new("apps").join(key)
}

fn describe_status(status: &AppWebhookStatus) -> String {
    let mut lines = vec![format!("callback URL  {}", visible(&status.callback_url))];
    if let Some(at_meta) = &status.at_meta {
        lines.push(format!("Meta calls    {}", visible(&at_meta.callback_url)));
        lines.push(format!(
            "fields        {}",
            visible(&at_meta.fields.join(", "))
        ));
    }
    for difference in &status.differences {
        lines.push(match &difference.field {
            Some(field) => visible(&format!("missing field {field}: {}", difference.hint)),
            None => visible(&difference.hint),
        });
    }
    if status.differences.is_empty() {
        lines.push("as it should be".to_owned());
    }
    lines.join("\n")
}
