//! HTTP requests to a Worker: JSON to its operator API. A problem document (RFC 9457) becomes the error.

use crate::visible::visible;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::fmt::{Display, Formatter};
use std::sync::LazyLock;
use std::time::Duration;
pub use ureq::http::Method;
use ureq::http::uri::Scheme;
use ureq::http::{Request, Response, Uri};
use ureq::{Agent, AsSendBody, Body, BodyReader};

/// A Worker refused a request: its response is no success.
#[derive(Debug)]
pub struct Refusal {
    /// Method and URL.
    request: String,
    status: u16,
    /// The response's, a problem document if the Worker wrote it.
    body: String,
}

impl Refusal {
    pub(crate) fn new(request: &str, status: u16, body: String) -> Self {
        Self {
            request: request.to_owned(),
            status,
            body,
        }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The problem document. `None`: the response is no JSON.
    pub fn problem(&self) -> Option<Value> {
        serde_json::from_str(&self.body).ok()
    }
}

impl std::error::Error for Refusal {}

impl Display for Refusal {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        let (status, body) = (self.status, &self.body);
        let reason = ureq::http::StatusCode::from_u16(status).ok();
        let reason = reason.and_then(|status| status.canonical_reason());
        let reason = reason
            .map(|reason| format!(" {reason}"))
            .unwrap_or_default();
        let (problem, hint) = (describe_problem(body), hint(status, body));
        write!(f, "{}: {status}{reason}{problem}{hint}", self.request)
    }
}

/// Sends a request and returns the body of the response; `token` is the operator's.
///
/// # Errors
/// When there is no response, or its status is not 2xx: a [`Refusal`].
pub fn send(method: Method, url: &str, token: &str, body: Option<&Value>) -> Result<String> {
    let name = format!("{method} {url}");
    let mut response = respond(&AGENT, method, url, token, body)?;
    let body = response.body_mut().with_config().limit(LONGEST_RESPONSE);
    let text = body.read_to_string();
    text.with_context(|| format!("{name}: the response ended early, or is too long"))
}

/// Sends a GET request and returns the body of the response, which is read as it comes; `token` is the operator's.
///
/// # Errors
/// As [`send`], and when the response is not of this media type.
pub fn read(url: &str, token: &str, media_type: &str) -> Result<BodyReader<'static>> {
    let response = respond(&READING_AGENT, Method::GET, url, token, None)?;
    let found = response.body().mime_type().unwrap_or_default();
    if !found.trim().eq_ignore_ascii_case(media_type) {
        let status = response.status();
        let found = if found.is_empty() { "none" } else { found };
        bail!(
            "GET {url}: {status}, with the content type {} instead of {media_type}: is this the operator origin of a Worker?",
            visible(found)
        );
    }
    Ok(response.into_body().into_reader())
}

fn respond(
    agent: &Agent,
    method: Method,
    url: &str,
    token: &str,
    body: Option<&Value>,
) -> Result<Response<Body>> {
    let (address, host) = address_and_host(url)?;
    let name = format!("{method} {url}");
    let request = Request::builder()
        .method(method)
        .uri(address)
        .header("host", host)
        .header("authorization", format!("Bearer {token}"));
    let response = match body {
        Some(body) => {
            let request = request.header("content-type", "application/json");
            run(agent, request.body(body.to_string())?)
        }
        None => run(agent, request.body(())?),
    };
    let mut response: Response<Body> = response.with_context(|| format!("{name}: no response; see that --edge or EMBARK_EDGE names the operator's host of a Worker that runs"))?;
    let status = response.status();
    if !status.is_success() {
        let text = response.body_mut().read_to_string();
        return Err(Refusal::new(&name, status.as_u16(), text.unwrap_or_default()).into());
    }
    Ok(response)
}

/// Plain HTTP is for this computer: it does not go to a proxy, which would read the token.
fn run(agent: &Agent, request: Request<impl AsSendBody>) -> Result<Response<Body>, ureq::Error> {
    if request.uri().scheme() == Some(&Scheme::HTTPS) {
        return agent.run(request);
    }
    agent.run(agent.configure_request(request).proxy(None).build())
}

/// Whether a server responds at this URL, with any status.
pub fn responds(url: &str) -> bool {
    let Ok((address, host)) = address_and_host(url) else {
        return false;
    };
    AGENT.get(&address).header("host", &host).call().is_ok()
}

/// What the operator may have mistaken, where the response tells.
fn hint(status: u16, text: &str) -> &'static str {
    match status {
        // What the Worker has to say of a route of the operator's has a detail.
        404 if text.contains("\"not_found\"") && !text.contains("\"detail\"") => {
            "\n  If this is the public host name: --edge takes the operator's, EMBARK_OPERATOR_ORIGIN."
        }
        401 => "\n  EMBARK_OPERATOR_TOKEN has to be the secret of the same name of that Worker.",
        _ => "",
    }
}

/// The members of a problem document that an operator needs, one a line; the start of the text when it is not JSON.
fn describe_problem(text: &str) -> String {
    let Ok(problem) = serde_json::from_str::<Value>(text) else {
        let start: String = text.chars().take(200).collect();
        return if start.is_empty() {
            String::new()
        } else {
            format!("\n  {}", visible(&start))
        };
    };
    // Here the reader is the operator, who made the request: most mistakes are in it.
    let is_contact = problem.get("remedy").and_then(Value::as_str) == Some("contact");
    let remedy = if is_contact { "" } else { "remedy" };
    let mut lines = String::new();
    for (name, key) in [
        ("", "title"),
        ("", "detail"),
        ("code: ", "code"),
        ("who must act: ", remedy),
        ("trace: ", "fbtrace_id"),
    ] {
        if let Some(value) = problem.get(key).and_then(Value::as_str) {
            lines.push_str(&format!("\n  {name}{}", visible(value)));
        }
    }
    lines
}

/// The URL to connect to, and the value of the Host header. Names that end in `.localhost` are loopback
/// ([RFC 6761](https://www.rfc-editor.org/rfc/rfc6761#section-6.3)), but not every resolver knows them: the URL has
/// the address in their place.
fn address_and_host(url: &str) -> Result<(String, String)> {
    let uri: Uri = url.parse().with_context(|| format!("{url} is not a URL"))?;
    let authority = uri
        .authority()
        .with_context(|| format!("{url} has no host"))?;
    let host = authority.host();
    let address = match (host.ends_with(".localhost"), authority.port_u16()) {
        (false, _) => url.to_owned(),
        (true, None) => url.replacen(authority.as_str(), "127.0.0.1", 1),
        (true, Some(port)) => url.replacen(authority.as_str(), &format!("127.0.0.1:{port}"), 1),
    };
    Ok((address, authority.to_string()))
}

/// In bytes. The longest is a page of a backup: 2 MB and a part, which has 5 MB at most.
const LONGEST_RESPONSE: u64 = 64 << 20;

/// Requests one after another share a connection.
static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into()
});

/// For responses that last as long as there is something to send.
static READING_AGENT: LazyLock<Agent> = LazyLock::new(|| {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_connect(Some(Duration::from_secs(30)))
        .timeout_recv_response(Some(Duration::from_secs(30)))
        .build()
        .into()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_below_localhost_connects_to_the_loopback_address() -> Result<()> {
        for (url, connected, named) in [
            (
                "http://operator.localhost:8787/v1/admin",
                "http://127.0.0.1:8787/v1/admin",
                "operator.localhost:8787",
            ),
            (
                "http://operator.localhost/v1",
                "http://127.0.0.1/v1",
                "operator.localhost",
            ),
        ] {
            let (address, host) = address_and_host(url)?;
            assert_eq!((address.as_str(), host.as_str()), (connected, named));
        }
        Ok(())
    }

    #[test]
    fn url_of_another_host_is_kept() -> Result<()> {
        let (address, host) = address_and_host("https://operator.partner.example/v1")?;
        assert_eq!(
            (address.as_str(), host.as_str()),
            (
                "https://operator.partner.example/v1",
                "operator.partner.example"
            )
        );
        Ok(())
    }

    #[test]
    fn hint_names_the_other_host_name_or_the_token() {
        assert!(hint(404, r#"{"code":"not_found"}"#).contains("EMBARK_OPERATOR_ORIGIN"));
        assert!(hint(401, r#"{"code":"unauthorized"}"#).contains("EMBARK_OPERATOR_TOKEN"));
        for (status, text) in [
            (404, r#"{"code":"unknown_site"}"#),
            (404, "<html>"),
            (400, "{}"),
        ] {
            assert_eq!(hint(status, text), "", "{status} {text}");
        }
    }

    #[test]
    fn problem_document_is_described_by_title_code_and_remedy() {
        let text = r#"{"title":"No","status":401,"code":"unauthorized","remedy":"operator"}"#;
        assert_eq!(
            describe_problem(text),
            "\n  No\n  code: unauthorized\n  who must act: operator"
        );
        let mistake = r#"{"title":"No","code":"bad_json","remedy":"contact"}"#;
        assert_eq!(describe_problem(mistake), "\n  No\n  code: bad_json");
        assert_eq!(describe_problem("<html>"), "\n  <html>");
        assert_eq!(
            describe_problem("a\n\u{1b}[2J\u{202e}"),
            "\n  a\\u{a}\\u{1b}[2J\\u{202e}"
        );
        assert_eq!(
            describe_problem(r#"{"title":"No\n  code: ok","detail":"\u009b2J"}"#),
            "\n  No\\u{a}  code: ok\n  \\u{9b}2J"
        );
        assert_eq!(describe_problem(""), "");
    }
}
