//! The same sandbox over TLS, under Meta's host names.

use crate::test_sandbox::TestSandbox;
use embark_sandbox::{Options, Tls};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

#[tokio::test]
async fn tls_listener_serves_metas_host_names_and_resets_connections() {
    let names = [
        "graph.facebook.com",
        "www.facebook.com",
        "connect.facebook.net",
    ]
    .map(String::from);
    let certificate = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let tls = Tls {
        port: 0,
        cert_pem: certificate.cert.pem(),
        key_pem: certificate.signing_key.serialize_pem(),
    };
    let sandbox = TestSandbox::with(Options {
        tls: Some(tls),
        ..Options::default()
    })
    .await;
    let mut roots = RootCertStore::empty();
    roots.add(certificate.cert.der().clone()).expect("a root");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let connector = TlsConnector::from(Arc::new(config));
    let port = sandbox.running.tls_port().expect("a TLS port");
    let get = async |host: &'static str, path: &str| -> std::io::Result<String> {
        let tcp = TcpStream::connect(("127.0.0.1", port)).await?;
        let mut tls = connector
            .connect(ServerName::try_from(host).expect("a name"), tcp)
            .await?;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        tls.write_all(request.as_bytes()).await?;
        let mut response = Vec::new();
        tls.read_to_end(&mut response).await?;
        Ok(String::from_utf8_lossy(&response).into_owned())
    };
    let sdk = get("connect.facebook.net", "/en_US/sdk.js")
        .await
        .expect("a response");
    assert!(
        sdk.contains(r#""popupOrigin":"https://www.facebook.com""#),
        "{}",
        &sdk[..400]
    );
    assert!(sdk.contains("max-age=1200") && sdk.contains("access-control-allow-origin: *"));
    let dialog = get("www.facebook.com", "/v25.0/dialog/oauth")
        .await
        .expect("a response");
    assert!(dialog.contains("Invalid App ID"));
    let graph = get("graph.facebook.com", "/v25.0/5000000000000001")
        .await
        .expect("a response");
    assert!(graph.starts_with("HTTP/1.1 400") && graph.contains("fbtrace_id"));
    let hosts: Vec<String> = sandbox
        .log("")
        .await
        .iter()
        .map(|entry| entry["host"].to_string())
        .collect();
    assert_eq!(
        hosts,
        [
            "\"connect.facebook.net\"",
            "\"www.facebook.com\"",
            "\"graph.facebook.com\""
        ]
    );

    sandbox
        .fault(serde_json::json!({"path": "*", "kind": "reset"}))
        .await;
    assert!(get("graph.facebook.com", "/v25.0/5").await.is_err());
}
