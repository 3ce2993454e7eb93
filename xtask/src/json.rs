//! JSON over HTTP to a Worker, and its problem documents as errors a person can read.

use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::time::Duration;
use ureq::http::{Response, Uri};
use ureq::{Agent, Body};

/// Puts a body with the operator's token. An answer that is a problem document becomes the error.
pub fn put(url: &str, token: &str, body: &Value) -> Result<()> {
    send("PUT", url, token, body).map(|_| ())
}

/// The same, with the method of one's choice; gives the answer's text.
pub fn send(method: &str, url: &str, token: &str, body: &Value) -> Result<String> {
    let (address, host) = reachable(url)?;
    let agent = agent();
    let request = match method {
        "PUT" => agent.put(&address),
        _ => agent.post(&address),
    };
    let answer = request
        .header("host", &host)
        .header("authorization", format!("Bearer {token}"))
        .send_json(body)
        .with_context(|| format!("{method} {url}: no answer"))?;
    judged(method, url, answer)
}

/// Whether anything answers HTTP there, whatever it says.
pub fn answers(url: &str) -> bool {
    let Ok((address, host)) = reachable(url) else {
        return false;
    };
    agent().get(&address).header("host", &host).call().is_ok()
}

fn judged(method: &str, url: &str, mut answer: Response<Body>) -> Result<String> {
    let status = answer.status();
    let text = answer.body_mut().read_to_string().unwrap_or_default();
    if status.is_success() {
        return Ok(text);
    }
    bail!("{method} {url}: {status}{}", explained(&text));
}

/// The parts of a problem document that tell a person what to do, or the start of whatever else it was.
fn explained(text: &str) -> String {
    let Ok(problem) = serde_json::from_str::<Value>(text) else {
        let start: String = text.chars().take(200).collect();
        return if start.is_empty() {
            String::new()
        } else {
            format!("\n  {start}")
        };
    };
    let mut lines = String::new();
    for (name, key) in [
        ("", "title"),
        ("", "detail"),
        ("code: ", "code"),
        ("who must act: ", "remedy"),
        ("trace: ", "fbtrace_id"),
    ] {
        if let Some(value) = problem.get(key).and_then(Value::as_str) {
            lines.push_str(&format!("\n  {name}{value}"));
        }
    }
    lines
}

/// Names below `.localhost` are loopback by definition (RFC 6761), but not every resolver knows:
/// connect to the address and keep the name in the Host header.
fn reachable(url: &str) -> Result<(String, String)> {
    let uri: Uri = url.parse().with_context(|| format!("{url} is not a URL"))?;
    let authority = uri
        .authority()
        .with_context(|| format!("{url} names no host"))?;
    let host = authority.host();
    let address = match authority.port_u16() {
        Some(port) if host.ends_with(".localhost") => {
            url.replacen(authority.as_str(), &format!("127.0.0.1:{port}"), 1)
        }
        _ => url.to_owned(),
    };
    Ok((address, authority.to_string()))
}

fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(30)))
        .build()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_below_localhost_are_reached_by_address() -> Result<()> {
        let (address, host) = reachable("http://operator.localhost:8787/v1/admin")?;
        assert_eq!(
            (address.as_str(), host.as_str()),
            ("http://127.0.0.1:8787/v1/admin", "operator.localhost:8787")
        );
        let (address, host) = reachable("https://operator.partner.example/v1")?;
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
    fn a_problem_says_what_happened_and_who_must_act() {
        let text = r#"{"title":"No","status":401,"code":"unauthorized","remedy":"operator"}"#;
        assert_eq!(
            explained(text),
            "\n  No\n  code: unauthorized\n  who must act: operator"
        );
        assert_eq!(explained("<html>"), "\n  <html>");
        assert_eq!(explained(""), "");
    }
}
