//! Meta's verification request to a callback URL: `GET …?hub.mode=subscribe&hub.challenge=…&hub.verify_token=…`
//! must return 200 with the challenge as its body, within six seconds. Only loopback addresses over plain HTTP are called.
//! Every other URL counts as verified, because this machine may not reach it.
//! <https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/create-webhook-endpoint>

use crate::http::{IncomingRequest, RequestError, get, is_loopback_http};
use rand::Rng;
use url::Url;

/// Of a request that sets a callback URL. `None` when the request needs no verification; `Err` has the reason for Meta's
/// error 2200.
pub async fn verify_callback_of(request: &IncomingRequest) -> Option<Result<(), String>> {
    if request.method != "POST" {
        return None;
    }
    let of_number = request.param("webhook_configuration");
    let text = |name: &str| match of_number {
        Some(configuration) => configuration[name].as_str().map(str::to_owned),
        None => request.param_text(name),
    };
    let parameter = match request.segments.last().map(String::as_str) {
        Some("subscriptions") => "callback_url",
        Some("subscribed_apps") => "override_callback_uri",
        _ if of_number.is_some() => "override_callback_uri",
        _ => return None,
    };
    let url = Url::parse(&text(parameter)?).ok()?;
    let token = text("verify_token")?;
    is_loopback_http(&url).then_some(())?;
    Some(verify_callback(url, &token).await)
}

/// # Errors
/// The reason for Meta's error 2200.
pub async fn verify_callback(mut url: Url, token: &str) -> Result<(), String> {
    if !is_loopback_http(&url) {
        return Ok(());
    }
    let challenge = rand::rng()
        .random_range(100_000_000..999_999_999_u32)
        .to_string();
    url.query_pairs_mut()
        .append_pair("hub.mode", "subscribe")
        .append_pair("hub.challenge", &challenge)
        .append_pair("hub.verify_token", token);
    match get(&url).await {
        Err(RequestError::TimedOut) => Err("HTTP timeout".into()),
        Err(RequestError::Failed(cause)) => Err(format!("curl_errno = 7; {cause}")),
        Ok((200, body)) if body.trim() == challenge => Ok(()),
        Ok((200, _)) => Err("HTTP Status Code = 200; the challenge did not come back".into()),
        Ok((status, _)) => Err(format!("HTTP Status Code = {status}")),
    }
}
