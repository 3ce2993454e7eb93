//! An answer as a value, before a fault may spoil it on the wire.

use crate::graph::error::GraphError;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use maud::Markup;
use serde_json::Value;

#[derive(Debug, Clone, Default)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    pub effect: bool,
    pub error_code: Option<i64>,
    pub error_subcode: Option<i64>,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![
            ("content-type", content_type.to_owned()),
            ("cache-control", "no-store".to_owned()),
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
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
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
            if let Ok(value) = HeaderValue::from_str(&value) {
                response
                    .headers_mut()
                    .insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}
