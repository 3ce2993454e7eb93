//! One self-signed certificate for every host name of a test, for its servers and its clients.

use anyhow::Result;
use axum_server::tls_rustls::RustlsConfig;
use base64ct::{Base64, Encoding};
use rcgen::{CertifiedKey, PublicKeyData};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sha2::{Digest, Sha256};
use std::sync::Arc;

#[derive(Clone)]
pub struct Certificate {
    pub cert_pem: String,
    pub key_pem: String,
    /// Base64 of the SHA-256 of the SubjectPublicKeyInfo, for Chromium's
    /// `--ignore-certificate-errors-spki-list`.
    pub spki_sha256: String,
}

impl Certificate {
    pub fn self_signed(names: &[&str]) -> Result<Self> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names)?;
        let spki = Sha256::digest(signing_key.subject_public_key_info());
        Ok(Self {
            cert_pem: cert.pem(),
            key_pem: signing_key.serialize_pem(),
            spki_sha256: Base64::encode_string(&spki),
        })
    }

    /// The configuration of an HTTPS server that presents this certificate.
    pub fn server_config(&self) -> Result<RustlsConfig> {
        let cert = CertificateDer::from_pem_slice(self.cert_pem.as_bytes())?;
        let key = PrivateKeyDer::from_pem_slice(self.key_pem.as_bytes())?;
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![cert], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(RustlsConfig::from_config(Arc::new(config)))
    }

    /// As a root that an HTTP client trusts.
    pub fn as_root(&self) -> Result<reqwest::Certificate> {
        Ok(reqwest::Certificate::from_pem(self.cert_pem.as_bytes())?)
    }
}
