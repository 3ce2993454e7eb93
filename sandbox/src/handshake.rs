//! Meta's handshake with an override callback: `GET …?hub.mode=subscribe&hub.challenge=…&hub.verify_token=…`
//! must answer 200 with the challenge. Only loopback addresses over plain http are called; any other URL
//! is taken as good, since this machine may not reach it.

use crate::call::Call;
use crate::graph::handshake_url;
use crate::outbound;
use rand::Rng;
use std::io::ErrorKind;

/// `None` where the request needs no handshake.
pub async fn with_override(call: &Call) -> Option<Result<(), String>> {
    let challenge = rand::rng()
        .random_range(100_000_000..999_999_999_u32)
        .to_string();
    let url = handshake_url(call, &challenge)?;
    if !outbound::reaches(&url) {
        return None;
    }
    Some(match outbound::get(&url).await {
        Err(error) if error.kind() == ErrorKind::TimedOut => Err("HTTP timeout".into()),
        Err(why) => Err(format!("curl_errno = 7; {why}")),
        Ok((200, body)) if body.trim() == challenge => Ok(()),
        Ok((200, _)) => Err("HTTP Status Code = 200; the challenge did not come back".into()),
        Ok((status, _)) => Err(format!("HTTP Status Code = {status}")),
    })
}
