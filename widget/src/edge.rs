//! Requests to the edge. Each is bounded in time, each is aborted when nobody waits for it any more, and
//! each ends in a document or a `Fault`.

use crate::{
    doc,
    error::{Fault, Problem},
    flow::Request,
    json::Object,
};
use embark_protocol::Remedy;
use gloo_timers::callback::Timeout;
use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{AbortController, RequestInit, Response, Window};

/// Longest answer we read, in UTF-16 units.
const LONGEST: usize = 64 * 1024;
/// The edge holds a question for twenty seconds.
const GET_MS: u32 = 30_000;
/// A post is answered at once; the code in it lives thirty seconds, retries included.
const POST_MS: u32 = 8_000;

/// A request on its way; dropping it aborts it.
pub struct Call {
    abort: AbortController,
    _bound: Timeout,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.abort.abort();
    }
}

/// Sends a request; `done` hears how it ended, unless the page is gone by then.
pub fn send(
    window: &Window,
    request: &Request,
    done: impl FnOnce(Result<JsValue, Fault>) + 'static,
) -> Option<Call> {
    let abort = AbortController::new().ok()?;
    let late = abort.clone();
    let ms = if request.body.is_some() { POST_MS } else { GET_MS };
    let bound = Timeout::new(ms, move || late.abort());
    let init = init(request)?;
    Reflect::set(&init, &JsValue::from_str("signal"), &abort.signal()).ok()?;
    let answer = window.fetch_with_str_and_init(&request.url, init.unchecked_ref::<RequestInit>());
    spawn_local(async move { done(read(answer).await) });
    Some(Call { abort, _bound: bound })
}

/// The options of `fetch`, written as the JSON they nearly are.
fn init(request: &Request) -> Option<JsValue> {
    let mut headers = Object::new();
    if !request.grant.is_empty() {
        headers = headers.text("authorization", &["Bearer ", &request.grant].concat());
    }
    let mut options = Object::new().text("cache", "no-store").text("credentials", "omit").text("redirect", "error");
    if let Some(body) = &request.body {
        headers = headers.text("content-type", "application/json");
        // The post outlives the page: somebody may close it in the very moment the code arrives.
        options = options.text("method", "POST").text("body", body).flag("keepalive", true);
    }
    doc::parse(&options.raw("headers", &headers.end()).end(), LONGEST)
}

async fn read(answer: js_sys::Promise) -> Result<JsValue, Fault> {
    let unreachable = |_| Fault::Unreachable;
    let response: Response = JsFuture::from(answer).await.map_err(unreachable)?.unchecked_into();
    let text = JsFuture::from(response.text().map_err(unreachable)?).await.map_err(unreachable)?;
    let document = text.as_string().and_then(|text| doc::parse(&text, LONGEST));
    match document {
        Some(document) if response.ok() => Ok(document),
        // Not our JSON under a good status: something between us answered, a captive portal for one.
        None if response.ok() => Err(Fault::Unreachable),
        document => {
            let problem = document.and_then(|document| Problem::read(&document));
            let unnamed = || Problem::ours("internal", Remedy::Contact);
            Err(Fault::Refused { status: response.status(), problem: problem.unwrap_or_else(unnamed) })
        }
    }
}
