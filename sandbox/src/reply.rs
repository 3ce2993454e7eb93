//! An answer as a value, before a fault may spoil it on the wire.

use crate::graph::error::GraphError;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use maud::Markup;
use serde_json::Value;
use std::borrow::Cow;

#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(Cow<'static, str>, String)>,
    pub body: Vec<u8>,
    pub effect: bool,
    pub error_code: Option<i64>,
    pub error_subcode: Option<i64>,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![
            ("content-type".into(), content_type.to_owned()),
            ("cache-control".into(), "no-store".to_owned()),
        ];
        Self {
            status,
            headers,
            body: body.into(),
            ..Self::default()
        }
    }

    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json; charset=UTF-8", body.to_string())
    }

    /// A page of the dialog; like Meta's, it never shows inside a frame.
    pub fn page(status: u16, page: Markup) -> Self {
        Self::new(status, "text/html; charset=utf-8", page.into_string())
            .header("x-frame-options", "DENY")
    }

    pub fn redirect(status: u16, to: &str) -> Self {
        Self::new(status, "text/plain", "").header("location", to)
    }

    pub fn error(error: &GraphError) -> Self {
        let mut reply = Self::json(error.http, &error.body());
        reply.error_code = Some(error.code);
        reply.error_subcode = error.subcode;
        match error.challenge() {
            Some(challenge) => reply.header("www-authenticate", &challenge),
            None => reply,
        }
    }

    /// Sets a header, in place of one of that name.
    pub fn header(mut self, name: impl Into<Cow<'static, str>>, value: &str) -> Self {
        let name = name.into();
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn effect(mut self, effect: bool) -> Self {
        self.effect = effect;
        self
    }

    /// The HTTP response, with `body` in place of the reply's own where the wire carries it differently.
    pub fn into_response(self, body: Option<Body>) -> Response<Body> {
        let mut response = Response::new(body.unwrap_or_else(|| Body::from(self.body)));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
