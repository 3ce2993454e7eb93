//! The requests the sandbox makes itself: a GET, and a POST of JSON. Only loopback addresses over plain http,
//! and none lasts longer than five seconds.

use std::io::{Error, ErrorKind};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::{Host, Position, Url};

/// Whether this machine itself is meant, without TLS.
pub fn reaches(url: &Url) -> bool {
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "http" && loopback
}

/// Status and body.
pub async fn get(url: &Url) -> std::io::Result<(u16, String)> {
    let request = format!(
        "GET {} HTTP/1.0\r\nHost: {}\r\nUser-Agent: facebookplatform/1.0\r\n\r\n",
        target(url),
        own_host(url)
    );
    within(exchange(url, request)).await
}

/// `host` stands in the `Host` header in place of the address's own.
pub async fn post(url: &Url, host: Option<&str>, json: &str) -> std::io::Result<(u16, String)> {
    let own = own_host(url);
    let request = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n{json}",
        target(url),
        host.unwrap_or(&own),
        json.len()
    );
    within(exchange(url, request)).await
}

async fn within<T>(work: impl Future<Output = std::io::Result<T>>) -> std::io::Result<T> {
    timeout(LIMIT, work)
        .await
        .unwrap_or_else(|_| Err(Error::from(ErrorKind::TimedOut)))
}

/// The answer ends with the connection.
async fn exchange(url: &Url, request: String) -> std::io::Result<(u16, String)> {
    let port = url.port_or_known_default().unwrap_or(80);
    let host = match url.host() {
        Some(Host::Ipv4(ip)) => ip.to_string(),
        Some(Host::Ipv6(ip)) => ip.to_string(),
        _ => "127.0.0.1".to_owned(),
    };
    let mut tcp = TcpStream::connect((host.as_str(), port)).await?;
    tcp.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    tcp.take(64 << 10).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))?;
    let body = answer.split_once("\r\n\r\n");
    Ok((
        status,
        body.map(|(_, body)| body.to_owned()).unwrap_or_default(),
    ))
}

fn target(url: &Url) -> &str {
    &url[Position::BeforePath..Position::AfterQuery]
}

fn own_host(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or(80);
    format!("{}:{port}", url.host_str().unwrap_or_default())
}

const LIMIT: Duration = Duration::from_secs(5);
