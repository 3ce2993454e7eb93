//! `site`: the websites of customers.

use super::invite::{self, CreateInvitation};
use crate::admin_path::AdminPath;
use crate::answer::Answer;
use crate::pages::{Cursors, read_all};
use crate::progress::Progress;
use crate::visible::visible;
use crate::worker::{Worker, id, without_nulls};
use anyhow::{Context, Result, bail};
use clap::Subcommand;
use embark_protocol::admin::{AppliedMessages, ApplyMessagesRequest, LinkResponse};
use embark_protocol::id::{AppKey, InvitationId, SiteId, WabaId};
use fs_err as fs;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum SiteTask {
    /// Adds a customer's website, or changes the settings that are named; all others are kept
    #[command(
        after_help = "Examples:\n  embark site add acme --app main --origin https://shop.example --config-id 9876543210\n  embark site add acme --messages forward\n  embark site add acme --more settings.json"
    )]
    Add(Add),
    /// Prints the settings of a site
    #[command(after_help = "Examples:\n  embark site show acme")]
    Show {
        /// The site, by its key
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
    },
    /// Lists the sites
    #[command(after_help = "Examples:\n  embark site list")]
    List,
    /// Takes no signups any more, and serves no button. Settings, numbers and accounts stay: nothing removes them
    #[command(after_help = "Examples:\n  embark site disable acme")]
    Disable {
        /// The site, by its key
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
    },
    /// Takes signups again
    #[command(after_help = "Examples:\n  embark site enable acme")]
    Enable {
        /// The site, by its key
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
    },
    /// Creates an invitation: a link for one customer that works once and until it expires
    #[command(after_help = invite::EXAMPLES)]
    Invite(CreateInvitation),
    /// Prints the invitations of a site, without their links
    #[command(after_help = "Examples:\n  embark site invitations acme")]
    Invitations {
        /// The site, by its key
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
    },
    /// Withdraws an invitation that was not used
    #[command(
        after_help = "Examples:\n  embark site uninvite acme 0123456789abcdef0123456789abcdef"
    )]
    Uninvite {
        /// The site, by its key
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
        /// Its id, as `invitations` prints it
        #[arg(value_parser = id(InvitationId::parse))]
        invitation: InvitationId,
    },
    /// Has Meta send the messages of the numbers that are connected already to where the site's settings say by now
    #[command(after_help = "Examples:\n  embark site apply-messages acme")]
    ApplyMessages {
        /// The site, by its key
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
    },
    /// Creates the URL to which Infobip posts registration webhooks; an earlier one no longer works
    #[command(after_help = "Examples:\n  embark site infobip-webhook acme")]
    InfobipWebhook {
        /// The site, by its key
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
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
}

/// # Errors
/// When the Worker refuses, or the file of further settings is not JSON.
pub fn run(task: SiteTask, worker: &Worker<'_>) -> Result<Answer> {
    match task {
        SiteTask::Add(args) => add(args, worker),
        SiteTask::Show { key } => Ok(Answer::document(worker.get(site(&key))?)),
        SiteTask::Disable { key } => set_enabled(&key, false, worker),
        SiteTask::Enable { key } => set_enabled(&key, true, worker),
        SiteTask::List => {
            let listed = worker.get("sites")?;
            let sites = Vec::<String>::deserialize(&listed)?;
            let lines = sites.iter().map(|site| visible(site));
            let text = lines.collect::<Vec<_>>().join("\n");
            Ok(Answer::new(listed, text))
        }
        SiteTask::Invite(args) => invite::run(&args, worker),
        SiteTask::Invitations { key } => {
            let path = site(&key).join("invitations");
            let invitations = read_all(worker, path, "invitations")?;
            Ok(Answer::document(json!({ "invitations": invitations })))
        }
        SiteTask::Uninvite { key, invitation } => {
            worker.delete(site(&key).join("invitations").join(&invitation))?;
            let text = format!("invitation {invitation} is withdrawn, unless it was used");
            Ok(Answer::without_document(text))
        }
        SiteTask::ApplyMessages { key } => apply_messages(&key, worker),
        SiteTask::InfobipWebhook { key } => {
            let path = site(&key).join("infobip").join("webhook");
            let created = worker.post(path, &json!({}))?;
            let text = visible(&LinkResponse::deserialize(&created)?.url);
            Ok(Answer::new(created, text))
        }
    }
}

fn site(key: &SiteId) -> AdminPath {
    AdminPath::new("sites").join(key)
}

fn set_enabled(key: &SiteId, enabled: bool, worker: &Worker<'_>) -> Result<Answer> {
    let path = site(key);
    // A patch would add a site that is not there.
    worker.get(&path)?;
    let set = worker.patch(path, &json!({ "enabled": enabled }))?;
    let state = if enabled { "enabled" } else { "disabled" };
    Ok(Answer::new(set, format!("site {key} is {state}")))
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
    }: Add,
    worker: &Worker<'_>,
) -> Result<Answer> {
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
    let response = worker.patch(site(&key), &body)?;
    let edge = response["edge"]
        .as_str()
        .unwrap_or("https://<EMBARK_ORIGIN>");
    let edge = visible(edge);
    // A local Worker serves a loader that was built for the deployed one.
    let own_edge = match edge.starts_with("http:") {
        true => format!(" data-edge=\"{edge}\""),
        false => String::new(),
    };
    let mut text = format!(
        "site {key} is set; its tag:\n<script async src=\"{edge}/embark.js\"{own_edge} data-site=\"{key}\"></script>"
    );
    if sets_messages {
        let program = worker.program_name();
        text.push_str(&format!(
            "\nnumbers that are connected already: {program} site apply-messages {key}"
        ));
    }
    let warning = response["warning"].as_str();
    let warning = warning.map(|warning| format!("warning: {}", visible(warning)));
    let answer = Answer::new(response, text);
    Ok(match warning {
        Some(warning) => answer.with_note(warning),
        None => answer,
    })
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

fn apply_messages(key: &SiteId, worker: &Worker<'_>) -> Result<Answer> {
    let path = site(key).join("messages");
    let mut cursors = Cursors::default();
    let mut after: Option<WabaId> = None;
    let mut all = AppliedMessages {
        numbers: 0,
        not_kept: Vec::new(),
        owned_elsewhere: Vec::new(),
        next: None,
    };
    let progress = Progress::count("numbers")?;
    loop {
        let page = ApplyMessagesRequest { after };
        let page = worker.post(&path, &serde_json::to_value(page)?)?;
        let page = AppliedMessages::deserialize(&page)?;
        progress.add(page.numbers as usize);
        all.numbers += page.numbers;
        all.not_kept.extend(page.not_kept);
        all.owned_elsewhere.extend(page.owned_elsewhere);
        let next = page.next.as_ref().map(WabaId::as_str);
        if cursors.next(next)?.is_none() {
            break;
        }
        after = page.next;
    }
    drop(progress);
    let text = format!(
        "{} numbers are being compared with the settings of {key}; see their readiness reports",
        all.numbers
    );
    let mut answer = Answer::new(serde_json::to_value(&all)?, text);
    for number in all.not_kept {
        answer = answer.with_note(format!(
            "number {number}: its signup is not kept any more; a renewal applies the settings"
        ));
    }
    for number in all.owned_elsewhere {
        answer = answer.with_note(format!(
            "number {number}: another site owns it by now; nothing is changed"
        ));
    }
    Ok(answer)
}
