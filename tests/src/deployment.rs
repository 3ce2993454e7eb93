//! One test's deployment: the built Worker in workerd, the sandbox in place of Meta, an app and a site.

use crate::assets::copy_with_old_files;
use crate::certificate::Certificate;
use crate::environment::claim_ports;
use crate::http_client;
use crate::workerd::{Build, Queues, Workerd, WorkerdOptions};
use anyhow::{Result, ensure};
use base64ct::{Base64, Encoding};
use embark_ports::Block;
use embark_sandbox::{Options, Running, Sandbox, Tls};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;

pub struct Deployment {
    pub sandbox: Running,
    pub workerd: Workerd,
    /// Resolves the host names of the Worker, and trusts its certificate.
    pub client: Client,
    /// The Worker's public origin.
    pub origin: String,
    pub operator_origin: String,
    /// Of all host names, when the deployment is served over TLS.
    pub certificate: Option<Certificate>,
    /// The static files, when some are from an older build. Removed with the value.
    _assets: Option<TempDir>,
    /// The Worker's port, reserved while workerd is killed and restarted.
    _port: Block,
}

/// The customer's website in these tests.
pub const SHOP_ORIGIN: &str = "https://shop.example";
pub const APP_SECRET: &str = "sandbox-app-secret";
pub const SYSTEM_TOKEN: &str = "sandbox-system-token";
/// The partner's own business portfolio.
pub const PARTNER_ID: &str = "2000000000000001";
pub const APP_ID: &str = "1000000000000001";
/// The Worker's public origin when the deployment is served over TLS.
pub const PUBLIC_ORIGIN: &str = "https://signup.partner.example";
pub const OPERATOR_ORIGIN: &str = "https://operator.partner.example";
/// The host names of the Worker: public and operator, over TLS and on localhost.
const WORKER_HOSTS: &[&str] = &[
    "signup.partner.example",
    "operator.partner.example",
    "localhost",
    "operator.localhost",
];
/// Every host name of the certificate.
const CERTIFICATE_HOSTS: &[&str] = &[
    "signup.partner.example",
    "operator.partner.example",
    "shop.example",
    "rival.example",
    "evil.example",
    "www.facebook.com",
    "connect.facebook.net",
    "staticxx.facebook.com",
];
/// No test but those of the limit itself meets it.
const MANY_REQUESTS: Option<u32> = Some(100_000);
/// Of every deployment.
pub const OPERATOR_TOKEN: &str = "operator-token-of-a-test";

impl Deployment {
    /// The release build on `localhost`. It calls Meta under Meta's host names; workerd sends every outbound
    /// request to the sandbox.
    pub async fn start() -> Result<Self> {
        Self::start_with_queues(Queues::One).await
    }

    /// The same with queues that are run like this.
    pub async fn start_with_queues(queues: Queues) -> Result<Self> {
        Self::start_on_localhost(Build::Release, MANY_REQUESTS, queues).await
    }

    /// The same with a rate limiter that takes this many requests a minute of each key; `None`: without one.
    pub async fn start_with_rate_limit(rate_limit: Option<u32>) -> Result<Self> {
        Self::start_on_localhost(Build::Release, rate_limit, Queues::One).await
    }

    /// The same with the build with the feature `local`, which has fault injection and a clock offset.
    pub async fn start_local() -> Result<Self> {
        Self::start_local_with_queues(Queues::One).await
    }

    /// The same with queues that are run like this.
    pub async fn start_local_with_queues(queues: Queues) -> Result<Self> {
        Self::start_on_localhost(Build::Local, MANY_REQUESTS, queues).await
    }

    async fn start_on_localhost(
        build: Build,
        rate_limit: Option<u32>,
        queues: Queues,
    ) -> Result<Self> {
        let port = claim_ports(1)?;
        let origins = local_origins(&port);
        Self::start_at(build, port, origins, (rate_limit, queues), None, None, None).await
    }

    /// The release build with this value of `EMBARK_LOG`, and with a dataset whose data points are in the log of workerd:
    /// see [`Workerd::data_points`].
    pub async fn start_observed(log: &str) -> Result<Self> {
        let port = claim_ports(1)?;
        let origins = local_origins(&port);
        let options = (MANY_REQUESTS, Queues::One);
        Self::start_at(
            Build::Release,
            port,
            origins,
            options,
            None,
            None,
            Some(log),
        )
        .await
    }

    /// The release build over TLS under production-like host names, for a browser that maps them to this
    /// machine. Files of the build are replaced by these files of an older build.
    pub async fn start_tls(old_files: &[(&'static str, PathBuf)]) -> Result<Self> {
        Self::start_under_host_names(Build::Release, old_files).await
    }

    /// The same with the build with the feature `local`.
    pub async fn start_tls_local() -> Result<Self> {
        Self::start_under_host_names(Build::Local, &[]).await
    }

    async fn start_under_host_names(
        build: Build,
        old_files: &[(&'static str, PathBuf)],
    ) -> Result<Self> {
        let certificate = certificate()?;
        let origins = [PUBLIC_ORIGIN.to_owned(), OPERATOR_ORIGIN.to_owned()];
        let assets = (!old_files.is_empty()).then(|| copy_with_old_files(old_files));
        let assets = assets.transpose()?;
        let port = claim_ports(1)?;
        Self::start_at(
            build,
            port,
            origins,
            (MANY_REQUESTS, Queues::One),
            Some(certificate),
            assets,
            None,
        )
        .await
    }

    async fn start_at(
        build: Build,
        port: Block,
        [origin, operator_origin]: [String; 2],
        (rate_limit, queues): (Option<u32>, Queues),
        certificate: Option<Certificate>,
        assets: Option<TempDir>,
        log: Option<&str>,
    ) -> Result<Self> {
        let root = certificate.as_ref().map(Certificate::as_root).transpose()?;
        let address = ([127, 0, 0, 1], port.first).into();
        let client = http_client::for_hosts(WORKER_HOSTS, address, root)?;
        let sandbox = Sandbox::start(sandbox_options(certificate.as_ref())).await?;
        let workerd = Workerd::start(WorkerdOptions {
            build,
            port: port.first,
            vars: vars(&origin, &operator_origin, log),
            records_data_points: log.is_some(),
            outbound: format!("127.0.0.1:{}", sandbox.port()),
            assets: assets.as_ref().map(|folder| folder.path().to_owned()),
            rate_limit,
            queues,
            https: certificate
                .as_ref()
                .map(|certificate| (certificate.key_pem.clone(), certificate.cert_pem.clone())),
        })
        .await?;
        let deployment = Self {
            sandbox,
            workerd,
            client,
            origin,
            operator_origin,
            certificate,
            _assets: assets,
            _port: port,
        };
        deployment.put_app_and_site("acme", &[SHOP_ORIGIN]).await?;
        Ok(deployment)
    }

    /// Stores the app `main` with its secrets, and a site of it.
    pub async fn put_app_and_site(&self, site: &str, origins: &[&str]) -> Result<()> {
        let app = json!({"key": "main", "app_id": APP_ID, "partner_business_id": PARTNER_ID});
        self.admin_put_all(&[
            ("apps/main".to_owned(), app),
            (
                "secrets/app/main/app_secret".to_owned(),
                json!({"value": APP_SECRET}),
            ),
            (
                "secrets/app/main/system_token".to_owned(),
                json!({"value": SYSTEM_TOKEN}),
            ),
            (format!("sites/{site}"), site_json(site, origins)),
        ])
        .await
    }

    /// Stores a site with these additional settings, and its secrets as `(name, value)`.
    pub async fn put_site(
        &self,
        site: &str,
        settings: &Value,
        secrets: &[(&str, &str)],
    ) -> Result<()> {
        let body = with_fields(site_json(site, &[SHOP_ORIGIN]), settings);
        let mut puts = vec![(format!("sites/{site}"), body)];
        puts.extend(secrets.iter().map(|(name, value)| {
            let path = format!("secrets/site/{site}/{name}");
            (path, json!({"value": value}))
        }));
        self.admin_put_all(&puts).await
    }

    async fn admin_put_all(&self, puts: &[(String, Value)]) -> Result<()> {
        for (path, body) in puts {
            let response = self.admin_put(path, body).await?;
            let status = response.status();
            ensure!(
                status.is_success(),
                "{path}: {status} {}",
                response.text().await?
            );
        }
        Ok(())
    }

    /// `PUT /v1/admin/{path}` with the operator's token.
    pub async fn admin_put(&self, path: &str, body: &Value) -> Result<Response> {
        let request = self.admin_request(Method::PUT, path).json(body);
        Ok(request.send().await?)
    }

    /// `PATCH /v1/admin/{path}` with the operator's token.
    pub async fn admin_patch(&self, path: &str, body: &Value) -> Result<Response> {
        let request = self.admin_request(Method::PATCH, path).json(body);
        Ok(request.send().await?)
    }

    /// `POST /v1/admin/{path}` with the operator's token.
    pub async fn admin_post(&self, path: &str, body: &Value) -> Result<Response> {
        let request = self.admin_request(Method::POST, path).json(body);
        Ok(request.send().await?)
    }

    /// `GET /v1/admin/{path}` with the operator's token.
    pub async fn admin_get(&self, path: &str) -> Result<Response> {
        Ok(self.admin_request(Method::GET, path).send().await?)
    }

    /// `DELETE /v1/admin/{path}` with the operator's token.
    pub async fn admin_delete(&self, path: &str) -> Result<Response> {
        Ok(self.admin_request(Method::DELETE, path).send().await?)
    }

    /// A request to `/v1/admin/{path}` with the operator's token.
    pub fn admin_request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = self.operator_url(&format!("/v1/admin/{path}"));
        self.client.request(method, url).bearer_auth(OPERATOR_TOKEN)
    }

    pub fn operator_url(&self, path: &str) -> String {
        format!("{}{path}", self.operator_origin)
    }

    /// Injects a fault into the build with the feature `local`: `POST /v1/local/{command}`.
    pub async fn inject(&self, command: &str, body: &Value) -> Result<()> {
        let url = format!("{}/v1/local/{command}", self.origin);
        let request = self.client.post(url).json(body);
        request.send().await?.error_for_status()?;
        Ok(())
    }

    /// Arms one fault of a local build, or none with `"at": null`; returns the names of the operations performed since
    /// the last call.
    pub async fn arm_fault(&self, fault: Value) -> Result<Vec<String>> {
        let url = format!("{}/v1/local/fuse", self.origin);
        let request = self.client.post(url).json(&fault);
        Ok(request.send().await?.error_for_status()?.json().await?)
    }

    /// Sets the clock of a local build to this much ahead of the system clock.
    pub async fn advance_clock(&self, offset: Duration) -> Result<()> {
        let offset = json!({"ahead_ms": u64::try_from(offset.as_millis())?});
        self.inject("clock", &offset).await
    }
}

/// One for all deployments of this process: a browser that several tests use trusts one key.
fn certificate() -> Result<Certificate> {
    static CERTIFICATE: OnceLock<Certificate> = OnceLock::new();
    if let Some(made) = CERTIFICATE.get() {
        return Ok(made.clone());
    }
    let made = Certificate::self_signed(CERTIFICATE_HOSTS)?;
    Ok(CERTIFICATE.get_or_init(|| made).clone())
}

/// With TLS, popups have Meta's own origin.
fn sandbox_options(certificate: Option<&Certificate>) -> Options {
    let tls = certificate.map(|certificate| Tls {
        port: 0,
        cert_pem: certificate.cert_pem.clone(),
        key_pem: certificate.key_pem.clone(),
    });
    Options {
        popup_origin: tls.is_some().then(|| "https://www.facebook.com".to_owned()),
        tls,
        ..Options::default()
    }
}

impl Deployment {
    /// Kills the Worker, and starts it on the same storage with these sealing keys: their numbers, and the byte that each
    /// consists of.
    pub async fn restart_with_keys(&self, keys: &[(u32, u8)]) -> Result<()> {
        self.workerd.kill().await?;
        self.start_with_keys(keys).await
    }

    /// Starts the Worker, which was killed, with these sealing keys.
    pub async fn start_with_keys(&self, keys: &[(u32, u8)]) -> Result<()> {
        let mut vars = vars(&self.origin, &self.operator_origin, None);
        if let Some(vars) = vars.as_object_mut() {
            vars.remove("EMBARK_KEY_1");
        }
        for (number, byte) in keys {
            vars[format!("EMBARK_KEY_{number}")] = Base64::encode_string(&[*byte; 32]).into();
        }
        self.workerd.restart_with(&vars).await
    }

    /// Kills the Worker, and starts it on the same storage with these variables besides those of every deployment.
    pub async fn restart_with_vars(&self, more: &[(&str, &str)]) -> Result<()> {
        let mut vars = vars(&self.origin, &self.operator_origin, None);
        for (name, value) in more {
            vars[*name] = json!(value);
        }
        self.workerd.kill().await?;
        self.workerd.restart_with(&vars).await
    }
}

fn local_origins(port: &Block) -> [String; 2] {
    [
        format!("http://localhost:{}", port.first),
        format!("http://operator.localhost:{}", port.first),
    ]
}

/// The Worker's variables and secrets. `log`: the value of `EMBARK_LOG`.
fn vars(origin: &str, operator_origin: &str, log: Option<&str>) -> Value {
    let mut vars = json!({
        "EMBARK_ORIGIN": origin,
        "EMBARK_OPERATOR_ORIGIN": operator_origin,
        "EMBARK_KEY_1": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        "EMBARK_OPERATOR_TOKEN": OPERATOR_TOKEN,
        "EMBARK_LOG_ROWS": "1",
    });
    if let Some(log) = log {
        vars["EMBARK_LOG"] = json!(log);
    }
    vars
}

/// The settings of a site of the app `main`.
pub fn site_json(site: &str, origins: &[&str]) -> Value {
    json!({"key": site, "app": "main", "origins": origins, "config_id": "3000000000000001"})
}

/// `object` with the fields of `fields` added or replaced.
pub fn with_fields(mut object: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().into_iter().flatten() {
        object[name] = value.clone();
    }
    object
}
