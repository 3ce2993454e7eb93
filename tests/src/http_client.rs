//! The HTTP client of the tests. Host names that exist only in a test resolve to servers on this machine.

use anyhow::Result;
use reqwest::{Certificate, Client, ClientBuilder};
use rustls::crypto::ring;
use std::net::SocketAddr;
use std::time::Duration;

/// A client that connects to `address` for each of these host names. Over TLS it trusts only `root`, or
/// no certificate if that is `None`. It does not follow redirects.
pub fn for_hosts(hosts: &[&str], address: SocketAddr, root: Option<Certificate>) -> Result<Client> {
    let resolved = hosts.iter().fold(builder(root), |builder, host| {
        builder.resolve(host, address)
    });
    Ok(resolved
        .redirect(reqwest::redirect::Policy::none())
        .build()?)
}

/// A client for servers on `localhost`, over plain HTTP. It follows redirects.
pub fn for_localhost() -> Result<Client> {
    Ok(builder(None).build()?)
}

fn builder(root: Option<Certificate>) -> ClientBuilder {
    // An error says that a provider is installed already: an earlier test of this process did it.
    let _ = ring::default_provider().install_default();
    Client::builder()
        .tls_certs_only(root)
        .timeout(TIMEOUT)
        // A connection that is idle may be closed by the time it is used again: workerd does so after 5 s, and is killed.
        .pool_max_idle_per_host(0)
}

/// Longer than the Worker holds a long poll (20 s).
const TIMEOUT: Duration = Duration::from_secs(120);
