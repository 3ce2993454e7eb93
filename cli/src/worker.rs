//! The Worker that a command is sent to, and requests to its operator API.

use crate::admin_path::AdminPath;
use crate::operator_url;
use crate::options::Options;
use crate::program::{Program, Target};
use crate::worker_api;
use anyhow::{Context, Result, bail};
use embark_protocol::id::BadId;
use serde_json::Value;
use std::io::Read;
use ureq::http::Method;
use url::Url;

/// The Worker that a command is sent to. Which one that is, is found out with the first request: a command that is
/// refused before needs none.
pub struct Worker<'a> {
    program: &'a Program,
    options: &'a Options,
}

impl<'a> Worker<'a> {
    /// The Worker that the options name, or the program's default.
    pub fn new(program: &'a Program, options: &'a Options) -> Self {
        Self { program, options }
    }

    /// The program's name, for hints.
    pub fn program_name(&self) -> &'static str {
        self.program.name
    }

    /// Whether `--json` was given.
    pub fn wants_json(&self) -> bool {
        self.options.json
    }

    /// Sends a GET request and returns the response.
    ///
    /// # Errors
    /// When there is no Worker or token to use, or the Worker refuses.
    pub fn get(&self, path: impl Into<AdminPath>) -> Result<Value> {
        self.send(Method::GET, &path.into(), None)
    }

    /// Sends a GET request and returns the response's body, which is read as it comes. `media_type`: of what the response has
    /// to be, e.g. `text/csv`.
    ///
    /// # Errors
    /// When there is no Worker or token to use, the Worker refuses, or the response is of another type.
    pub fn read(&self, path: &AdminPath, media_type: &str) -> Result<impl Read + use<>> {
        let (url, token) = self.locate(path)?;
        worker_api::read(url.as_str(), &token, media_type)
    }

    /// Sends a PUT request and returns the response.
    ///
    /// # Errors
    /// When there is no Worker or token to use, or the Worker refuses.
    pub fn put(&self, path: impl Into<AdminPath>, body: &Value) -> Result<Value> {
        self.send(Method::PUT, &path.into(), Some(body))
    }

    /// Sends a PATCH request, which changes the fields of `body` and keeps all others, and returns the response.
    ///
    /// # Errors
    /// When there is no Worker or token to use, or the Worker refuses.
    pub fn patch(&self, path: impl Into<AdminPath>, body: &Value) -> Result<Value> {
        self.send(Method::PATCH, &path.into(), Some(body))
    }

    /// Sends a POST request and returns the response.
    ///
    /// # Errors
    /// When there is no Worker or token to use, or the Worker refuses.
    pub fn post(&self, path: impl Into<AdminPath>, body: &Value) -> Result<Value> {
        self.send(Method::POST, &path.into(), Some(body))
    }

    /// Sends a DELETE request.
    ///
    /// # Errors
    /// When there is no Worker or token to use, or the Worker refuses.
    pub fn delete(&self, path: impl Into<AdminPath>) -> Result<()> {
        self.send(Method::DELETE, &path.into(), None).map(|_| ())
    }

    /// The response's JSON; null without a body.
    fn send(&self, method: Method, path: &AdminPath, body: Option<&Value>) -> Result<Value> {
        let (url, token) = self.locate(path)?;
        let text = worker_api::send(method, url.as_str(), &token, body)?;
        if text.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).with_context(|| format!("the response of {url} is not JSON"))
    }

    /// The URL of a path, and the token that is sent with it.
    fn locate(&self, path: &AdminPath) -> Result<(Url, String)> {
        let target = self.target()?;
        let origin = operator_url::parse(&target.operator_url)?;
        Ok((path.at(&origin)?, target.operator_token))
    }

    fn target(&self) -> Result<Target> {
        let token = std::env::var("EMBARK_OPERATOR_TOKEN").ok();
        let Some(url) = &self.options.url else {
            let default = (self.program.default_worker)()?;
            return Ok(Target {
                operator_token: token.unwrap_or(default.operator_token),
                ..default
            });
        };
        let operator_url = url.trim_end_matches('/').to_owned();
        let Some(operator_token) = token else {
            bail!("set EMBARK_OPERATOR_TOKEN to the operator token of {operator_url}")
        };
        Ok(Target {
            operator_url,
            operator_token,
        })
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
