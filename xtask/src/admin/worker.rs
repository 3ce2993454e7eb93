//! The Worker that a task configures, and requests to its operator API.

use crate::dev::Session;
use crate::worker_api;
use anyhow::{Context, Result, bail};
use clap::Args;
use embark_protocol::id::BadId;
use serde_json::Value;

/// Which Worker to configure.
#[derive(Args)]
pub struct Worker {
    /// The operator origin, e.g. `https://operator.partner.example`, with EMBARK_OPERATOR_TOKEN set
    /// (default: the running dev)
    #[arg(long = "edge", id = "edge", value_name = "URL")]
    url: Option<String>,
}

impl Worker {
    /// Sends a PUT request; `path` is relative to `/v1/admin/`.
    ///
    /// # Errors
    /// When there is no Worker or token to use, or the Worker refuses.
    pub fn put(&self, path: &str, body: &Value) -> Result<()> {
        self.send("PUT", path, body).map(|_| ())
    }

    /// Sends a PATCH request, which changes the fields of `body` and keeps all others, and returns the body of the
    /// response; `path` is relative to `/v1/admin/`.
    ///
    /// # Errors
    /// When there is no Worker or token to use, or the Worker refuses.
    pub fn patch(&self, path: &str, body: &Value) -> Result<String> {
        self.send("PATCH", path, body)
    }

    /// Sends a GET request and returns the body of the response; `path` is relative to `/v1/admin/`.
    ///
    /// # Errors
    /// When there is no Worker or token to use, or the Worker refuses.
    pub fn get(&self, path: &str) -> Result<String> {
        let (url, token) = self.address_and_token(path)?;
        worker_api::get(&url, &token)
    }

    /// Sends a POST request and returns the body of the response; `path` is relative to `/v1/admin/`.
    ///
    /// # Errors
    /// When there is no Worker or token to use, or the Worker refuses.
    pub fn post(&self, path: &str, body: &Value) -> Result<String> {
        self.send("POST", path, body)
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Result<String> {
        let (url, token) = self.address_and_token(path)?;
        worker_api::send(method, &url, &token, body)
    }

    fn address_and_token(&self, path: &str) -> Result<(String, String)> {
        let dev = || {
            Session::read()
                .context("no --edge given, and `cargo xtask dev` was not started in this clone")
        };
        let url = match &self.url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => dev()?.operator_url().to_owned(),
        };
        let token = match std::env::var("EMBARK_OPERATOR_TOKEN") {
            Ok(token) => token,
            Err(_) if self.url.is_some() => {
                bail!("set EMBARK_OPERATOR_TOKEN to the operator token of {url}")
            }
            Err(_) => dev()?.operator_token().to_owned(),
        };
        Ok((format!("{url}/v1/admin/{path}"), token))
    }
}

/// Makes the parser of an id one for command-line arguments. The error says what an id looks like: of letters for a name
/// of this API, of digits for one of Meta's.
pub fn id<T>(parse: fn(&str) -> Result<T, BadId>) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| {
        let is_number = parse("1000000000000001").is_ok() && parse("a").is_err();
        let shape = if is_number {
            "digits only, as Meta shows it"
        } else {
            "lower-case letters, digits and hyphens, e.g. my-shop"
        };
        parse(text).map_err(|_| shape.to_owned())
    }
}

/// Leaves out what is null: what the command line does not name, the Worker keeps, or uses its default.
pub fn without_nulls(mut body: Value) -> Value {
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn refused_id_says_what_one_looks_like() {
        use embark_protocol::id::{MetaAppId, SiteId};
        let site = id(SiteId::parse)("My Shop").unwrap_err();
        assert!(site.contains("lower-case"), "{site}");
        let app = id(MetaAppId::parse)("my-app").unwrap_err();
        assert!(app.contains("digits only"), "{app}");
    }

    #[test]
    fn body_without_nulls_is_read_by_the_worker() -> Result<()> {
        let body = without_nulls(json!({ "key": "a", "app_id": "12345", "graph_version": null }));
        let app: embark_protocol::admin::AppSettings = serde_json::from_value(body)?;
        assert_eq!(app.app_id.as_str(), "12345");
        Ok(())
    }
}
