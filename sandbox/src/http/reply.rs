//! A response as a value, before a fault may alter or suppress it.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode};
use maud::Markup;
use serde_json::Value;
use std::borrow::Cow;

/// Status, headers and body of a response, and what the log records of it.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    /// HTTP status; 0 when there is none, because a fault prevented the request or reset the connection.
    pub status: u16,
    pub headers: Vec<(Cow<'static, str>, String)>,
    pub body: Vec<u8>,
    /// The request changed something.
    pub effect: bool,
    /// Code and subcode of one of Meta's errors.
    pub error_code: Option<i64>,
    pub error_subcode: Option<i64>,
}

impl Reply {
    /// With `cache-control: no-store`, which [`Reply::with_header`] can replace.
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

    /// A page of the dialog. Like Meta's, it may not be shown inside a frame.
    pub fn html_page(status: u16, page: Markup) -> Self {
        Self::new(status, "text/html; charset=utf-8", page.into_string())
            .with_header("x-frame-options", "DENY")
    }

    pub fn redirect(status: u16, location: &str) -> Self {
        Self::new(status, "text/plain", "").with_header("location", location)
    }

    /// Sets a header, replacing one of the same name.
    pub fn with_header(mut self, name: impl Into<Cow<'static, str>>, value: &str) -> Self {
        let name = name.into();
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Says whether the request changed something.
    pub fn with_effect(mut self, effect: bool) -> Self {
        self.effect = effect;
        self
    }

    /// The HTTP response, with `body` in place of the reply's own where one is given. Headers that are not valid HTTP
    /// are left out; a status that is not becomes 500.
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
