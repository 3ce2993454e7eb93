//! A body on its way to its address.

use crate::http::post_signed;
use crate::state::SharedState;
use crate::world::SentWebhook;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::time::Duration;
use tokio::time::sleep;
use url::Url;

/// Posts a body until the answer is 200, with the pauses and the number of attempts that the rules say, and keeps what came
/// of it.
pub async fn deliver(shared: &SharedState, url: &Url, secret: &str, body: String) -> SentWebhook {
    let (retries, mut pause) = {
        let rules = &shared.lock().rules;
        (rules.webhook_retries, rules.webhook_retry_ms)
    };
    let signature = sign(secret, &body);
    let mut delivery = SentWebhook {
        url: url.to_string(),
        bytes: body.len(),
        attempts: 0,
        status: None,
        error: None,
    };
    loop {
        let response = post_signed(url, &signature, body.clone()).await;
        delivery.attempts += 1;
        (delivery.status, delivery.error) = match response {
            Ok((status, _)) => (Some(status), None),
            Err(error) => (None, Some(error.to_string())),
        };
        if delivery.status == Some(200) || delivery.attempts > retries {
            break;
        }
        sleep(Duration::from_millis(pause)).await;
        pause = pause.saturating_mul(2);
    }
    shared.lock().webhooks_sent.push(delivery.clone());
    delivery
}

/// The value of `X-Hub-Signature-256`.
pub fn sign(secret: &str, body: &str) -> String {
    // HMAC takes keys of any length.
    let digits = match Hmac::<Sha256>::new_from_slice(secret.as_bytes()) {
        Ok(mut mac) => {
            mac.update(body.as_bytes());
            base16ct::lower::encode_string(&mac.finalize().into_bytes())
        }
        Err(_) => String::new(),
    };
    format!("sha256={digits}")
}
