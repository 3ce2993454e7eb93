//! Requests to the edge and what comes back: the options of `fetch`, and from status and text to a
//! document or a `Fault`. Sending and waiting is the driver's.

use alloc::string::String;
use crate::{
    doc::Doc,
    error::{Fault, Problem},
    json::{join, object},
};

/// Longest answer we read, in bytes.
const LONGEST: usize = 64 * 1024;
/// The edge holds a question for twenty seconds.
const GET_MS: u32 = 30_000;
/// A post is answered at once; the code in it lives thirty seconds, retries included.
const POST_MS: u32 = 8_000;

/// How long a request may take.
pub fn bound(body: Option<&str>) -> u32 {
    if body.is_some() { POST_MS } else { GET_MS }
}

/// The options of `fetch` as the JSON they nearly are; a body makes it a POST.
pub fn options(grant: &str, body: Option<&str>) -> String {
    let mut headers = object("authorization", &join(&["Bearer ", grant]));
    let mut options = object("cache", "no-store");
    options.text("credentials", "omit");
    options.text("redirect", "error");
    if let Some(body) = body {
        headers.text("content-type", "application/json");
        // The post outlives the page: somebody may close it in the very moment the code arrives.
        options.text("method", "POST");
        options.text("body", body);
        options.flag("keepalive", true);
    }
    options.raw("headers", &headers.end());
    options.end()
}

/// Reads an answer. No text means that none came.
pub fn read(status: u16, text: Option<String>) -> Result<Doc, Fault> {
    let document = text.filter(|text| text.len() <= LONGEST).and_then(|text| Doc::parse(&text));
    match (status, document) {
        (200..300, Some(document)) => Ok(document),
        // Nothing, or not our JSON under a good status: a captive portal for one.
        (0..300, _) => Err(Fault::Unreachable),
        (status, document) => {
            let problem = document.and_then(|document| Problem::read(&document));
            let unnamed = || Problem::ours("internal", "contact");
            Err(Fault::Refused { status, problem: problem.unwrap_or_else(unnamed) })
        }
    }
}
