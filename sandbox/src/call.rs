//! One request as a value: path parts, query and body as one set of parameters, and the token it carries.

use crate::wire::Wire;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
pub struct Call {
    pub method: String,
    pub path: String,
    /// Path parts, without the Graph version.
    pub parts: Vec<String>,
    pub version: Option<String>,
    pub host: String,
    pub secure: bool,
    pub query: Map<String, Value>,
    pub body: Map<String, Value>,
    /// A JSON body that is no object.
    pub other_json: Option<Value>,
    /// Lower-case names.
    pub headers: BTreeMap<String, String>,
    pub token: Option<String>,
    /// What came of calling back an override URL, where one had to be called.
    pub handshake: Option<Result<(), String>>,
}

impl Call {
    pub async fn read(request: Request<Body>, wire: &Wire) -> Result<Self, axum::Error> {
        let (head, body) = request.into_parts();
        let text = |name: header::HeaderName| {
            head.headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let query = form(head.uri.query().unwrap_or_default().as_bytes());
        let kind = text(header::CONTENT_TYPE);
        let body = to_bytes(body, BODY_CAP).await?;
        let (body, other_json) = if kind.starts_with("application/json") {
            json(&body)
        } else {
            (form(&body), None)
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
        let mut parts: Vec<String> = path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect();
        let version = parts.first().filter(|part| is_version(part)).cloned();
        if version.is_some() {
            parts.remove(0);
        }
        let mut call = Self {
            method: head.method.to_string(),
            path,
            parts,
            version,
            host: text(header::HOST),
            secure: wire.secure(),
            query,
            body,
            other_json,
            headers,
            token: bearer.map(|(_, token)| token.trim().to_owned()),
            handshake: None,
        };
        if call.token.is_none() {
            call.token = call.text("access_token");
        }
        Ok(call)
    }

    pub fn param(&self, name: &str) -> Option<&Value> {
        self.body.get(name).or_else(|| self.query.get(name))
    }

    /// A parameter as text; numbers and booleans by their JSON words.
    pub fn text(&self, name: &str) -> Option<String> {
        self.param(name)
            .filter(|value| !value.is_null())
            .map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            })
    }

    /// The origin this request was sent to.
    pub fn origin(&self) -> String {
        format!(
            "{}://{}",
            if self.secure { "https" } else { "http" },
            self.host
        )
    }
}

fn is_version(part: &str) -> bool {
    part.strip_prefix('v')
        .and_then(|number| number.split_once('.'))
        .is_some_and(|(major, minor)| {
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            digits(major) && digits(minor)
        })
}

fn form(bytes: &[u8]) -> Map<String, Value> {
    url::form_urlencoded::parse(bytes)
        .map(|(key, value)| (key.into_owned(), Value::String(value.into_owned())))
        .collect()
}

fn json(bytes: &[u8]) -> (Map<String, Value>, Option<Value>) {
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

    async fn read(request: Request<Body>) -> Call {
        Call::read(request, &Wire::default())
            .await
            .expect("readable")
    }

    #[tokio::test]
    async fn query_form_and_json_are_one_set_and_the_token_may_be_anywhere() {
        let request = Request::post("/v25.0/123/register?appsecret_proof=ab")
            .header("content-type", "application/json")
            .header("authorization", "Bearer T1")
            .body(Body::from(r#"{"pin":"000001","n":5}"#));
        let call = read(request.expect("request")).await;
        assert_eq!(
            (call.parts.join("/"), call.version.as_deref()),
            ("123/register".into(), Some("v25.0"))
        );
        assert_eq!(call.text("pin").as_deref(), Some("000001"));
        assert_eq!(call.text("n").as_deref(), Some("5"));
        assert_eq!(call.text("appsecret_proof").as_deref(), Some("ab"));
        assert_eq!(call.token.as_deref(), Some("T1"));

        let form = read(
            Request::post("/oauth/access_token")
                .body(Body::from("code=a%20b&redirect_uri="))
                .expect("ok"),
        );
        let form = form.await;
        assert_eq!(
            (
                form.text("code").as_deref(),
                form.text("redirect_uri").as_deref()
            ),
            (Some("a b"), Some(""))
        );
        assert_eq!(form.version, None);

        let get = read(
            Request::get("/v25.0/5?access_token=1%7Cs")
                .body(Body::empty())
                .expect("ok"),
        )
        .await;
        assert_eq!(get.token.as_deref(), Some("1|s"));
    }
}
