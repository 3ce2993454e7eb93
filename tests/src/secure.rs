//! One request over TLS to a server of ours, under a name that only these tests know.

use crate::certificate::Certificate;
use anyhow::{Context, Result};
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
    /// Puts a document and reads the whole answer.
    pub async fn put(&self, path: &str, token: &str, body: &Value) -> Result<Response> {
        let (host, body) = (self.host, body.to_string());
        let head = format!(
            "PUT {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let connector = TlsConnector::from(self.certificate.client()?);
        let name = ServerName::try_from(host.to_owned())?;
        let mut stream = connector.connect(name, stream).await?;
        stream.write_all((head + &body).as_bytes()).await?;
        let mut answer = Vec::new();
        // A server that hangs up without a goodbye has still said everything.
        let ended = stream.read_to_end(&mut answer).await;
        let text = String::from_utf8_lossy(&answer);
        read(&text).with_context(|| format!("{ended:?}: {text:?}"))
    }
}

fn read(text: &str) -> Option<Response> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status: u16 = head.split(' ').nth(1)?.parse().ok()?;
    let mut response = axum::http::Response::new(body.to_owned());
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    Some(response.into())
}
