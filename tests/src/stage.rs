//! One test's stage: a sandbox, a Worker, an app and a site.

use crate::assets::with_older;
use crate::certificate::Certificate;
use crate::page::Page;
use crate::secure::Door;
use crate::tools::{Scratch, claim_ports};
use crate::workerd::{Build, Setting, Workerd};
use anyhow::{Context, Result, ensure};
use embark_ports::Block;
use embark_sandbox::{Options, Running, Sandbox, Tls};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

pub struct Stage {
    pub sandbox: Running,
    pub workerd: Workerd,
    pub client: Client,
    /// The Worker's public origin.
    pub origin: String,
    operator: String,
    /// Served with, where everything has its real name.
    pub certificate: Option<Certificate>,
    /// Kept as long as it is served.
    _assets: Option<Scratch>,
    /// Nobody else's, over restarts too.
    _port: Block,
}

/// The customer's website in these tests.
pub const HOST: &str = "https://shop.example";
pub const APP_SECRET: &str = "sandbox-app-secret";
pub const SYSTEM_TOKEN: &str = "sandbox-system-token";
/// The partner's own portfolio.
pub const PARTNER_ID: &str = "2000000000000001";
pub const APP_ID: &str = "1000000000000001";
/// The deployment's own names, where everything is under its real name.
pub const PUBLIC: &str = "https://signup.partner.example";
const OPERATOR: &str = "https://operator.partner.example";
/// Every name that is mapped to this machine then.
const NAMES: &[&str] = &[
    "signup.partner.example",
    "operator.partner.example",
    "shop.example",
    "rival.example",
    "evil.example",
    "www.facebook.com",
    "connect.facebook.net",
    "staticxx.facebook.com",
];
const OPERATOR_TOKEN: &str = "operator-token-of-a-test";

impl Stage {
    /// The release build, which reaches Meta's real names through workerd's outbound.
    pub async fn new() -> Result<Self> {
        Self::plain(Build::Release).await
    }

    /// The build with the feature `local`, whose instances can be hurt on purpose.
    pub async fn local() -> Result<Self> {
        Self::plain(Build::Local).await
    }

    async fn plain(build: Build) -> Result<Self> {
        let port = claim_ports(1)?;
        let origin = format!("http://localhost:{}", port.first);
        let operator = format!("http://operator.localhost:{}", port.first);
        Self::open(build, port, (origin, operator), None, None).await
    }

    /// The same under the real host names and over TLS, as a browser with mapped names sees it; with these
    /// files of older builds in place of today's.
    pub async fn secure(older: &[(&'static str, PathBuf)]) -> Result<Self> {
        Self::named(Build::Release, older).await
    }

    /// The same with the build whose clock can be put ahead.
    pub async fn secure_local() -> Result<Self> {
        Self::named(Build::Local, &[]).await
    }

    async fn named(build: Build, older: &[(&'static str, PathBuf)]) -> Result<Self> {
        let certificate = Certificate::of(NAMES)?;
        let names = (PUBLIC.to_owned(), OPERATOR.to_owned());
        let assets = (!older.is_empty()).then(|| with_older(older)).transpose()?;
        Self::open(build, claim_ports(1)?, names, Some(certificate), assets).await
    }

    async fn open(
        build: Build,
        port: Block,
        (origin, operator): (String, String),
        certificate: Option<Certificate>,
        assets: Option<Scratch>,
    ) -> Result<Self> {
        let sandbox = Sandbox::start(sandbox_options(certificate.as_ref())).await?;
        let setting = Setting {
            build,
            port: port.first,
            vars: vars(&origin, &operator),
            outbound: format!("127.0.0.1:{}", sandbox.port()),
            assets: assets.as_ref().map(|folder| folder.path().to_owned()),
            https: certificate
                .as_ref()
                .map(|ours| (ours.key_pem.clone(), ours.cert_pem.clone())),
        };
        let workerd = Workerd::start(setting).await?;
        let here: SocketAddr = ([127, 0, 0, 1], port.first).into();
        let client = Client::builder()
            .resolve("localhost", here)
            .resolve("operator.localhost", here)
            .timeout(Duration::from_secs(40))
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let stage = Self {
            sandbox,
            workerd,
            client,
            origin,
            operator,
            certificate,
            _assets: assets,
            _port: port,
        };
        stage.configure("acme", &[HOST]).await?;
        Ok(stage)
    }

    /// An app with its secrets, and a site.
    pub async fn configure(&self, site: &str, origins: &[&str]) -> Result<()> {
        let app = json!({"key": "main", "app_id": APP_ID, "partner_business_id": PARTNER_ID});
        let puts = [
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
        ];
        self.put_all(&puts).await
    }

    /// Another site, with these settings more and these secrets.
    pub async fn set_up(&self, site: &str, more: &Value, secrets: &[(&str, &str)]) -> Result<()> {
        let mut settings = site_json(site, &[HOST]);
        for (name, value) in more.as_object().context("no settings")? {
            settings[name] = value.clone();
        }
        let mut puts = vec![(format!("sites/{site}"), settings)];
        puts.extend(secrets.iter().map(|(name, value)| {
            let path = format!("secrets/site/{site}/{name}");
            (path, json!({"value": value}))
        }));
        self.put_all(&puts).await
    }

    async fn put_all(&self, puts: &[(String, Value)]) -> Result<()> {
        for (path, body) in puts {
            let response = self.put(path, body).await?;
            let status = response.status();
            ensure!(
                status.is_success(),
                "{path}: {status} {}",
                response.text().await?
            );
        }
        Ok(())
    }

    /// Changes a row of the sandbox's world.
    pub async fn patch(&self, row: &str, fields: Value) -> Result<()> {
        let sent = self.control("PATCH", row).json(&fields).send().await?;
        sent.error_for_status()?;
        Ok(())
    }

    /// `PUT /v1/admin/{path}` as the operator.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Response> {
        let path = format!("/v1/admin/{path}");
        self.tell(Method::PUT, &self.operator, &path, body).await
    }

    /// `POST /v1/admin/{path}` as the operator.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Response> {
        let path = format!("/v1/admin/{path}");
        self.tell(Method::POST, &self.operator, &path, body).await
    }

    /// Sends a document, as the operator. Where everything has its real name, only a door knows it.
    async fn tell(&self, method: Method, to: &str, path: &str, body: &Value) -> Result<Response> {
        if let Some(certificate) = &self.certificate {
            let door = Door {
                certificate,
                port: self.workerd.port,
                host: to.trim_start_matches("https://"),
            };
            return door.send(method.as_str(), path, OPERATOR_TOKEN, body).await;
        }
        let request = self.client.request(method, format!("{to}{path}"));
        Ok(request
            .bearer_auth(OPERATOR_TOKEN)
            .json(body)
            .send()
            .await?)
    }

    /// `GET /v1/admin/{path}` as the operator.
    pub async fn get(&self, path: &str) -> Result<Response> {
        let address = format!("{}/v1/admin/{path}", self.operator);
        Ok(self
            .client
            .get(address)
            .bearer_auth(OPERATOR_TOKEN)
            .send()
            .await?)
    }

    /// `DELETE /v1/admin/{path}` as the operator.
    pub async fn delete(&self, path: &str) -> Result<Response> {
        let address = format!("{}/v1/admin/{path}", self.operator);
        let request = self.client.delete(address).bearer_auth(OPERATOR_TOKEN);
        Ok(request.send().await?)
    }

    /// The page that a resume link or an invitation opens.
    pub fn invited(&self, link: &str) -> Result<Page<'_>> {
        let (_, pass) = link.split_once("#embark=").context("not a link of ours")?;
        let (signup, grant) = pass.split_once('.').context("not a link of ours")?;
        Ok(Page::holding(self, signup, grant))
    }

    pub fn operator(&self, path: &str) -> String {
        format!("{}{path}", self.operator)
    }

    /// Opens the frame page of a site as a browser on `host` would.
    pub async fn page(&self, site: &str, host: &str) -> Result<Page<'_>> {
        let frame = self
            .client
            .get(format!("{}/frame", self.origin))
            .query(&[("site", site), ("host", host)]);
        let html = frame.send().await?.error_for_status()?.text().await?;
        Page::of(self, &html)
    }

    /// The sandbox's control API.
    pub fn control(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().unwrap_or_default();
        self.client
            .request(method, format!("{}/_sandbox/{path}", self.sandbox.url()))
    }

    /// A code as if a person had just finished the popup, with its ids.
    pub async fn mint(&self, order: Value) -> Result<Value> {
        let minted = self.control("POST", "codes").json(&order).send().await?;
        Ok(minted.error_for_status()?.json().await?)
    }

    pub async fn fault(&self, order: Value) -> Result<()> {
        self.control("POST", "faults")
            .json(&order)
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    pub async fn rules(&self, order: Value) -> Result<()> {
        self.control("PATCH", "rules")
            .json(&order)
            .send()
            .await?
            .error_for_status()?;
        Ok(())
    }

    /// Arms the fuse of a local build; gives the names of the operations since it was last set.
    pub async fn fuse(&self, order: Value) -> Result<Vec<String>> {
        let address = format!("{}/v1/local/fuse", self.origin);
        Ok(self
            .client
            .post(address)
            .json(&order)
            .send()
            .await?
            .error_for_status()?
            .json()
            .await?)
    }

    /// Puts the clock of a local build ahead.
    pub async fn ahead(&self, by: Duration) -> Result<()> {
        let order = json!({"at": null, "ahead_ms": u64::try_from(by.as_millis())?});
        let clock = "/v1/local/clock";
        let sent = self.tell(Method::POST, &self.origin, clock, &order).await?;
        ensure!(sent.status().is_success(), sent.text().await?);
        Ok(())
    }

    /// How often Meta was called, by the sandbox's log.
    pub async fn count(&self, path: &str, effect: Option<bool>) -> Result<u64> {
        let mut query = vec![("path", path.to_owned())];
        query.extend(effect.map(|effect| ("effect", effect.to_string())));
        let answer: Value = self
            .control("GET", "count")
            .query(&query)
            .send()
            .await?
            .json()
            .await?;
        answer["count"].as_u64().context("no count")
    }

    pub async fn log(&self) -> Result<Vec<Value>> {
        Ok(self.control("GET", "log").send().await?.json().await?)
    }
}

/// Under Meta's own names popups live where Meta's do.
fn sandbox_options(certificate: Option<&Certificate>) -> Options {
    let tls = certificate.map(|ours| Tls {
        port: 0,
        cert_pem: ours.cert_pem.clone(),
        key_pem: ours.key_pem.clone(),
    });
    Options {
        popup_origin: tls.is_some().then(|| "https://www.facebook.com".to_owned()),
        tls,
        ..Options::default()
    }
}

/// The Worker's variables and secrets.
pub fn vars(origin: &str, operator: &str) -> Value {
    json!({
        "EMBARK_ORIGIN": origin,
        "EMBARK_OPERATOR_ORIGIN": operator,
        "EMBARK_KEY_1": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        "EMBARK_OPERATOR_TOKEN": OPERATOR_TOKEN,
    })
}

pub fn site_json(site: &str, origins: &[&str]) -> Value {
    json!({"key": site, "app": "main", "origins": origins, "config_id": "3000000000000001"})
}
