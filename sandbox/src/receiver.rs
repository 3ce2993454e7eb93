//! A receiver of Standard Webhooks (<https://www.standardwebhooks.com>), in place of the partner's back end: it verifies
//! deliveries with the published library, and keeps them.

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use standardwebhooks::{Webhook, WebhookError};
use std::collections::{BTreeMap, VecDeque};
use std::time::Instant;

/// How the receiver verifies and responds, and what came.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Receiver {
    /// Signing secrets; a delivery is valid if it verifies with one.
    secrets: Vec<String>,
    /// The verify token of Meta's handshake, which the receiver answers as a partner's own address for messages does.
    verify_token: Option<String>,
    /// Whether the time of a delivery does not count: for senders whose clock is ahead.
    any_time: bool,
    /// How many deliveries are on their way, by their path.
    #[serde(skip)]
    on_their_way: BTreeMap<String, usize>,
    /// The responses to the next deliveries, in order. After them: 204 at once, and 200 to Meta.
    replies: VecDeque<ReceiverReply>,
    /// Deliveries so far, the first first.
    received: Vec<Received>,
    /// Since then their times are counted.
    #[serde(skip)]
    started_at: Option<Instant>,
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
    /// Only deliveries to this path. `None`: to any.
    #[serde(default)]
    path: Option<String>,
    /// The connection is reset in place of the response.
    #[serde(default)]
    pub reset: bool,
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
    /// When it came, in milliseconds after the first.
    at_ms: u64,
    /// How many to this path were on their way then, with it.
    at_once: usize,
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
    any_time: Option<bool>,
    verify_token: Option<String>,
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
        self.any_time = settings.any_time.unwrap_or(self.any_time);
        self.verify_token = settings.verify_token.or(self.verify_token.take());
        Ok(())
    }

    /// Forgets what came.
    pub fn clear(&mut self) {
        self.received.clear();
        self.started_at = None;
    }

    /// Whether this is the verify token of the handshake.
    pub fn knows(&self, verify_token: &str) -> bool {
        self.verify_token.as_deref() == Some(verify_token)
    }

    /// Takes a delivery; returns the response to it. `of_meta`: whether an app has signed it, if it is one of Meta's webhooks.
    pub fn receive(
        &mut self,
        path: &str,
        headers: &HeaderMap,
        body: &[u8],
        of_meta: Option<Result<(), String>>,
    ) -> ReceiverReply {
        // Meta sends again what is not answered with 200.
        let (verified, status) = match of_meta {
            Some(verified) => (verified, 200),
            None => (self.verify(headers, body), 204),
        };
        let reply = self.next_reply(path, status);
        let started_at = *self.started_at.get_or_insert_with(Instant::now);
        let at_once = self.on_their_way.entry(path.to_owned()).or_default();
        *at_once += 1;
        let at_once = *at_once;
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let text = String::from_utf8_lossy(body);
        self.received.push(Received {
            id: header("webhook-id").unwrap_or_default().to_owned(),
            path: path.to_owned(),
            verified: verified.is_ok(),
            error: verified.err(),
            status: reply.status,
            at_ms: u64::try_from(started_at.elapsed().as_millis()).unwrap_or(u64::MAX),
            at_once,
            signatures: header("webhook-signature").map_or(0, |text| text.split(' ').count()),
            body: serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.into_owned())),
        });
        reply
    }

    /// A delivery to this path is responded to.
    pub fn respond(&mut self, path: &str) {
        if let Some(on_their_way) = self.on_their_way.get_mut(path) {
            *on_their_way = on_their_way.saturating_sub(1);
        }
    }

    fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), String> {
        let mut error = "no signing secret is set".to_owned();
        for secret in &self.secrets {
            let verified = Webhook::new(secret).and_then(|webhook| match self.any_time {
                true => verify_at_any_time(&webhook, headers, body),
                false => webhook.verify(body, headers),
            });
            match verified {
                Ok(()) => return Ok(()),
                Err(failed) => error = failed.to_string(),
            }
        }
        Err(error)
    }

    fn next_reply(&mut self, path: &str, status: u16) -> ReceiverReply {
        let is_for = |reply: &ReceiverReply| reply.path.as_deref().is_none_or(|only| only == path);
        let found = self.replies.iter().position(is_for);
        let next = found.and_then(|at| Some((at, self.replies.get_mut(at)?)));
        let Some((at, next)) = next else {
            return ReceiverReply {
                status,
                headers: BTreeMap::new(),
                delay_ms: 0,
                body_bytes: 0,
                times: 1,
                path: None,
                reset: false,
            };
        };
        let reply = next.clone();
        next.times = next.times.saturating_sub(1);
        if next.times == 0 {
            self.replies.remove(at);
        }
        reply
    }
}

/// Verifies by signing again: the library refuses a time that is five minutes off.
fn verify_at_any_time(
    webhook: &Webhook,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), WebhookError> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let id = header("webhook-id").unwrap_or_default();
    let seconds = header("webhook-timestamp").and_then(|text| text.parse().ok());
    let expected = webhook.sign(id, seconds.unwrap_or_default(), body)?;
    let signatures = header("webhook-signature").unwrap_or_default();
    match signatures.split(' ').any(|signature| signature == expected) {
        true => Ok(()),
        false => Err(WebhookError::InvalidSignature),
    }
}
