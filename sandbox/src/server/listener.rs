//! Listeners on 127.0.0.1, plain or over TLS, whose connections a fault can reset.

use crate::http::ResettableAcceptor;
use anyhow::Context;
use axum::Router;
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// # Errors
/// When the port is taken.
pub fn bind_loopback(port: u16) -> anyhow::Result<TcpListener> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, port)).with_context(|| format!("port {port}"))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Serves `app` until the handle is shut down.
pub fn spawn_server(
    listener: TcpListener,
    app: Router,
    tls: Option<RustlsConfig>,
) -> anyhow::Result<(Handle<SocketAddr>, JoinHandle<()>)> {
    let handle = Handle::new();
    let server = axum_server::from_tcp(listener)?.handle(handle.clone());
    let acceptor = ResettableAcceptor {
        is_tls: tls.is_some(),
    };
    let service = app.into_make_service();
    let task = match tls {
        None => tokio::spawn(log_failure(server.acceptor(acceptor).serve(service))),
        Some(config) => tokio::spawn(log_failure(
            server
                .acceptor(RustlsAcceptor::new(config).acceptor(acceptor))
                .serve(service),
        )),
    };
    Ok((handle, task))
}

/// HTTP/1.1 only: there is one request at a time per connection, so resetting it affects no other request.
///
/// # Errors
/// When the certificate chain or the key is not PEM, or they do not belong together.
pub fn rustls_config(cert_pem: &str, key_pem: &str) -> anyhow::Result<RustlsConfig> {
    let chain =
        CertificateDer::pem_slice_iter(cert_pem.as_bytes()).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(key_pem.as_bytes())?;
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(ring)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

async fn log_failure(serving: impl Future<Output = std::io::Result<()>>) {
    if let Err(error) = serving.await {
        eprintln!("embark-sandbox: {error}");
    }
}
