//! A request as handlers get it.

use crate::config::Settings;
use crate::operations::Deployment;
use crate::telemetry::RequestTrace;
use core::cell::{Cell, OnceCell};
use embark_onboarding::web::request_url;
use embark_protocol::operators::OperatorIdentity;
use embark_protocol::{Problem, ProblemCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::rc::Rc;
use worker::{Env, Request};

/// A request, with what a handler needs to answer it.
pub struct Incoming<'a> {
    /// The request, its body already read.
    pub request: Request,
    /// The body, or why it could not be read.
    pub body: Result<Vec<u8>, Problem>,
    /// The `Origin` header. `None`: absent, or not an origin.
    pub origin: Option<&'a str>,
    /// Whether the page of `origin` may read the response. No page may, unless a handler has seen that it is our own,
    /// one that the site lists, or the one that a grant was issued to.
    pub is_readable: Cell<bool>,
    /// The operator whose token or session the request has. Empty: none, or it was not checked yet.
    pub operator: OnceCell<OperatorIdentity>,
    /// What the log has of the request.
    pub trace: Rc<RequestTrace>,
    /// The Worker's bindings.
    pub env: &'a Env,
    /// The deployment's settings.
    pub settings: &'a Settings,
}

impl Incoming<'_> {
    /// What operations work on.
    pub fn deployment(&self) -> Deployment<'_> {
        Deployment {
            env: self.env,
            settings: self.settings,
            operator: self.operator.get(),
        }
    }

    /// The request is this operator's. The first one counts.
    pub fn sign_in(&self, operator: OperatorIdentity) {
        self.operator.get_or_init(|| operator);
    }

    /// The URL, query included.
    pub fn url(&self) -> String {
        self.request.inner().url()
    }

    /// The first value of a query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        request_url::query_parameter(&self.url(), name)
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<String> {
        self.request.headers().get(name).ok().flatten()
    }

    /// Lets the page of the request read the response, if it is of this origin
    /// (<https://fetch.spec.whatwg.org/#http-access-control-allow-origin>).
    pub fn allow_reading_by(&self, origin: &str) {
        if self.origin == Some(origin) {
            self.is_readable.set(true);
        }
    }

    /// Whether the request is a person's, who opened the URL in a browser: the response is a page.
    pub fn is_navigation(&self) -> bool {
        let accept = self.header("accept").unwrap_or_default();
        accept.contains("text/html")
    }

    /// The token of `Authorization: Bearer <token>`. Any number of spaces may stand before it
    /// (<https://www.rfc-editor.org/rfc/rfc9110#section-11.4>).
    pub fn bearer_token(&self) -> Option<String> {
        let header = self.header("authorization")?;
        let (scheme, token) = header.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().to_owned())
    }

    /// The body's bytes.
    ///
    /// # Errors
    /// `body_too_large`, or `bad_request` if the body broke off.
    pub fn body(&self) -> Result<&[u8], Problem> {
        self.body.as_deref().map_err(Problem::clone)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// As [`body`](Self::body), or `bad_json`: for text that is no JSON with the place, otherwise as [`from_json`].
    pub fn parse_json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        from_json(self.parse_object(|error| error.to_string())?)
    }

    /// The body as JSON that holds a secret.
    ///
    /// # Errors
    /// As [`body`](Self::body), or `bad_json`, whose detail does not quote the body.
    pub fn parse_secret_json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        let value = self.parse_object(error_position)?;
        let shape = "an object with the one field value, a text";
        serde_json::from_value(value)
            .map_err(|_| Problem::new(ProblemCode::BadJson).with_detail(shape))
    }

    /// `words`: what is said of JSON that is malformed.
    fn parse_object(
        &self,
        words: impl FnOnce(&serde_json::Error) -> String,
    ) -> Result<Value, Problem> {
        let bad = |detail: &str| Problem::new(ProblemCode::BadJson).with_detail(detail);
        let body = self.body()?;
        if body.trim_ascii().is_empty() {
            return Err(bad("the body is empty: send a JSON object, {} at least"));
        }
        let value: Value = serde_json::from_slice(body).map_err(|error| bad(&words(&error)))?;
        // A list would be read as the fields in their order.
        match value.is_object() {
            true => Ok(value),
            false => Err(bad("the body must be a JSON object")),
        }
    }
}

/// A document of an operator's, from its JSON.
///
/// # Errors
/// `bad_json` with the path of the field and the parser's words, e.g. `credit.currency: unknown variant …, expected one
/// of …`. They may quote the value, so that this is for settings, not for secrets.
pub fn from_json<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().to_string();
        let words = error.inner().to_string();
        let detail = match path.as_str() {
            // The document itself: a field that is missing or unknown, which the words name.
            "." => words,
            _ => [path, words].join(": "),
        };
        Problem::new(ProblemCode::BadJson).with_detail(&detail)
    })
}

/// Where JSON is malformed. The parser's own text is not used, as it may quote the value.
pub fn error_position(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}
