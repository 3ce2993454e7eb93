//! Answers of the Worker: JSON, problems and pages. Statuses come from `fault::status`, and nowhere else.

use crate::fault;
use crate::objects::RunSaid;
use crate::page::Page;
use embark_protocol::{Code, Problem};
use serde::Serialize;
use worker::{Headers, Response, Result};

/// An answer that is not a failure.
pub enum Good {
    /// What a run said to a post or a look.
    Run {
        said: RunSaid,
        accepted: bool,
    },
    Json(String),
    Page(Page),
    /// On to a page, with the cookie that is no longer needed.
    Redirect {
        location: String,
        cookie: String,
    },
    Empty,
}

/// Renders whatever a handler came to. `origin`: the caller's own, once it was found to be allowed.
pub fn render(
    result: core::result::Result<Good, Problem>,
    origin: Option<&str>,
) -> Result<Response> {
    let headers = Headers::new();
    headers.set("cache-control", "no-store")?;
    headers.set("x-content-type-options", "nosniff")?;
    if let Some(origin) = origin {
        headers.set("access-control-allow-origin", origin)?;
        headers.set("vary", "origin")?;
    }
    let (status, content_type, body) = match result {
        Ok(Good::Run {
            said: RunSaid { status: 200, json },
            accepted,
        }) => (if accepted { 202 } else { 200 }, JSON, json),
        Ok(Good::Run {
            said: RunSaid { status, json },
            ..
        }) => (status, PROBLEM, json),
        Ok(Good::Json(text)) => (200, JSON, text),
        Ok(Good::Page(page)) => {
            for (name, value) in &page.headers {
                headers.set(name, value)?;
            }
            (page.status, "text/html; charset=utf-8", page.html)
        }
        Ok(Good::Redirect { location, cookie }) => {
            headers.set("location", &location)?;
            headers.set("set-cookie", &cookie)?;
            // The address we come from holds the code.
            headers.set("referrer-policy", "no-referrer")?;
            return Ok(Response::empty()?.with_status(303).with_headers(headers));
        }
        Ok(Good::Empty) => return Ok(Response::empty()?.with_status(204).with_headers(headers)),
        Err(problem) => (problem.status, PROBLEM, json(&problem)),
    };
    headers.set("content-type", content_type)?;
    Ok(Response::ok(body)?
        .with_status(status)
        .with_headers(headers))
}

/// The answer to a preflight: what an allowed page may send. Whether this page is allowed is decided
/// by its grant when it sends it.
pub fn preflight(origin: &str) -> Result<Response> {
    let headers = Headers::new();
    headers.set("access-control-allow-origin", origin)?;
    headers.set("access-control-allow-methods", "GET, POST")?;
    headers.set(
        "access-control-allow-headers",
        "authorization, content-type",
    )?;
    headers.set("access-control-max-age", "7200")?;
    headers.set("vary", "origin")?;
    Ok(Response::empty()?.with_status(204).with_headers(headers))
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value)
        .or_else(|_| serde_json::to_string(&fault::problem(Code::Internal)))
        .unwrap_or_default()
}

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
