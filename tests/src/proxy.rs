//! A proxy that knows the names of a test and nothing else: what Chromium does by its resolver rules,
//! Firefox does through this.

use anyhow::Result;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

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
    /// `names` as in `chrome::Setting`: `(name or *.domain, port on 127.0.0.1)`.
    pub async fn start(names: &[(&str, u16)]) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let names = names.iter().map(|(name, port)| ((*name).to_owned(), *port));
        let names: Arc<HashMap<String, u16>> = Arc::new(names.collect());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let names = names.clone();
                // A tunnel that breaks is the browser's to notice.
                tokio::spawn(async move { tunnel(stream, &names).await.ok() });
            }
        });
        Ok(Self { port, task })
    }
}

/// `CONNECT name:443`, then bytes either way.
async fn tunnel(stream: TcpStream, names: &HashMap<String, u16>) -> Result<()> {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    stream.read_line(&mut first).await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 2 {
        line.clear();
    }
    let target = first.strip_prefix("CONNECT ").unwrap_or_default();
    let name = target.split(':').next().unwrap_or_default();
    let domain = name.split_once('.').map_or("", |(_, domain)| domain);
    let port = names
        .get(name)
        .or_else(|| names.get(&format!("*.{domain}")));
    let Some(port) = port else {
        // As for a name that does not resolve.
        stream
            .write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
            .await?;
        return Ok(());
    };
    let mut there = TcpStream::connect(("127.0.0.1", *port)).await?;
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut stream, &mut there).await?;
    Ok(())
}
