//! Meta's verification request to an override callback: `GET …?hub.mode=subscribe&hub.challenge=…&hub.verify_token=…`
//! must return 200 with the challenge as its body. Only loopback addresses over plain HTTP are called. Every other URL
//! counts as verified, because this machine may not reach it.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint>

use crate::http::{IncomingRequest, RequestError, get, is_loopback_http};
use rand::Rng;
use url::Url;

/// `None` when the request needs no verification; `Err` has the reason for Meta's error 2200.
pub async fn verify_override_callback(request: &IncomingRequest) -> Option<Result<(), String>> {
    let challenge = rand::rng()
        .random_range(100_000_000..999_999_999_u32)
        .to_string();
    let url = verification_url(request, &challenge)?;
    if !is_loopback_http(&url) {
        return None;
    }
    Some(match get(&url).await {
        Err(RequestError::TimedOut) => Err("HTTP timeout".into()),
        Err(RequestError::Failed(cause)) => Err(format!("curl_errno = 7; {cause}")),
        Ok((200, body)) if body.trim() == challenge => Ok(()),
        Ok((200, _)) => Err("HTTP Status Code = 200; the challenge did not come back".into()),
        Ok((status, _)) => Err(format!("HTTP Status Code = {status}")),
    })
}

/// The override URL of this request with Meta's parameters added; `None` when the request sets no override.
fn verification_url(request: &IncomingRequest, challenge: &str) -> Option<Url> {
    let last_segment = request.segments.last().map(String::as_str);
    if request.method != "POST" || last_segment != Some("subscribed_apps") {
        return None;
    }
    let mut url = Url::parse(&request.param_text("override_callback_uri")?).ok()?;
    url.query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", challenge)
        .append_pair("hub.verify_token", &request.param_text("verify_token")?);
    Some(url)
}
