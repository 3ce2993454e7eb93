//! Responses: JSON, problem documents and pages. The only place where a status code is chosen, apart from
//! `ProblemCode::http_status`.

use super::html::Page;
use crate::operations::signup_export::Chunks;
use embark_onboarding::resources::run::RunReply;
use embark_protocol::{Problem, ProblemCode};
use serde::Serialize;
use worker::{Headers, Method, Response, Result};

/// What a handler responds with, unless it fails.
pub enum HandlerResponse {
    /// 200 with a JSON document.
    Json(String),
    /// 201 with a JSON document.
    Created(String),
    /// 202 with a JSON document: what was posted is stored, and its effects follow.
    Accepted(String),
    /// A document of settings, with the header `ETag`.
    Versioned {
        /// 200, or 202 if its effects follow.
        status: u16,
        /// The document.
        json: String,
        /// <https://www.rfc-editor.org/rfc/rfc9110#section-8.8.3>
        etag: String,
    },
    /// The answer of an earlier request, which this one repeats.
    Repeated {
        /// Its status.
        status: u16,
        /// Its body; that of an error is a problem document.
        body: String,
    },
    /// 200 with plain text.
    Text(String),
    /// 200 with a file that is written while it is sent.
    File {
        /// Its media type.
        content_type: &'static str,
        /// Its name, in ASCII without quotes.
        name: String,
        /// Its content. An error breaks the response off.
        chunks: Chunks,
    },
    /// 403 with a problem document, for a client that sends the same request to any address.
    Forbidden(Box<Problem>),
    /// 204.
    NoContent,
    /// A page, with its own status.
    Page(Page),
    /// 303 to `location`.
    Redirect {
        /// An absolute URL.
        location: String,
        /// `Set-Cookie` headers.
        cookies: Vec<String>,
    },
    /// 308 to `location`: the page has this URL only.
    Moved {
        /// An absolute URL.
        location: String,
    },
}

impl HandlerResponse {
    /// 200 with a document.
    ///
    /// # Errors
    /// `internal`: it cannot be serialised.
    pub fn json<T: Serialize>(document: &T) -> core::result::Result<Self, Problem> {
        serde_json::to_string(document)
            .map(Self::Json)
            .map_err(|_| Problem::new(ProblemCode::Internal))
    }

    /// 201 with a document.
    ///
    /// # Errors
    /// `internal`: it cannot be serialised.
    pub fn created<T: Serialize>(document: &T) -> core::result::Result<Self, Problem> {
        serde_json::to_string(document)
            .map(Self::Created)
            .map_err(|_| Problem::new(ProblemCode::Internal))
    }

    /// 202 with a document.
    ///
    /// # Errors
    /// `internal`: it cannot be serialised.
    pub fn accepted<T: Serialize>(document: &T) -> core::result::Result<Self, Problem> {
        serde_json::to_string(document)
            .map(Self::Accepted)
            .map_err(|_| Problem::new(ProblemCode::Internal))
    }

    /// Status and body, if nothing else matters of the response. `None`: it is a page, a text or a redirect.
    pub fn status_and_body(result: &core::result::Result<Self, Problem>) -> Option<(u16, String)> {
        match result {
            Ok(Self::Json(json)) => Some((200, json.clone())),
            Ok(Self::Created(json)) => Some((201, json.clone())),
            Ok(Self::Accepted(json)) => Some((202, json.clone())),
            Ok(Self::NoContent) => Some((204, String::new())),
            Ok(_) => None,
            Err(problem) => Some((problem.status, problem_json(problem))),
        }
    }

    /// The reply of a Run object to a read: 200.
    ///
    /// # Errors
    /// The problem that the object refused it with.
    pub fn from_run_reply(reply: RunReply) -> core::result::Result<Self, Problem> {
        run_document(reply).map(Self::Json)
    }

    /// The reply of a Run object to a post: 202.
    ///
    /// # Errors
    /// The problem that the object refused it with.
    pub fn accepted_from_run_reply(reply: RunReply) -> core::result::Result<Self, Problem> {
        run_document(reply).map(Self::Accepted)
    }
}

/// The response of a handler's result. `reader`: the origin whose pages may read it, besides our own. To `HEAD` the
/// body is left out (<https://www.rfc-editor.org/rfc/rfc9110#section-9.3.2>), and no cookie is set.
///
/// # Errors
/// The runtime refused a header.
pub fn into_response(
    result: core::result::Result<HandlerResponse, Problem>,
    reader: Option<&str>,
    method: Method,
) -> Result<Response> {
    let headers = Headers::new();
    headers.set("cache-control", "no-store")?;
    headers.set("x-content-type-options", "nosniff")?;
    headers.set("strict-transport-security", STRICT_TRANSPORT)?;
    headers.set("vary", "origin")?;
    if let Some(origin) = reader {
        headers.set("access-control-allow-origin", origin)?;
    }
    let (status, content_type, body) = match result {
        Ok(HandlerResponse::Json(json)) => (200, JSON, json),
        Ok(HandlerResponse::Created(json)) => (201, JSON, json),
        Ok(HandlerResponse::Accepted(json)) => (202, JSON, json),
        Ok(HandlerResponse::Versioned { status, json, etag }) => {
            headers.set("etag", &etag)?;
            (status, JSON, json)
        }
        Ok(HandlerResponse::Repeated { status, body }) => {
            headers.set("idempotency-replayed", "true")?;
            if status == 204 {
                return without_body(status, headers);
            }
            let content_type = if status < 400 { JSON } else { PROBLEM };
            (status, content_type, body)
        }
        Ok(HandlerResponse::File {
            content_type,
            name,
            chunks,
        }) => {
            headers.set("content-type", content_type)?;
            // https://www.rfc-editor.org/rfc/rfc6266
            let disposition = ["attachment; filename=\"", &name, "\""].concat();
            headers.set("content-disposition", &disposition)?;
            if method == Method::Head {
                return without_body(200, headers);
            }
            return Ok(Response::from_stream(chunks)?.with_headers(headers));
        }
        Ok(HandlerResponse::Text(text)) => (200, TEXT, text),
        Ok(HandlerResponse::Forbidden(mut problem)) => {
            problem.status = 403;
            (problem.status, PROBLEM, problem_json(&problem))
        }
        Ok(HandlerResponse::Page(page)) => {
            for (name, value) in &page.headers {
                headers.append(name, value)?;
            }
            (page.status, HTML, page.html)
        }
        Ok(HandlerResponse::Moved { location }) => {
            headers.set("location", &location)?;
            return without_body(308, headers);
        }
        Ok(HandlerResponse::Redirect { location, cookies }) => {
            headers.set("location", &location)?;
            for cookie in &cookies {
                headers.append("set-cookie", cookie)?;
            }
            // The URL of the request has the authorization code.
            headers.set("referrer-policy", "no-referrer")?;
            return without_body(303, headers);
        }
        Ok(HandlerResponse::NoContent) => return without_body(204, headers),
        Err(problem) => {
            match problem.code {
                // https://www.rfc-editor.org/rfc/rfc6750#section-3
                ProblemCode::Unauthorized => headers.set("www-authenticate", "Bearer")?,
                // Requests are counted by the minute.
                ProblemCode::TooManyRequests => headers.set("retry-after", "60")?,
                _ => {}
            }
            (problem.status, PROBLEM, problem_json(&problem))
        }
    };
    headers.set("content-type", content_type)?;
    if method == Method::Head {
        headers.delete("set-cookie")?;
        return without_body(status, headers);
    }
    let response = Response::ok(body)?;
    Ok(response.with_status(status).with_headers(headers))
}

/// The response to a CORS preflight: what any page may send. It names no origin, as the request that follows has the
/// grant by which it is decided whether this page may send it, and read the response.
///
/// # Errors
/// The runtime refused a header.
pub fn preflight() -> Result<Response> {
    let headers = Headers::new();
    headers.set("strict-transport-security", STRICT_TRANSPORT)?;
    headers.set("access-control-allow-origin", "*")?;
    headers.set("access-control-allow-methods", "GET, POST")?;
    headers.set(
        "access-control-allow-headers",
        "authorization, content-type",
    )?;
    headers.set("access-control-max-age", "7200")?;
    without_body(204, headers)
}

fn without_body(status: u16, headers: Headers) -> Result<Response> {
    let response = Response::empty()?;
    Ok(response.with_status(status).with_headers(headers))
}

fn run_document(reply: RunReply) -> core::result::Result<String, Problem> {
    match reply {
        RunReply::Document(json) => Ok(json.get().to_owned()),
        RunReply::Refused(problem) => Err(*problem),
    }
}

fn problem_json(problem: &Problem) -> String {
    serde_json::to_string(problem)
        .or_else(|_| serde_json::to_string(&Problem::new(ProblemCode::Internal)))
        .unwrap_or_default()
}

/// A year (<https://www.rfc-editor.org/rfc/rfc6797#section-6.1>). Browsers heed it on https only.
const STRICT_TRANSPORT: &str = "max-age=31536000; includeSubDomains";
const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const HTML: &str = "text/html; charset=utf-8";
