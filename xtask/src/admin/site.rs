//! `cargo xtask site`: the websites of customers.

use super::invite::{self, Invite};
use super::worker::{Worker, id, without_nulls};
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use embark_protocol::admin::{AppliedMessages, ApplyMessagesRequest, LinkResponse};
use embark_protocol::id::{AppKey, InvitationId, SiteId, WabaId};
use fs_err as fs;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum SiteTask {
    /// Adds a customer's website, or changes the settings that are named; all others are kept
    Add(Add),
    /// Prints the settings of a site
    Show {
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
        #[command(flatten)]
        worker: Worker,
    },
    /// Lists the sites
    List {
        #[command(flatten)]
        worker: Worker,
    },
    /// Takes no signups any more, and serves no button. Settings, numbers and accounts stay: nothing removes them
    Disable {
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
        #[command(flatten)]
        worker: Worker,
    },
    /// Takes signups again
    Enable {
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
        #[command(flatten)]
        worker: Worker,
    },
    /// Creates an invitation: a link for one customer that works once and until it expires
    Invite(Invite),
    /// Prints the invitations of a site, without their links
    Invitations {
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
        #[command(flatten)]
        worker: Worker,
    },
    /// Withdraws an invitation that was not used
    Uninvite {
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
        /// Its id, as `invitations` prints it
        #[arg(value_parser = id(InvitationId::parse))]
        invitation: InvitationId,
        #[command(flatten)]
        worker: Worker,
    },
    /// Has Meta send the messages of the numbers that are connected already to where the site's settings say by now
    ApplyMessages {
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
        #[command(flatten)]
        worker: Worker,
    },
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
    /// The app its signups belong to; needed for a new site
    #[arg(long, value_parser = id(AppKey::parse))]
    app: Option<AppKey>,
    /// Exact origin of the website, e.g. `https://shop.example`; repeat for several, which replace all earlier ones.
    /// Needed for a new site
    #[arg(long = "origin")]
    origins: Vec<String>,
    /// Facebook Login for Business configuration; needed for a new site
    #[arg(long)]
    config_id: Option<String>,
    /// The site's name, as customers read it on the hosted page
    #[arg(long)]
    display_name: Option<String>,
    /// Https URL of the site's logo, for the hosted page
    #[arg(long)]
    logo_url: Option<String>,
    /// Whether a signup needs an invitation
    #[arg(long, value_name = "true|false")]
    invited_only: Option<bool>,
    /// Whether a signup needs a session of the partner's back end
    #[arg(long, value_name = "optional|required", value_parser = ["optional", "required"])]
    sessions: Option<String>,
    /// What becomes of messages: nothing, events of the site, or Meta calls `--messages-url` with them
    #[arg(long, value_name = "none|forward|override", value_parser = ["none", "forward", "override"])]
    messages: Option<String>,
    /// Https URL that Meta calls with messages; its verify token is the secret `site/<site>/messages_verify_token`
    #[arg(long, required_if_eq("messages", "override"), value_name = "URL")]
    messages_url: Option<String>,
    /// Multi-partner solution
    #[arg(long)]
    solution_id: Option<String>,
    /// More settings, a JSON file: `prefill`, `feature_type`, `tag_may` and the like; `null` resets one
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
        SiteTask::Show { key, worker } => {
            println!("{}", worker.get_pretty(&format!("sites/{key}"))?);
            Ok(())
        }
        SiteTask::Disable { key, worker } => set_enabled(&key, false, &worker),
        SiteTask::Enable { key, worker } => set_enabled(&key, true, &worker),
        SiteTask::List { worker } => {
            let sites: Vec<SiteId> = serde_json::from_str(&worker.get("sites")?)?;
            for site in sites {
                println!("{site}");
            }
            Ok(())
        }
        SiteTask::Invite(args) => invite::run(&args),
        SiteTask::Invitations { key, worker } => {
            let path = format!("sites/{key}/invitations");
            println!("{}", worker.get_pretty(&path)?);
            Ok(())
        }
        SiteTask::Uninvite {
            key,
            invitation,
            worker,
        } => {
            worker.delete(&format!("sites/{key}/invitations/{invitation}"))?;
            println!("invitation {invitation} is withdrawn, unless it was used");
            Ok(())
        }
        SiteTask::ApplyMessages { key, worker } => apply_messages(&key, &worker),
        SiteTask::InfobipWebhook { key, worker } => {
            let path = format!("sites/{key}/infobip/webhook");
            let created: LinkResponse = serde_json::from_str(&worker.post(&path, &json!({}))?)?;
            println!("{}", created.url);
            Ok(())
        }
    }
}

fn set_enabled(key: &SiteId, enabled: bool, worker: &Worker) -> Result<()> {
    let path = format!("sites/{key}");
    // A patch would add a site that is not there.
    worker.get(&path)?;
    worker.patch(&path, &json!({ "enabled": enabled }))?;
    let state = if enabled { "enabled" } else { "disabled" };
    println!("site {key} is {state}");
    Ok(())
}

fn add(
    Add {
        key,
        app,
        origins,
        config_id,
        display_name,
        logo_url,
        invited_only,
        sessions,
        messages,
        messages_url,
        solution_id,
        more,
        worker,
    }: Add,
) -> Result<()> {
    let origins = (!origins.is_empty()).then_some(origins);
    let messages = messages_settings(messages.as_deref(), messages_url)?;
    let sets_messages = messages.is_some();
    let mut body = without_nulls(json!({
        "key": key,
        "app": app,
        "origins": origins,
        "config_id": config_id,
        "display_name": display_name,
        "logo_url": logo_url,
        "invited_only": invited_only,
        "sessions": sessions,
        "messages": messages,
        "solution_id": solution_id,
    }));
    if let (Some(file), Some(fields)) = (&more, body.as_object_mut()) {
        let more: Map<String, Value> =
            serde_json::from_slice(&fs::read(file)?).with_context(|| file.display().to_string())?;
        fields.extend(more);
    }
    let response = worker.patch(&format!("sites/{key}"), &body)?;
    let response: Value = serde_json::from_str(&response).unwrap_or_default();
    let edge = response["edge"]
        .as_str()
        .unwrap_or("https://<EMBARK_ORIGIN>");
    println!("site {key} is set; its tag:");
    // A local Worker serves a loader that was built for the deployed one.
    let own_edge = match edge.starts_with("http:") {
        true => format!(" data-edge=\"{edge}\""),
        false => String::new(),
    };
    println!("<script async src=\"{edge}/embark.js\"{own_edge} data-site=\"{key}\"></script>");
    if let Some(warning) = response["warning"].as_str() {
        eprintln!("warning: {warning}");
    }
    if sets_messages {
        println!("numbers that are connected already: cargo xtask site apply-messages {key}");
    }
    Ok(())
}

/// The setting that the flags say. A mode replaces whatever the site had, its address included: the setting is sent as a
/// whole, with `null` for an address that is to go.
///
/// # Errors
/// An address that the mode does not take.
fn messages_settings(mode: Option<&str>, url: Option<String>) -> Result<Option<Value>> {
    match (mode, url) {
        (None, None) => Ok(None),
        (Some("override"), Some(url)) => Ok(Some(json!({"mode": "override", "callback_url": url}))),
        (Some(mode), None) => Ok(Some(json!({"mode": mode, "callback_url": null}))),
        _ => bail!("--messages-url goes with --messages override"),
    }
}

fn apply_messages(key: &SiteId, worker: &Worker) -> Result<()> {
    let path = format!("sites/{key}/messages");
    let mut after: Option<WabaId> = None;
    let mut numbers = 0;
    loop {
        let page = ApplyMessagesRequest { after };
        let page = worker.post(&path, &serde_json::to_value(page)?)?;
        let page: AppliedMessages = serde_json::from_str(&page)?;
        numbers += page.numbers;
        for number in page.not_kept {
            eprintln!(
                "number {number}: its signup is not kept any more; a renewal applies the settings"
            );
        }
        for number in page.owned_elsewhere {
            eprintln!("number {number}: another site owns it by now; nothing is changed");
        }
        if page.next.is_none() {
            break;
        }
        after = page.next;
    }
    println!(
        "{numbers} numbers are being compared with the settings of {key}; see their readiness reports"
    );
    Ok(())
}
