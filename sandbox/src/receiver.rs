//! A receiver of Standard Webhooks (<https://www.standardwebhooks.com>), in place of the partner's back end: it verifies
//! deliveries with the published library, and keeps them.

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use standardwebhooks::{Webhook, WebhookError};
use std::collections::{BTreeMap, VecDeque};

/// How the receiver verifies and responds, and what came.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Receiver {
    /// Signing secrets; a delivery is valid if it verifies with one.
    secrets: Vec<String>,
    /// The responses to the next deliveries, in order. After them: 204 at once.
    replies: VecDeque<ReceiverReply>,
    /// Deliveries so far, the first first.
    received: Vec<Received>,
}

/// How a delivery is responded to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiverReply {
    pub status: u16,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Before the response.
    #[serde(default)]
    pub delay_ms: u64,
    /// Length of the body of the response, in bytes.
    #[serde(default)]
    pub body_bytes: usize,
    /// How many deliveries are responded to like this.
    #[serde(default = "once")]
    times: u32,
}

/// A delivery that came.
#[derive(Debug, Clone, Serialize)]
pub struct Received {
    /// Its header `webhook-id`.
    id: String,
    path: String,
    /// Whether a secret verifies it; why not, if none does.
    verified: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The status that it was responded to with.
    status: u16,
    /// How many signatures it has.
    signatures: usize,
    /// The body; text if it is no JSON.
    body: Value,
}

/// Body of `PUT /_sandbox/receiver`: what is absent stays as it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReceiverSettings {
    secrets: Option<Vec<String>>,
    replies: Option<VecDeque<ReceiverReply>>,
}

const fn once() -> u32 {
    1
}

impl Receiver {
    /// Changes how deliveries are verified and responded to.
    ///
    /// # Errors
    /// A secret is none. Nothing is changed.
    pub fn set(&mut self, settings: ReceiverSettings) -> Result<(), WebhookError> {
        if let Some(secrets) = settings.secrets {
            for secret in &secrets {
                Webhook::new(secret)?;
            }
            self.secrets = secrets;
        }
        if let Some(replies) = settings.replies {
            self.replies = replies;
        }
        Ok(())
    }

    /// Forgets what came.
    pub fn clear(&mut self) {
        self.received.clear();
    }

    /// Takes a delivery; returns the response to it.
    pub fn receive(&mut self, path: &str, headers: &HeaderMap, body: &[u8]) -> ReceiverReply {
        let verified = self.verify(headers, body);
        let reply = self.next_reply();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let text = String::from_utf8_lossy(body);
        self.received.push(Received {
            id: header("webhook-id").unwrap_or_default().to_owned(),
            path: path.to_owned(),
            verified: verified.is_ok(),
            error: verified.err(),
            status: reply.status,
            signatures: header("webhook-signature").map_or(0, |text| text.split(' ').count()),
            body: serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.into_owned())),
        });
        reply
    }

    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), String> {
        let mut error = "no signing secret is set".to_owned();
        for secret in &self.secrets {
            let verified = Webhook::new(secret).and_then(|webhook| webhook.verify(body, headers));
            match verified {
                Ok(()) => return Ok(()),
                Err(failed) => error = failed.to_string(),
            }
        }
        Err(error)
    }

    fn next_reply(&mut self) -> ReceiverReply {
        let Some(next) = self.replies.front_mut() else {
            return ReceiverReply {
                status: 204,
                headers: BTreeMap::new(),
                delay_ms: 0,
                body_bytes: 0,
                times: 1,
            };
        };
        let reply = next.clone();
        next.times = next.times.saturating_sub(1);
        if next.times == 0 {
            self.replies.pop_front();
        }
        reply
    }
}
