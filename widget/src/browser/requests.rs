//! Requests to the Worker.

use crate::{api::Response, flow::post_request::PostKind};
use gloo_timers::callback::Timeout;
use gloo_utils::window;
use js_sys::Reflect;
use std::rc::{Rc, Weak};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    AbortController, Headers, Request, RequestCache, RequestCredentials, RequestInit,
    RequestRedirect,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    Post(PostKind),
    Poll,
    RenewLaunch,
}

/// What is sent.
pub struct WorkerRequest<'a> {
    pub url: &'a str,
    /// `None` sends no authorization.
    pub grant: Option<&'a str>,
    /// JSON. `None` makes it a GET.
    pub body: Option<&'a str>,
    pub timeout_ms: u32,
}

/// The latest request of each kind. Dropping one aborts it and drops its callback.
#[derive(Default)]
pub struct Requests(Vec<(RequestKind, InFlight)>);

struct InFlight {
    controller: AbortController,
    /// As long as it exists the response is wanted.
    _is_wanted: Rc<()>,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.controller.abort();
    }
}

impl Requests {
    /// Sends a request and aborts an older one of this kind. The callback gets status and body, or `None` without a
    /// response in time.
    pub fn send(
        &mut self,
        kind: RequestKind,
        request: &WorkerRequest<'_>,
        on_response: Box<dyn FnOnce(Response)>,
    ) {
        self.0.retain(|(older, _)| *older != kind);
        let Ok(controller) = AbortController::new() else {
            return;
        };
        let is_wanted = Rc::new(());
        let response = respond(
            build(request, &controller),
            abort_after(request.timeout_ms, &controller),
            Rc::downgrade(&is_wanted),
            on_response,
        );
        spawn_local(response);
        let in_flight = InFlight {
            controller,
            _is_wanted: is_wanted,
        };
        self.0.push((kind, in_flight));
    }
}

async fn respond(
    request: Result<Request, JsValue>,
    timeout: Timeout,
    is_wanted: Weak<()>,
    on_response: Box<dyn FnOnce(Response)>,
) {
    let response = match request {
        Ok(request) => fetch(request).await.ok(),
        Err(_) => None,
    };
    drop(timeout);
    if is_wanted.strong_count() > 0 {
        on_response(response);
    }
}

/// Status and body of the response.
///
/// # Errors
/// The browser's, if there is no response: not connected, refused by a policy, redirected, or aborted.
pub async fn fetch(request: Request) -> Result<(u16, String), JsValue> {
    let response = JsFuture::from(window().fetch_with_request(&request)).await?;
    let response = response.unchecked_into::<web_sys::Response>();
    let text = JsFuture::from(response.text()?).await?;
    Ok((response.status(), text.as_string().unwrap_or_default()))
}

fn abort_after(ms: u32, controller: &AbortController) -> Timeout {
    let controller = controller.clone();
    Timeout::new(ms, move || controller.abort())
}

fn build(request: &WorkerRequest<'_>, controller: &AbortController) -> Result<Request, JsValue> {
    let init = RequestInit::new();
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    init.set_redirect(RequestRedirect::Error);
    init.set_signal(Some(&controller.signal()));
    let headers = Headers::new()?;
    if let Some(grant) = request.grant {
        headers.set("authorization", &["Bearer ", grant].concat())?;
    }
    if let Some(body) = request.body {
        headers.set("content-type", "application/json")?;
        init.set_method("POST");
        init.set_body(&body.into());
        // Completes the post also if the person closes the page just as the code arrives. Neither web-sys nor
        // gloo-net has a setter for it.
        Reflect::set(&init, &"keepalive".into(), &JsValue::TRUE)?;
    }
    init.set_headers(&headers);
    Request::new_with_str_and_init(request.url, &init)
}
