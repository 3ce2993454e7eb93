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
    /// Sends a PUT request and returns the body of the response; `path` is relative to `/v1/admin/`.
    ///
    /// # Errors
    /// When there is no Worker or token to use, or the Worker refuses.
    pub fn put(&self, path: &str, body: &Value) -> Result<String> {
        self.send("PUT", path, body)
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

    /// As [`get`](Self::get), with the JSON as a person reads it.
    ///
    /// # Errors
    /// As [`get`](Self::get), or when the response is not JSON.
    pub fn get_pretty(&self, path: &str) -> Result<String> {
        let document: Value = serde_json::from_str(&self.get(path)?)?;
        Ok(serde_json::to_string_pretty(&document)?)
    }

    /// Sends a DELETE request; `path` is relative to `/v1/admin/`.
    ///
    /// # Errors
    /// When there is no Worker or token to use, or the Worker refuses.
    pub fn delete(&self, path: &str) -> Result<()> {
        let (url, token) = self.address_and_token(path)?;
        worker_api::delete(&url, &token)
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

/// Makes the parser of an id one for command-line arguments. The error says what an id looks like.
pub fn id<T>(parse: fn(&str) -> Result<T, BadId>) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| parse(text).map_err(|error| format!("expected {}", error.expected()))
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
        use embark_protocol::id::{InvitationId, MetaAppId, SiteId};
        let site = id(SiteId::parse)("My Shop").unwrap_err();
        assert!(site.contains("a site name (1 to 40 of a-z"), "{site}");
        let app = id(MetaAppId::parse)("my-app").unwrap_err();
        assert!(app.contains("5 to 20 digits"), "{app}");
        let invitation = id(InvitationId::parse)("my-shop").unwrap_err();
        assert!(
            invitation.contains("32 lower-case hex digits"),
            "{invitation}"
        );
    }

    #[test]
    fn body_without_nulls_is_read_by_the_worker() -> Result<()> {
        let body = without_nulls(json!({ "key": "a", "app_id": "12345", "graph_version": null }));
        let app: embark_protocol::admin::AppSettings = serde_json::from_value(body)?;
        assert_eq!(app.app_id.as_str(), "12345");
        Ok(())
    }
}
