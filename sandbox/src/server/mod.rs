//! Starts and stops the sandbox: one plain HTTP listener, optionally one with TLS, and one for a website.

mod listener;
mod pipeline;
mod routes;
mod start_page;
mod website;

use crate::control;
use crate::http::Connection;
use crate::state::SharedState;
use axum::extract::Request;
use axum_server::Handle;
use listener::{bind_loopback, rustls_config, spawn_server};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::task::JoinHandle;
use website::Website;

/// What to start. The default is one plain HTTP listener on a free port.
#[derive(Debug, Default)]
pub struct Options {
    /// Port on 127.0.0.1; 0 picks a free one.
    pub port: u16,
    /// A second listener, over TLS.
    pub tls: Option<Tls>,
    /// Origin of the dialog's popups, when it is not the host the SDK was loaded from.
    pub popup_origin: Option<String>,
    /// A folder to serve as the customer's website, and its port (0 picks a free one).
    pub pages: Option<(PathBuf, u16)>,
    /// Placeholders of that website's HTML and their values, e.g. `("edge", "http://localhost:8787")` for
    /// `{{edge}}`. `{{sandbox}}` is always there.
    pub page_placeholders: Vec<(String, String)>,
}

/// The listener that serves the same sandbox over TLS.
#[derive(Debug)]
pub struct Tls {
    /// Port on 127.0.0.1; 0 picks a free one.
    pub port: u16,
    /// Certificate chain, PEM.
    pub cert_pem: String,
    /// Private key, PEM.
    pub key_pem: String,
}

/// Starts sandboxes; see [`Sandbox::start`].
pub struct Sandbox;

/// A started sandbox. Dropping it stops it too, without waiting for its connections to end.
#[derive(Debug)]
pub struct Running {
    port: u16,
    tls_port: Option<u16>,
    pages_port: Option<u16>,
    servers: Vec<(Handle<SocketAddr>, JoinHandle<()>)>,
}

impl Sandbox {
    /// Listens on 127.0.0.1 only. When this returns, connections are accepted.
    ///
    /// # Errors
    /// When a port is taken, or the TLS certificate or key cannot be read.
    pub async fn start(options: Options) -> anyhow::Result<Running> {
        let shared = Arc::new(SharedState::new(options.popup_origin));
        let state = shared.clone();
        let serve = move |axum::Extension(connection): axum::Extension<Connection>,
                          request: Request| {
            pipeline::serve(state.clone(), connection, request)
        };
        let app = control::router().fallback(serve).with_state(shared);
        let mut servers = Vec::new();
        let plain = bind_loopback(options.port)?;
        let port = plain.local_addr()?.port();
        servers.push(spawn_server(plain, app.clone(), None)?);
        let mut tls_port = None;
        if let Some(tls) = options.tls {
            let listener = bind_loopback(tls.port)?;
            tls_port = Some(listener.local_addr()?.port());
            let config = rustls_config(&tls.cert_pem, &tls.key_pem)?;
            servers.push(spawn_server(listener, app, Some(config))?);
        }
        let mut pages_port = None;
        if let Some((folder, pages)) = options.pages {
            let listener = bind_loopback(pages)?;
            pages_port = Some(listener.local_addr()?.port());
            let mut placeholders = options.page_placeholders;
            placeholders.push(("sandbox".into(), format!("http://localhost:{port}")));
            let website = Website {
                folder,
                placeholders,
            };
            servers.push(spawn_server(listener, website::router(website), None)?);
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
    /// Port of the plain HTTP listener.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `None` without [`Options::tls`].
    pub fn tls_port(&self) -> Option<u16> {
        self.tls_port
    }

    /// `None` without [`Options::pages`].
    pub fn pages_port(&self) -> Option<u16> {
        self.pages_port
    }

    /// e.g. `http://127.0.0.1:49152`
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Stops listening, cuts open connections, and returns when the listeners have ended.
    pub async fn stop(mut self) {
        for (handle, _) in &self.servers {
            handle.shutdown();
        }
        for (_, task) in self.servers.drain(..) {
            // `Err` means that the server panicked: it has stopped as well.
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
