//! An HTTP `CONNECT` proxy that knows only the host names of a test. Firefox needs it, because it has no
//! counterpart of Chromium's `--host-resolver-rules`.

use anyhow::Result;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// A running proxy. It stops with the value.
pub struct Proxy {
    pub port: u16,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// `hosts` as in [`crate::browser::BrowserOptions::hosts`].
    pub async fn start(hosts: &[(&str, u16)]) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let hosts = hosts.iter().map(|(host, port)| ((*host).to_owned(), *port));
        let hosts: Arc<HashMap<String, u16>> = Arc::new(hosts.collect());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let hosts = hosts.clone();
                // A broken tunnel shows in the browser as a broken connection.
                tokio::spawn(async move { tunnel(stream, &hosts).await.ok() });
            }
        });
        Ok(Self { port, task })
    }
}

/// Answers `CONNECT host:443`, then copies bytes in both directions.
async fn tunnel(stream: TcpStream, hosts: &HashMap<String, u16>) -> Result<()> {
    let mut stream = BufReader::new(stream);
    let mut request_line = String::new();
    stream.read_line(&mut request_line).await?;
    let mut header = String::new();
    while stream.read_line(&mut header).await? > "\r\n".len() {
        header.clear();
    }
    let target = request_line.strip_prefix("CONNECT ").unwrap_or_default();
    let host = target.split(':').next().unwrap_or_default();
    let domain = host.split_once('.').map_or("", |(_, domain)| domain);
    let port = hosts
        .get(host)
        .or_else(|| hosts.get(&format!("*.{domain}")));
    let Some(port) = port else {
        // For the browser, a host name that does not resolve.
        stream
            .write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
            .await?;
        return Ok(());
    };
    let mut server = TcpStream::connect(("127.0.0.1", *port)).await?;
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut stream, &mut server).await?;
    Ok(())
}
