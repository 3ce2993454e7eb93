//! An HTTP `CONNECT` proxy that knows only the host names of a test. Browsers outlive a test, its servers do not: a browser
//! is started with the proxy, or gets it with a context.

use anyhow::Result;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

/// A running proxy. It stops with the value.
pub struct Proxy {
    pub port: u16,
    hosts: Arc<Mutex<Hosts>>,
    task: JoinHandle<()>,
}

/// Ports on 127.0.0.1 by host name, and the tunnels to them.
#[derive(Default)]
struct Hosts {
    ports: HashMap<String, u16>,
    tunnels: JoinSet<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
        self.set_hosts(&[]);
    }
}

impl Proxy {
    /// A proxy that knows no host yet.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let hosts: Arc<Mutex<Hosts>> = Arc::default();
        let known = hosts.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut hosts = known.lock().unwrap_or_else(PoisonError::into_inner);
                while hosts.tunnels.try_join_next().is_some() {}
                let ports = hosts.ports.clone();
                // A broken tunnel shows in the browser as a broken connection.
                hosts
                    .tunnels
                    .spawn(async move { tunnel(stream, &ports).await.unwrap_or_default() });
            }
        });
        Ok(Self { port, hosts, task })
    }

    /// Replaces the hosts it knows, as in [`crate::browser::BrowserOptions::hosts`], and closes every connection.
    pub fn set_hosts(&self, hosts: &[(&str, u16)]) {
        let ports = hosts.iter().map(|(host, port)| ((*host).to_owned(), *port));
        let mut known = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        known.tunnels.abort_all();
        known.ports = ports.collect();
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
