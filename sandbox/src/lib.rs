//! A stand-in for Meta on this machine: the JavaScript SDK, the popup, Graph with memory, a control API
//! and one log of every call. It shares no code with what it tests.

mod call;
mod control;
mod dialog;
mod door;
mod errand;
mod fault;
mod graph;
mod handshake;
mod infobip;
mod log;
mod outbound;
mod pages;
mod patch;
mod provider;
mod reply;
mod rules;
mod sdk;
mod seed;
mod spoil;
mod state;
mod time;
mod token;
mod wire;
mod world;

use anyhow::Context;
use axum::Router;
use axum::extract::Request;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use state::Shared;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::JoinHandle;
use wire::{CuttableAcceptor, Wire};

pub use token::app_proof;

#[derive(Debug, Default)]
pub struct Options {
    /// 0 = any free port.
    pub port: u16,
    pub tls: Option<Tls>,
    /// Where popups live, when it is not the host the SDK was loaded from.
    pub popup_origin: Option<String>,
    /// A folder to serve as the customer's website, and its port (0 = any).
    pub pages: Option<(PathBuf, u16)>,
    /// Placeholders of that website's HTML, e.g. `("edge", "http://localhost:8787")`.
    pub page_words: Vec<(String, String)>,
}

/// The same sandbox on a second port, over TLS.
#[derive(Debug)]
pub struct Tls {
    pub port: u16,
    pub cert_pem: String,
    pub key_pem: String,
}

pub struct Sandbox;

/// A started sandbox. Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct Running {
    port: u16,
    tls_port: Option<u16>,
    pages_port: Option<u16>,
    servers: Vec<(Handle<SocketAddr>, JoinHandle<()>)>,
}

impl Sandbox {
    /// Listens on 127.0.0.1 only. When this returns, connections are accepted.
    pub async fn start(options: Options) -> anyhow::Result<Running> {
        let shared = Arc::new(Shared::new(options.popup_origin));
        let door = shared.clone();
        let serve = move |axum::Extension(wire): axum::Extension<Wire>, request: Request| {
            door::serve(door.clone(), wire, request)
        };
        let app = control::router().fallback(serve).with_state(shared);
        let mut servers = Vec::new();
        let plain = listen(options.port)?;
        let port = plain.local_addr()?.port();
        servers.push(run(plain, app.clone(), None)?);
        let mut tls_port = None;
        if let Some(tls) = options.tls {
            let listener = listen(tls.port)?;
            tls_port = Some(listener.local_addr()?.port());
            servers.push(run(listener, app, Some(rustls_config(&tls)?))?);
        }
        let mut pages_port = None;
        if let Some((folder, pages)) = options.pages {
            let listener = listen(pages)?;
            pages_port = Some(listener.local_addr()?.port());
            let mut words = options.page_words;
            words.push(("sandbox".into(), format!("http://localhost:{port}")));
            servers.push(run(
                listener,
                pages::router(pages::Website { folder, words }),
                None,
            )?);
        }
        Ok(Running {
            port,
            tls_port,
            pages_port,
            servers,
        })
    }
}

impl Running {
    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn tls_port(&self) -> Option<u16> {
        self.tls_port
    }

    pub fn pages_port(&self) -> Option<u16> {
        self.pages_port
    }

    /// e.g. `http://127.0.0.1:49152`
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub async fn stop(mut self) {
        for (handle, _) in &self.servers {
            handle.shutdown();
        }
        for (_, task) in self.servers.drain(..) {
            // A server that panicked has stopped as well.
            task.await.ok();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for (handle, _) in &self.servers {
            handle.shutdown();
        }
    }
}

fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| format!("port {port}"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn run(
    listener: TcpListener,
    app: Router,
    tls: Option<RustlsConfig>,
) -> anyhow::Result<(Handle<SocketAddr>, JoinHandle<()>)> {
    let handle = Handle::new();
    let server = axum_server::from_tcp(listener)?.handle(handle.clone());
    let wire = CuttableAcceptor {
        secure: tls.is_some(),
    };
    let service = app.into_make_service();
    let task = match tls {
        None => tokio::spawn(report(server.acceptor(wire).serve(service))),
        Some(config) => tokio::spawn(report(
            server
                .acceptor(RustlsAcceptor::new(config).acceptor(wire))
                .serve(service),
        )),
    };
    Ok((handle, task))
}

async fn report(serving: impl Future<Output = std::io::Result<()>>) {
    if let Err(error) = serving.await {
        eprintln!("embark-sandbox: {error}");
    }
}

/// HTTP/1.1 only: one request at a time per connection, so that cutting it hits nobody else.
fn rustls_config(tls: &Tls) -> anyhow::Result<RustlsConfig> {
    let chain =
        CertificateDer::pem_slice_iter(tls.cert_pem.as_bytes()).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(tls.key_pem.as_bytes())?;
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}
