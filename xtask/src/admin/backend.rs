//! `cargo xtask backend`: what the partner's own server needs of a site: tokens, and the endpoint of its events.

use super::worker::{Worker, id, without_nulls};
use anyhow::Result;
use clap::Subcommand;
use embark_protocol::backend::{
    BackendScope, BackendTokenDetails, BackendTokenRequest, EndpointDetails, EndpointRequest,
    ReplayResponse, SessionResponse,
};
use embark_protocol::id::{Reference, SiteId};
use serde_json::{json, to_value};

#[derive(clap::Args)]
pub struct Site {
    #[arg(value_parser = id(SiteId::parse))]
    site: SiteId,
    #[command(flatten)]
    worker: Worker,
}

#[derive(Subcommand)]
pub enum BackendTask {
    /// Creates a token of the back end, and prints it: it is not shown again
    Token {
        #[command(flatten)]
        site: Site,
        /// What it is for
        #[arg(long)]
        name: String,
        /// What it permits: read, token, write; repeat or separate by commas
        #[arg(long = "scope", value_delimiter = ',', required = true, value_parser = scope)]
        scopes: Vec<BackendScope>,
        /// After how many days it ceases to work; otherwise it works until it is revoked
        #[arg(long)]
        expires_in_days: Option<u32>,
    },
    /// Creates a session for one customer, and prints it: for `data-session`, within 15 minutes and once
    Session {
        #[command(flatten)]
        site: Site,
        /// Your own id of the customer
        #[arg(long, value_parser = id(Reference::parse))]
        reference: Reference,
        /// The only origin whose pages may use it; otherwise all of the site's may
        #[arg(long)]
        origin: Option<String>,
    },
    /// Lists the tokens, without their text
    Tokens(Site),
    /// Deletes a token, which ceases to work at once
    Revoke {
        #[command(flatten)]
        site: Site,
        /// Its id, as `tokens` prints it
        id: String,
    },
    /// Sets the URL that events are posted to, and switches it on; without a URL, prints how it does
    Endpoint {
        #[command(flatten)]
        site: Site,
        /// An https URL of a public host
        url: Option<String>,
    },
    /// Makes a new signing secret, and prints it. The one before signs too, for a day
    EndpointSecret(Site),
    /// Delivers the event `endpoint.test`
    EndpointTest(Site),
    /// Deletes the endpoint. Events are kept, and not delivered any more
    EndpointDelete(Site),
    /// Lists the last 100 events, the newest first, with what became of their delivery
    Events {
        #[command(flatten)]
        site: Site,
        /// Only those whose delivery was given up
        #[arg(long)]
        dead: bool,
    },
    /// Delivers events again: these, or every one that was given up
    Replay {
        #[command(flatten)]
        site: Site,
        /// The sequences of events
        sequences: Vec<u64>,
    },
    /// Lists the signups, the one that changed last first
    Signups(Site),
    /// Lists who read business tokens
    Audit(Site),
}

/// # Errors
/// When the Worker refuses.
pub fn run(task: BackendTask) -> Result<()> {
    match task {
        BackendTask::Token {
            site,
            name,
            scopes,
            expires_in_days,
        } => {
            let body = to_value(BackendTokenRequest {
                name,
                scopes,
                expires_in_days,
            })?;
            let created = site.worker.post(&site.path("tokens"), &body)?;
            let created: BackendTokenDetails = serde_json::from_str(&created)?;
            println!("{}", created.token.unwrap_or_default());
            eprintln!(
                "token {} of {}; it is not shown again",
                created.id, site.site
            );
        }
        BackendTask::Session {
            site,
            reference,
            origin,
        } => {
            let body = json!({ "reference": reference, "origin": origin });
            let created = site
                .worker
                .post(&site.path("sessions"), &without_nulls(body))?;
            let created: SessionResponse = serde_json::from_str(&created)?;
            println!("{}", created.session);
            eprintln!("a session of {}; it is not shown again", site.site);
        }
        BackendTask::Tokens(site) => site.print("tokens")?,
        BackendTask::Revoke { site, id } => {
            site.worker.delete(&site.path(&format!("tokens/{id}")))?;
            println!("token {id} does not work any more");
        }
        BackendTask::Endpoint { site, url: None } => site.print("endpoint")?,
        BackendTask::Endpoint {
            site,
            url: Some(url),
        } => {
            let body = to_value(EndpointRequest { url })?;
            let put = site.worker.put(&site.path("endpoint"), &body)?;
            print_secret(&put)?;
        }
        BackendTask::EndpointSecret(site) => {
            let rotated = site
                .worker
                .post(&site.path("endpoint/secret"), &json!({}))?;
            print_secret(&rotated)?;
        }
        BackendTask::EndpointTest(site) => {
            site.worker.post(&site.path("endpoint/test"), &json!({}))?;
            println!(
                "endpoint.test is on its way; `cargo xtask backend events {}` says what came of it",
                site.site
            );
        }
        BackendTask::EndpointDelete(site) => {
            site.worker.delete(&site.path("endpoint"))?;
            println!("events of {} are not delivered any more", site.site);
        }
        BackendTask::Events { site, dead } => {
            let only_dead = if dead { "&delivery=dead" } else { "" };
            site.print(&format!("events?order=newest{only_dead}"))?;
        }
        BackendTask::Replay { site, sequences } => {
            let body = if sequences.is_empty() {
                json!({ "dead": true })
            } else {
                json!({ "sequences": sequences })
            };
            let replayed = site.worker.post(&site.path("events/replay"), &body)?;
            let ReplayResponse { replayed } = serde_json::from_str(&replayed)?;
            println!("{replayed} events are delivered again");
        }
        BackendTask::Signups(site) => site.print("signups")?,
        BackendTask::Audit(site) => site.print("audit")?,
    }
    Ok(())
}

impl Site {
    fn path(&self, rest: &str) -> String {
        format!("sites/{}/{rest}", self.site)
    }

    fn print(&self, rest: &str) -> Result<()> {
        println!("{}", self.worker.get_pretty(&self.path(rest))?);
        Ok(())
    }
}

/// The secret, if the response has one: it alone goes to standard output.
fn print_secret(response: &str) -> Result<()> {
    let endpoint: EndpointDetails = serde_json::from_str(response)?;
    match endpoint.secret {
        Some(secret) => {
            println!("{secret}");
            eprintln!(
                "the signing secret of {}; it is not shown again",
                endpoint.status.url
            );
        }
        None => eprintln!(
            "{} is on; its signing secret is the one before",
            endpoint.status.url
        ),
    }
    Ok(())
}

fn scope(text: &str) -> Result<BackendScope, String> {
    let scopes = [BackendScope::Read, BackendScope::Token, BackendScope::Write];
    let found = scopes.into_iter().find(|scope| scope.as_str() == text);
    found.ok_or_else(|| "expected read, token or write".to_owned())
}
