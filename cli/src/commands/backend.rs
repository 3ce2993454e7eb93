//! `backend`: what the partner's own server needs of a site: tokens, and the endpoint of its events.

use crate::admin_path::AdminPath;
use crate::answer::Answer;
use crate::visible::visible;
use crate::worker::{Worker, id, without_nulls};
use anyhow::Result;
use clap::Subcommand;
use embark_protocol::backend::{
    BackendScope, BackendTokenDetails, BackendTokenRequest, EndpointDetails, EndpointRequest,
    ReplayResponse, SessionResponse,
};
use embark_protocol::id::{Reference, SiteId};
use serde::Deserialize;
use serde_json::{Value, json, to_value};

#[derive(clap::Args)]
pub struct Site {
    /// The site, by its key
    #[arg(value_parser = id(SiteId::parse))]
    site: SiteId,
}

#[derive(Subcommand)]
pub enum BackendTask {
    /// Creates a token of the back end, and prints it: it is not shown again
    #[command(after_help = "Examples:\n  embark backend token acme --name crm --scope read,token")]
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
    #[command(after_help = "Examples:\n  embark backend session acme --reference customer-7")]
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
    #[command(after_help = "Examples:\n  embark backend tokens acme")]
    Tokens(Site),
    /// Deletes a token, which ceases to work at once
    #[command(after_help = "Examples:\n  embark backend revoke acme 0123456789abcdef")]
    Revoke {
        #[command(flatten)]
        site: Site,
        /// Its id, as `tokens` prints it
        id: String,
    },
    /// Sets the URL that events are posted to, and switches it on; without a URL, prints how it does
    #[command(
        after_help = "Examples:\n  embark backend endpoint acme https://crm.partner.example/events\n  embark backend endpoint acme"
    )]
    Endpoint {
        #[command(flatten)]
        site: Site,
        /// An https URL of a public host
        url: Option<String>,
    },
    /// Makes a new signing secret, and prints it. The one before signs too, for a day
    #[command(after_help = "Examples:\n  embark backend endpoint-secret acme")]
    EndpointSecret(Site),
    /// Delivers the event `endpoint.test`
    #[command(after_help = "Examples:\n  embark backend endpoint-test acme")]
    EndpointTest(Site),
    /// Deletes the endpoint. Events are kept, and not delivered any more
    #[command(after_help = "Examples:\n  embark backend endpoint-delete acme")]
    EndpointDelete(Site),
    /// Lists the last 100 events, the newest first, with what became of their delivery
    #[command(after_help = "Examples:\n  embark backend events acme --dead")]
    Events {
        #[command(flatten)]
        site: Site,
        /// Only those whose delivery was given up
        #[arg(long)]
        dead: bool,
    },
    /// Delivers events again: these, or every one that was given up
    #[command(
        after_help = "Examples:\n  embark backend replay acme\n  embark backend replay acme 17 18"
    )]
    Replay {
        #[command(flatten)]
        site: Site,
        /// The sequences of events
        sequences: Vec<u64>,
    },
    /// Lists the signups, the one that changed last first
    #[command(after_help = "Examples:\n  embark backend signups acme")]
    Signups(Site),
    /// Lists who read business tokens
    #[command(after_help = "Examples:\n  embark backend audit acme")]
    Audit(Site),
}

/// # Errors
/// When the Worker refuses.
pub fn run(task: BackendTask, worker: &Worker<'_>) -> Result<Answer> {
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
            let response = worker.post(site.path("tokens"), &body)?;
            let created = BackendTokenDetails::deserialize(&response)?;
            let note = format!(
                "token {} of {}; it is not shown again",
                visible(&created.id),
                site.site
            );
            Ok(Answer::new(response, visible(&created.token.unwrap_or_default())).with_note(note))
        }
        BackendTask::Session {
            site,
            reference,
            origin,
        } => {
            let body = json!({ "reference": reference, "origin": origin });
            let response = worker.post(site.path("sessions"), &without_nulls(body))?;
            let created = SessionResponse::deserialize(&response)?;
            let note = format!("a session of {}; it is not shown again", site.site);
            Ok(Answer::new(response, visible(&created.session)).with_note(note))
        }
        BackendTask::Tokens(site) => site.read("tokens", worker),
        BackendTask::Revoke { site, id } => {
            worker.delete(site.path("tokens").join(&id))?;
            let text = format!("token {id} does not work any more");
            Ok(Answer::without_document(text))
        }
        BackendTask::Endpoint { site, url: None } => site.read("endpoint", worker),
        BackendTask::Endpoint {
            site,
            url: Some(url),
        } => {
            let body = to_value(EndpointRequest { url })?;
            secret_of(worker.put(site.path("endpoint"), &body)?)
        }
        BackendTask::EndpointSecret(site) => {
            secret_of(worker.post(site.path("endpoint").join("secret"), &json!({}))?)
        }
        BackendTask::EndpointTest(site) => {
            let accepted = worker.post(site.path("endpoint").join("test"), &json!({}))?;
            let text = format!(
                "endpoint.test is on its way; `{} backend events {}` says what came of it",
                worker.program_name(),
                site.site
            );
            Ok(Answer::new(accepted, text))
        }
        BackendTask::EndpointDelete(site) => {
            worker.delete(site.path("endpoint"))?;
            let text = format!("events of {} are not delivered any more", site.site);
            Ok(Answer::without_document(text))
        }
        BackendTask::Events { site, dead } => {
            let path = site.path("events").with("order", "newest");
            let path = path.with_some("delivery", dead.then_some("dead"));
            Ok(Answer::document(worker.get(path)?))
        }
        BackendTask::Replay { site, sequences } => {
            let body = if sequences.is_empty() {
                json!({ "dead": true })
            } else {
                json!({ "sequences": sequences })
            };
            let response = worker.post(site.path("events").join("replay"), &body)?;
            let ReplayResponse { replayed } = ReplayResponse::deserialize(&response)?;
            let text = format!("{replayed} events are delivered again");
            Ok(Answer::new(response, text))
        }
        BackendTask::Signups(site) => site.read("signups", worker),
        BackendTask::Audit(site) => site.read("audit", worker),
    }
}

impl Site {
    fn path(&self, part: &'static str) -> AdminPath {
        AdminPath::new("sites").join(&self.site).join(part)
    }

    fn read(&self, part: &'static str, worker: &Worker<'_>) -> Result<Answer> {
        Ok(Answer::document(worker.get(self.path(part))?))
    }
}

/// The secret, if the response has one: it alone goes to standard output.
fn secret_of(response: Value) -> Result<Answer> {
    let endpoint = EndpointDetails::deserialize(&response)?;
    let url = visible(&endpoint.status.url);
    Ok(match endpoint.secret {
        Some(secret) => Answer::new(response, visible(&secret)).with_note(format!(
            "the signing secret of {url}; it is not shown again"
        )),
        None => Answer::new(response, "")
            .with_note(format!("{url} is on; its signing secret is the one before")),
    })
}

fn scope(text: &str) -> Result<BackendScope, String> {
    let scopes = [BackendScope::Read, BackendScope::Token, BackendScope::Write];
    let found = scopes.into_iter().find(|scope| scope.as_str() == text);
    found.ok_or_else(|| "expected read, token or write".to_owned())
}
