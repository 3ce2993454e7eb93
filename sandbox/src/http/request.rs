//! An incoming request as a value: path segments, parameters of query and body, and its access token.

use super::connection::Connection;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// A request to any part of the sandbox but the control API, read to its end.
#[derive(Debug, Clone)]
pub struct IncomingRequest {
    pub method: String,
    /// The whole path, as it was requested.
    pub path: String,
    /// Its non-empty segments, without the Graph API version.
    pub segments: Vec<String>,
    /// e.g. `v25.0`; `None` when the path does not begin with one.
    pub graph_version: Option<String>,
    /// The `Host` header.
    pub host: String,
    pub is_tls: bool,
    pub query: Map<String, Value>,
    /// Fields of a form or of a JSON object; empty for any other body.
    pub body: Map<String, Value>,
    /// A JSON body that is not an object.
    pub non_object_body: Option<Value>,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    /// From the `Authorization` header (`Bearer` or `OAuth`), else from the parameter `access_token`.
    pub access_token: Option<String>,
    /// Result of calling a callback URL; `None` when this request did not require that.
    pub callback_verification: Option<Result<(), String>>,
}

impl IncomingRequest {
    /// # Errors
    /// When the body is larger than 4 MiB or the connection breaks off.
    pub async fn read(
        request: Request<Body>,
        connection: &Connection,
    ) -> Result<Self, axum::Error> {
        let (head, body) = request.into_parts();
        let text = |name: header::HeaderName| {
            head.headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let query = parse_form(head.uri.query().unwrap_or_default().as_bytes());
        let content_type = text(header::CONTENT_TYPE);
        let body = to_bytes(body, BODY_CAP).await?;
        let (body, non_object_body) = if content_type.starts_with("application/json") {
            parse_json(&body)
        } else {
            (parse_form(&body), None)
        };
        let header = |(name, value): (&header::HeaderName, &header::HeaderValue)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        };
        let headers = head.headers.iter().map(header).collect();
        let bearer = text(header::AUTHORIZATION);
        let bearer = bearer.split_once(' ').filter(|(scheme, _)| {
            scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth")
        });
        let path = head.uri.path().to_owned();
        let mut segments: Vec<String> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(str::to_owned)
            .collect();
        let first = segments.first();
        let graph_version = first.filter(|segment| is_graph_version(segment)).cloned();
        if graph_version.is_some() {
            segments.remove(0);
        }
        let mut incoming = Self {
            method: head.method.to_string(),
            path,
            segments,
            graph_version,
            host: text(header::HOST),
            is_tls: connection.is_tls(),
            query,
            body,
            non_object_body,
            headers,
            access_token: bearer.map(|(_, token)| token.trim().to_owned()),
            callback_verification: None,
        };
        if incoming.access_token.is_none() {
            incoming.access_token = incoming.param_text("access_token");
        }
        Ok(incoming)
    }

    /// A parameter of the body, else of the query.
    pub fn param(&self, name: &str) -> Option<&Value> {
        self.body.get(name).or_else(|| self.query.get(name))
    }

    /// A parameter as text; numbers, booleans and lists as their JSON. `None` when it is missing or null.
    pub fn param_text(&self, name: &str) -> Option<String> {
        self.param(name)
            .filter(|value| !value.is_null())
            .map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            })
    }

    /// The origin this request was sent to, e.g. `http://127.0.0.1:8790`.
    pub fn origin(&self) -> String {
        format!(
            "{}://{}",
            if self.is_tls { "https" } else { "http" },
            self.host
        )
    }
}

/// `v`, digits, a dot, digits.
fn is_graph_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .and_then(|number| number.split_once('.'))
        .is_some_and(|(major, minor)| {
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            digits(major) && digits(minor)
        })
}

fn parse_form(bytes: &[u8]) -> Map<String, Value> {
    url::form_urlencoded::parse(bytes)
        .map(|(key, value)| (key.into_owned(), Value::String(value.into_owned())))
        .collect()
}

/// The fields of an object, or any other JSON value; neither for text that is not JSON.
fn parse_json(bytes: &[u8]) -> (Map<String, Value>, Option<Value>) {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => (map, None),
        Ok(other) => (Map::new(), Some(other)),
        Err(_) => (Map::new(), None),
    }
}

const BODY_CAP: usize = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(request: Request<Body>) -> IncomingRequest {
        IncomingRequest::read(request, &Connection::default())
            .await
            .expect("readable")
    }

    #[tokio::test]
    async fn request_params_come_from_query_form_or_json_and_the_token_from_any_of_them() {
        let request = Request::post("/v25.0/123/register?appsecret_proof=ab")
            .header("content-type", "application/json")
            .header("authorization", "Bearer T1")
            .body(Body::from(r#"{"pin":"000001","n":5}"#));
        let json = read(request.expect("request")).await;
        assert_eq!(
            (json.segments.join("/"), json.graph_version.as_deref()),
            ("123/register".into(), Some("v25.0"))
        );
        assert_eq!(json.param_text("pin").as_deref(), Some("000001"));
        assert_eq!(json.param_text("n").as_deref(), Some("5"));
        assert_eq!(json.param_text("appsecret_proof").as_deref(), Some("ab"));
        assert_eq!(json.access_token.as_deref(), Some("T1"));

        let form = read(
            Request::post("/oauth/access_token")
                .body(Body::from("code=a%20b&redirect_uri="))
                .expect("ok"),
        );
        let form = form.await;
        assert_eq!(
            (
                form.param_text("code").as_deref(),
                form.param_text("redirect_uri").as_deref()
            ),
            (Some("a b"), Some(""))
        );
        assert_eq!(form.graph_version, None);

        let get = read(
            Request::get("/v25.0/5?access_token=1%7Cs")
                .body(Body::empty())
                .expect("ok"),
        )
        .await;
        assert_eq!(get.access_token.as_deref(), Some("1|s"));
    }
}
