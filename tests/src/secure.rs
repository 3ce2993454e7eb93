//! One request over TLS to a server of ours, under a name that only these tests know.

use crate::certificate::Certificate;
use anyhow::{Result, ensure};
use reqwest::{Response, StatusCode};
use rustls::pki_types::ServerName;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

pub struct Door<'c> {
    pub certificate: &'c Certificate,
    pub port: u16,
    pub host: &'c str,
}

impl Door<'_> {
    /// Sends a document and reads the whole answer.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: &Value,
    ) -> Result<Response> {
        let (host, body) = (self.host, body.to_string());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let connector = TlsConnector::from(self.certificate.client()?);
        let name = ServerName::try_from(host.to_owned())?;
        let mut stream = connector.connect(name, stream).await?;
        stream.write_all((head + &body).as_bytes()).await?;
        // The server may keep the connection open in spite of the wish to close it.
        let mut answer = Vec::new();
        loop {
            let heard = stream.read_buf(&mut answer).await;
            let text = String::from_utf8_lossy(&answer);
            if let Some(response) = read(&text) {
                return Ok(response);
            }
            ensure!(
                heard.is_ok_and(|bytes| bytes > 0),
                "half an answer: {text:?}"
            );
        }
    }
}

/// An answer that is there to its end. Chunks stay as they are: the body is only shown.
fn read(text: &str) -> Option<Response> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
    let head = head.to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let chunked = head.contains("transfer-encoding: chunked");
    let whole = body.len() >= length.unwrap_or(0) && (!chunked || body.ends_with("0\r\n\r\n"));
    if !whole {
        return None;
    }
    let mut response = axum::http::Response::new(body.to_owned());
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    Some(response.into())
}
