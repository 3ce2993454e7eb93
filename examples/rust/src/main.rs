//! A back end whose customers connect their WhatsApp numbers: it shows the button, verifies Embark's events, fetches the
//! customer's business token, and sends the first message. Its settings are environment variables; see `../README.md`.

use anyhow::{Context, Result};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Router, body::Bytes, response::Html, serve};
use reqwest::{Client, RequestBuilder};
use serde::Deserialize;
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use std::sync::{Arc, Mutex, PoisonError};
use std::{collections::HashSet, env, time::Duration};
use tokio::net::TcpListener;

struct Server {
    embark: String,
    site: String,
    token: String,
    graph: String,
    recipient: String,
    webhook: Webhook,
    client: Client,
    /// Ids of the events that were handled. A real server keeps them in its database, for a week.
    handled: Mutex<HashSet<String>>,
}

#[derive(Deserialize)]
struct Event {
    id: String,
    #[serde(rename = "type")]
    event_type: String,
    data: Value,
}

#[tokio::main]
async fn main() -> Result<()> {
    let variable = |name: &str| {
        let value = env::var(name).ok().filter(|value| !value.is_empty());
        value.with_context(|| format!("{name} is not set or empty; see examples/README.md"))
    };
    let graph = env::var("GRAPH_ORIGIN");
    // It fails only where a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let server = Server {
        embark: variable("EMBARK_ORIGIN")?,
        site: variable("EMBARK_SITE")?,
        token: variable("EMBARK_TOKEN")?,
        graph: graph.unwrap_or_else(|_| "https://graph.facebook.com".to_owned()),
        recipient: variable("RECIPIENT")?,
        webhook: Webhook::new(&variable("EMBARK_WEBHOOK_SECRET")?)?,
        client: Client::builder().timeout(Duration::from_secs(10)).build()?,
        handled: Mutex::default(),
    };
    let router = Router::new()
        .route("/", get(connect_page))
        .route("/events", post(receive_event))
        .layer(DefaultBodyLimit::max(1_000_000))
        .with_state(Arc::new(server));
    let port = env::var("PORT").unwrap_or_else(|_| "3000".to_owned());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}")).await?;
    println!("http://localhost:{port}");
    Ok(serve(listener, router).await?)
}

/// Whoever is signed in at your application.
fn signed_in_customer() -> &'static str {
    "customer-7"
}

/// The page with the button. The session says whose signup it is; it is good for one signup, within 15 minutes.
async fn connect_page(State(server): State<Arc<Server>>) -> Result<Html<String>, StatusCode> {
    let (embark, site) = (&server.embark, &server.site);
    let sessions = format!("{embark}/v1/sites/{site}/sessions");
    let request = server.client.post(sessions).bearer_auth(&server.token);
    let request = request.json(&json!({"reference": signed_in_customer()}));
    let created = fetch_json(request).await.map_err(internal)?;
    let session = created["session"].as_str().unwrap_or_default();
    Ok(Html(format!(
        r#"<!doctype html>
<html lang="en">
  <head><meta charset="utf-8"><title>Connect WhatsApp</title></head>
  <body>
    <h1>Connect your WhatsApp number</h1>
    <script async src="{embark}/embark.js" data-edge="{embark}" data-site="{site}" data-session="{session}"></script>
  </body>
</html>"#
    )))
}

/// Verifies an event and handles it. If that fails, Embark delivers the event again.
async fn receive_event(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, StatusCode> {
    let verified = server.webhook.verify(&body, &headers);
    verified.or(Err(StatusCode::UNAUTHORIZED))?;
    let event = serde_json::from_slice(&body).or(Err(StatusCode::BAD_REQUEST))?;
    server.handle(event).await.map_err(internal)?;
    Ok(StatusCode::NO_CONTENT)
}

impl Server {
    /// Handles an event once.
    async fn handle(&self, event: Event) -> Result<()> {
        let handled = || self.handled.lock().unwrap_or_else(PoisonError::into_inner);
        if handled().contains(&event.id) {
            return Ok(());
        }
        let data = &event.data;
        if event.event_type == "signup.connected" && data["reference"]["verified"] == true {
            let waba = data["waba_id"].as_str().context("no waba_id")?;
            let number = data["phone_number_id"].as_str().context("no number")?;
            let message_id = self.send_first_message(waba, number).await?;
            let customer = data["reference"]["id"].as_str().unwrap_or_default();
            println!("{customer} is connected; sent {message_id}");
        }
        handled().insert(event.id);
        Ok(())
    }

    async fn send_first_message(&self, waba: &str, number: &str) -> Result<String> {
        let url = format!("{}/v1/backend/wabas/{waba}/token", self.embark);
        let business = fetch_json(self.client.get(url).bearer_auth(&self.token)).await?;
        let token = business["token"].as_str().context("no token")?;
        let version = business["graph_version"].as_str().context("no version")?;
        let url = format!("{}/{version}/{number}/messages", self.graph);
        let message = json!({
            "messaging_product": "whatsapp", "to": self.recipient, "type": "template",
            "template": {"name": "hello_world", "language": {"code": "en_US"}},
        });
        let sent = fetch_json(self.client.post(url).bearer_auth(token).json(&message)).await?;
        let id = sent["messages"][0]["id"].as_str();
        Ok(id.context("no message")?.to_owned())
    }
}

/// Makes a request whose answer must be JSON and a success.
async fn fetch_json(request: RequestBuilder) -> Result<Value> {
    Ok(request.send().await?.error_for_status()?.json().await?)
}

fn internal(error: anyhow::Error) -> StatusCode {
    eprintln!("{error:#}");
    StatusCode::INTERNAL_SERVER_ERROR
}
