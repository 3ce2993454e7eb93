//! The one file that fetches, reads the clock and draws randomness.

use crate::graph::call::{Body, Method as GraphMethod};
use crate::graph::{Heard, REPLY_CAP, Reply, Request as GraphRequest, Unheard};
use crate::outbound;
use crate::run::Ms;
use crate::seal::{Secret, hex};
use core::time::Duration;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use worker::{
    AbortController, ByteStream, Date, Delay, Env, Fetch, Headers, Method, Request, RequestInit,
    RequestRedirect,
};

/// Milliseconds since 1970, as of the last I/O.
pub fn now() -> Ms {
    let now = Date::now().as_millis();
    #[cfg(feature = "local")]
    let now = now + crate::local::ahead();
    now
}

/// Thirty-two fresh random bytes.
pub fn random() -> [u8; 32] {
    let mut bytes = [0; 32];
    // The runtime's generator does not fail; were it to, a zero nonce must never be used twice, so the
    // instance stops here rather than seal with it.
    if getrandom::fill(&mut bytes).is_err() {
        wasm_bindgen::throw_str("no randomness");
    }
    bytes
}

/// A name that nobody guesses: 32 hex digits.
pub fn fresh_id() -> String {
    hex(&random()).chars().take(32).collect()
}

/// Waits; for pages that hold a poll.
pub async fn sleep(ms: u32) {
    Delay::from(Duration::from_millis(u64::from(ms))).await;
}

/// Sends one Graph call.
pub async fn call(graph: &str, request: &GraphRequest) -> Heard {
    send(outgoing(graph, request), request.deadline_ms).await
}

/// Sends one call to another provider, its secrets put in.
pub async fn provide(
    request: &outbound::Request,
    secret: &dyn Fn(&str) -> Option<Secret>,
) -> Heard {
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| Some((name, outbound::unlock(value, secret)?)));
    let Some(headers) = headers.collect::<Option<Vec<_>>>() else {
        return Err(Unheard::Unset);
    };
    send(providing(request, &headers), request.deadline_ms).await
}

/// Bounded in time and size; redirects are not followed.
async fn send(outgoing: worker::Result<Request>, deadline_ms: u32) -> Heard {
    let outgoing = outgoing.map_err(|_| Unheard::Broken)?;
    let controller = AbortController::default();
    let signal = controller.signal();
    let deadline = Duration::from_millis(u64::from(deadline_ms));
    let exchange = async {
        let mut response = Fetch::Request(outgoing)
            .send_with_signal(&signal)
            .await
            .map_err(|_| Unheard::Broken)?;
        let retry_after = response.headers().get("retry-after").ok().flatten();
        let status = response.status_code();
        let body = match response.stream() {
            Ok(stream) => capped(stream, REPLY_CAP).await?,
            Err(_) => vec![],
        };
        Ok(Reply {
            status,
            retry_after: retry_after.and_then(|text| text.trim().parse().ok()),
            body,
        })
    };
    match select(Box::pin(exchange), Delay::from(deadline)).await {
        Either::Left((heard, _)) => heard,
        Either::Right(((), exchange)) => {
            controller.abort();
            drop(exchange);
            Err(Unheard::Timeout)
        }
    }
}

/// Reads a request's body up to `cap` bytes; `None`: it is larger.
pub async fn body(request: &mut Request, cap: usize) -> Result<Vec<u8>, Unheard> {
    match request.stream() {
        Ok(stream) => capped(stream, cap).await,
        // No body at all.
        Err(_) => Ok(vec![]),
    }
}

/// One of the static files that are deployed with the Worker.
pub async fn asset(env: &Env, path: &str) -> Option<Vec<u8>> {
    // The host is anybody's: only the path is looked at.
    let url = ["https://assets.example", path].concat();
    let mut file = env.assets(ASSETS).ok()?.fetch(url, None).await.ok()?;
    if file.status_code() != 200 {
        return None;
    }
    capped(file.stream().ok()?, ASSET_CAP).await.ok()
}

async fn capped(mut stream: ByteStream, cap: usize) -> Result<Vec<u8>, Unheard> {
    let mut bytes = Vec::new();
    let mut seen = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Unheard::Broken)?;
        seen += chunk.len();
        if seen <= cap {
            bytes.extend_from_slice(&chunk);
        } else if seen > cap + DRAINED {
            return Err(Unheard::TooLarge);
        }
    }
    if seen > cap {
        Err(Unheard::TooLarge)
    } else {
        Ok(bytes)
    }
}

const ASSETS: &str = "ASSETS";
const ASSET_CAP: usize = 64 * 1024;
/// Read and thrown away beyond the cap, so that a sender who is still sending hears the refusal.
const DRAINED: usize = 256 * 1024;

fn outgoing(graph: &str, request: &GraphRequest) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("accept", "application/json")?;
    if let Some(token) = &request.bearer {
        headers.set("authorization", &["Bearer ", token.secret()].concat())?;
    }
    let mut init = RequestInit::new();
    init.with_method(match request.method {
        GraphMethod::Get => Method::Get,
        GraphMethod::Post => Method::Post,
        GraphMethod::Delete => Method::Delete,
    });
    init.with_redirect(RequestRedirect::Manual);
    if let Some(Body { content_type, text }) = &request.body {
        headers.set("content-type", content_type)?;
        init.with_body(Some(text.secret().into()));
    }
    init.with_headers(headers);
    Request::new_with_init(&[graph, &request.target].concat(), &init)
}

fn providing(request: &outbound::Request, own: &[(&String, Secret)]) -> worker::Result<Request> {
    let headers = Headers::new();
    headers.set("accept", "application/json")?;
    let mut init = RequestInit::new();
    init.with_method(Method::from(request.method.to_owned()));
    init.with_redirect(RequestRedirect::Manual);
    if let Some((content_type, text)) = &request.body {
        headers.set("content-type", content_type)?;
        init.with_body(Some(text.as_str().into()));
    }
    for (name, value) in own {
        headers.set(name, value.secret())?;
    }
    init.with_headers(headers);
    Request::new_with_init(&request.url, &init)
}
