//! One self-signed certificate for every name of these tests: who serves with it, and who trusts it.

use anyhow::Result;
use axum_server::tls_rustls::RustlsConfig;
use base64ct::{Base64, Encoding};
use rcgen::{CertifiedKey, PublicKeyData};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use sha2::{Digest, Sha256};
use std::sync::Arc;

pub struct Certificate {
    pub cert_pem: String,
    pub key_pem: String,
    /// As Chromium's `--ignore-certificate-errors-spki-list` wants it.
    pub spki_sha256: String,
}

impl Certificate {
    pub fn of(names: &[&str]) -> Result<Self> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names)?;
        let spki = Sha256::digest(signing_key.subject_public_key_info());
        Ok(Self {
            cert_pem: cert.pem(),
            key_pem: signing_key.serialize_pem(),
            spki_sha256: Base64::encode_string(&spki),
        })
    }

    pub fn server(&self) -> Result<RustlsConfig> {
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes())?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![self.der()?], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(RustlsConfig::from_config(Arc::new(config)))
    }

    /// A client that trusts this certificate and no other.
    pub fn client(&self) -> Result<Arc<ClientConfig>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.der()?)?;
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::new(config))
    }

    fn der(&self) -> Result<CertificateDer<'static>> {
        Ok(CertificateDer::from_pem_slice(self.cert_pem.as_bytes())?)
    }
}
