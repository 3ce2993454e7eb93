//! What an operator puts: apps, sites, secrets. By default into the running `cargo xtask dev`.

use crate::dev::Session;
use crate::json::send;
use anyhow::{Context, Result, anyhow, bail};
use clap::{Args, Subcommand};
use embark_protocol::config::{APP_SECRETS, Invitation, Link, SecretValue};
use embark_protocol::id::{AppKey, BadId, BusinessId, MetaAppId, SiteId};
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;
use serde_json::{Map, Value, json};
use std::fs;
use std::io::{IsTerminal, Read};
use std::path::PathBuf;

#[derive(Subcommand)]
pub enum AppTask {
    /// Adds a Meta app, or replaces its settings
    Add {
        /// Our name for it: lower-case letters, digits, hyphens
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
        edge: Edge,
    },
}

#[derive(Subcommand)]
pub enum SiteTask {
    /// Adds a customer website, or replaces its settings
    Add {
        /// Our name for it, as in data-site="…"
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
        edge: Edge,
    },
    /// Makes a link for one customer: good once, until a day
    Invite(Invite),
    /// Draws the address that Infobip posts its registration news to; an older one is over
    InfobipWebhook {
        #[arg(value_parser = id(SiteId::parse))]
        key: SiteId,
        #[command(flatten)]
        edge: Edge,
    },
}

#[derive(Args)]
pub struct Invite {
    /// The site the customer is invited to
    #[arg(value_parser = id(SiteId::parse))]
    key: SiteId,
    /// How long the link is good
    #[arg(long, default_value_t = 14)]
    days: u32,
    /// Whom it is for, in your own words
    #[arg(long)]
    reference: Option<String>,
    /// Also draw the link as a QR code, an SVG file of this name
    #[arg(long, value_name = "FILE")]
    qr: Option<PathBuf>,
    #[command(flatten)]
    edge: Edge,
}

#[derive(Subcommand)]
pub enum SecretTask {
    /// Sets a secret; its value comes from standard input or a hidden prompt, never from the command line
    Set {
        /// `app/<key>/<name>` (app_secret, system_token, verify_token), or `site/<key>/<name>`: a provider's
        path: String,
        #[command(flatten)]
        edge: Edge,
    },
}

/// Which Worker, and the right to change it.
#[derive(Args)]
pub struct Edge {
    /// The operator origin, e.g. `https://operator.partner.example`, with EMBARK_OPERATOR_TOKEN set
    /// (default: the running dev)
    #[arg(long = "edge", id = "edge", value_name = "URL")]
    url: Option<String>,
}

pub fn app(
    AppTask::Add {
        key,
        app_id,
        graph_version,
        partner_business_id,
        edge,
    }: AppTask,
) -> Result<()> {
    let body = json!({ "key": key, "app_id": app_id, "graph_version": graph_version, "partner_business_id": partner_business_id });
    edge.put(&format!("apps/{key}"), &without_nulls(body))?;
    println!("app {key} is set; now its secrets: cargo xtask secret set app/{key}/app_secret");
    Ok(())
}

pub fn site(task: SiteTask) -> Result<()> {
    match task {
        SiteTask::Add {
            key,
            app,
            origins,
            config_id,
            solution_id,
            more,
            edge,
        } => {
            let mut body = json!({ "key": key, "app": app, "origins": origins, "config_id": config_id, "solution_id": solution_id });
            if let (Some(file), Some(fields)) = (&more, body.as_object_mut()) {
                let text = fs::read(file).with_context(|| file.display().to_string())?;
                let more: Map<String, Value> =
                    serde_json::from_slice(&text).with_context(|| file.display().to_string())?;
                fields.extend(more);
            }
            edge.put(&format!("sites/{key}"), &without_nulls(body))?;
            println!(
                "site {key} is set; its tag: <script async src=\"…/embark.js\" data-site=\"{key}\"></script>"
            );
            Ok(())
        }
        SiteTask::Invite(order) => invite(&order),
        SiteTask::InfobipWebhook { key, edge } => {
            let path = format!("sites/{key}/infobip/webhook");
            let drawn: Link = serde_json::from_str(&edge.send("POST", &path, &json!({}))?)?;
            println!("{}", drawn.url);
            Ok(())
        }
    }
}

fn invite(order: &Invite) -> Result<()> {
    let body =
        json!({ "expires_in_s": order.days.saturating_mul(86_400), "reference": order.reference });
    let path = format!("sites/{}/invitations", order.key);
    let made = order.edge.send("POST", &path, &without_nulls(body))?;
    let made: Invitation = serde_json::from_str(&made).context("not an invitation")?;
    let url = made.url.context("the invitation has no address")?;
    if let Some(file) = &order.qr {
        fs::write(file, drawn(&url)?).with_context(|| file.display().to_string())?;
    }
    println!("{url}");
    Ok(())
}

/// A link as a QR code.
fn drawn(url: &str) -> Result<String> {
    let code = QRBuilder::new(url)
        .build()
        .map_err(|error| anyhow!("{error}"))?;
    Ok(SvgBuilder::default().to_str(&code))
}

pub fn secret(SecretTask::Set { path, edge }: SecretTask) -> Result<()> {
    check_secret(&path)?;
    let value = read_secret(&path)?;
    edge.put(
        &format!("secrets/{path}"),
        &serde_json::to_value(SecretValue { value })?,
    )?;
    println!("{path} is set");
    Ok(())
}

impl Edge {
    fn put(&self, below: &str, body: &Value) -> Result<()> {
        self.send("PUT", below, body).map(|_| ())
    }

    fn send(&self, method: &str, below: &str, body: &Value) -> Result<String> {
        let dev = || {
            Session::read()
                .context("no --edge given and no `cargo xtask dev` was started in this clone")
        };
        let url = match &self.url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => dev()?.operator().to_owned(),
        };
        let token = match std::env::var("EMBARK_OPERATOR_TOKEN") {
            Ok(token) => token,
            Err(_) if self.url.is_some() => {
                bail!("set EMBARK_OPERATOR_TOKEN to the operator token of {url}")
            }
            Err(_) => dev()?.operator_token().to_owned(),
        };
        send(method, &format!("{url}/v1/admin/{below}"), &token, body)
    }
}

/// An id's parser with words for its error.
fn id<T>(parse: fn(&str) -> Result<T, BadId>) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| parse(text).map_err(|error| error.to_string())
}

fn check_secret(path: &str) -> Result<()> {
    let parts: Vec<&str> = path.split('/').collect();
    let is_word = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    let is_one = match parts.as_slice() {
        ["app", app, name] => AppKey::parse(app).is_ok() && APP_SECRETS.contains(name),
        ["site", site, name] => {
            SiteId::parse(site).is_ok() && !name.is_empty() && name.bytes().all(is_word)
        }
        _ => false,
    };
    if is_one {
        return Ok(());
    }
    bail!(
        "a secret is named app/<key>/<name> with one of {}, or site/<key>/<name>",
        APP_SECRETS.join(", ")
    )
}

fn read_secret(path: &str) -> Result<String> {
    let mut value = String::new();
    if std::io::stdin().is_terminal() {
        value = rpassword::prompt_password(format!("{path} (not shown): "))?;
    } else {
        std::io::stdin().read_to_string(&mut value)?;
    }
    let value = value.trim();
    if value.is_empty() {
        bail!("the value is empty; nothing was changed");
    }
    Ok(value.to_owned())
}

/// What was not given is left to the Worker's defaults.
fn without_nulls(mut body: Value) -> Value {
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_have_three_part_names() {
        for good in [
            "app/demo/app_secret",
            "site/shop/infobip",
            "site/shop/key_2",
        ] {
            assert!(check_secret(good).is_ok(), "{good}");
        }
        for bad in [
            "demo/app_secret",
            "app/demo",
            "app/demo/pin",
            "app/../app_secret",
            "app/Demo/app_secret",
            "site/shop/",
            "site/shop/No",
            "site/Shop/key",
        ] {
            assert!(check_secret(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_invitation_is_drawn_in_one_piece() -> Result<()> {
        let svg = drawn(
            "https://signup.partner.example/go/acme?invite=0123456789abcdef0123456789abcdef",
        )?;
        assert!(
            svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"),
            "{svg}"
        );
        Ok(())
    }

    #[test]
    fn what_is_put_is_what_the_worker_reads() -> Result<()> {
        let body = without_nulls(json!({ "key": "a", "app_id": "12345", "graph_version": null }));
        let app: embark_protocol::config::App = serde_json::from_value(body)?;
        assert_eq!(app.app_id.as_str(), "12345");
        Ok(())
    }
}
