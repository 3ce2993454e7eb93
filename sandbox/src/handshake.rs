//! Meta's handshake with an override callback: `GET …?hub.mode=subscribe&hub.challenge=…&hub.verify_token=…`
//! must answer 200 with the challenge. Only loopback addresses over plain http are called; any other URL
//! is taken as good, since this machine may not reach it.

use crate::call::Call;
use crate::graph::handshake_url;
use rand::Rng;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::{Host, Url};

/// `None` where the request needs no handshake.
pub async fn with_override(call: &Call) -> Option<Result<(), String>> {
    let challenge = rand::rng()
        .random_range(100_000_000..999_999_999_u32)
        .to_string();
    let url = handshake_url(call, &challenge)?;
    if url.scheme() != "http" || !is_loopback(&url) {
        return None;
    }
    let answer = timeout(Duration::from_secs(5), get(&url)).await;
    Some(match answer {
        Err(_) => Err("HTTP timeout".into()),
        Ok(Err(why)) => Err(format!("curl_errno = 7; {why}")),
        Ok(Ok((200, body))) if body.trim() == challenge => Ok(()),
        Ok(Ok((200, _))) => Err("HTTP Status Code = 200; the challenge did not come back".into()),
        Ok(Ok((status, _))) => Err(format!("HTTP Status Code = {status}")),
    })
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// One GET over HTTP/1.0, so that the body ends with the connection.
async fn get(url: &Url) -> std::io::Result<(u16, String)> {
    let port = url.port_or_known_default().unwrap_or(80);
    let host = match url.host() {
        Some(Host::Ipv4(ip)) => ip.to_string(),
        Some(Host::Ipv6(ip)) => ip.to_string(),
        _ => "127.0.0.1".to_owned(),
    };
    let mut tcp = TcpStream::connect((host.as_str(), port)).await?;
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let name = url.host_str().unwrap_or_default();
    let request = format!(
        "GET {target} HTTP/1.0\r\nHost: {name}:{port}\r\nUser-Agent: facebookplatform/1.0\r\n\r\n"
    );
    tcp.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    tcp.take(64 << 10).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or(0);
    let body = answer
        .split_once("\r\n\r\n")
        .map(|(_, body)| body.to_owned())
        .unwrap_or_default();
    Ok((status, body))
}
