//! The one choke point from reply to `Result`: Meta's error envelope ("Handle errors") and its codes
//! ("Cloud API error codes") become a class. Codes we do not know keep their raw number and trace id.
//! Meta's message text is not kept: it is not stable and may echo what was sent.

use super::{Heard, Reply, Unheard};
use serde::Deserialize;

/// A call that did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub class: Class,
    pub status: u16,
    pub code: Option<i64>,
    pub subcode: Option<i64>,
    pub fbtrace_id: Option<String>,
    /// Milliseconds Meta asks us to wait.
    pub wait_ms: Option<u64>,
}

/// What a failure means for the call, whoever made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It may have landed: look before doing it again.
    Unheard,
    /// It did not land; the same call may, soon.
    Transient,
    /// It did not land; the same call may, after a while.
    Rate,
    /// The token is no longer good.
    Token,
    /// App, secret or permission: the operator's.
    Config,
    /// The object is not there, or not for this token.
    Unreachable,
    /// Anything else: refused for a reason of its own, by code.
    Refused,
}

impl Failure {
    /// Meta's code as we show it: `133005`, or `100/36009` with a subcode.
    pub fn meta_code(&self) -> Option<String> {
        let code = self.code?.to_string();
        Some(match self.subcode {
            Some(subcode) => [code, "/".into(), subcode.to_string()].concat(),
            None => code,
        })
    }

    pub fn is(&self, code: i64) -> bool {
        self.code == Some(code)
    }

    fn new(class: Class, status: u16) -> Self {
        Self {
            class,
            status,
            code: None,
            subcode: None,
            fbtrace_id: None,
            wait_ms: None,
        }
    }
}

/// A reply as `Result`: the body of a 2xx, or the failure.
pub fn check(heard: Heard) -> Result<Vec<u8>, Failure> {
    match heard {
        Ok(reply) if (200..300).contains(&reply.status) => match envelope(&reply.body) {
            // Graph has answered errors with 200; an `error` object is never a success.
            Some(error) => Err(error.failure(&reply)),
            None => Ok(reply.body),
        },
        Ok(reply) => Err(match envelope(&reply.body) {
            Some(error) => error.failure(&reply),
            None => bare(&reply),
        }),
        Err(unheard) => Err(silence(unheard)),
    }
}

/// No reply at all.
fn silence(unheard: Unheard) -> Failure {
    let class = match unheard {
        Unheard::Timeout | Unheard::Broken | Unheard::TooLarge => Class::Unheard,
        Unheard::Unset => Class::Config,
    };
    Failure::new(class, 0)
}

/// Another provider's reply as `Result`. It knows nothing of Meta's codes, and of a redirect only that it is
/// not followed.
pub fn check_provider(heard: Heard) -> Result<Reply, Failure> {
    let reply = heard.map_err(silence)?;
    match reply.status {
        200..=299 => Ok(reply),
        // Who asks is not who may: nothing the customer could repeat.
        401 | 403 => Err(Failure::new(Class::Config, reply.status)),
        404 => Err(refused(reply.status)),
        _ => Err(bare(&reply)),
    }
}

/// A failure for an answer that is no success, whatever its status.
pub fn refused(status: u16) -> Failure {
    Failure::new(Class::Refused, status)
}

/// A failure for a 2xx whose body is not the answer: the effect happened, its answer is lost.
pub fn unreadable() -> Failure {
    Failure::new(Class::Unheard, 200)
}

/// Meta's codes by what they mean. `None`: by HTTP status.
const CLASSES: &[(i64, Class)] = &[
    (2, Class::Transient),
    (131000, Class::Transient),
    (131016, Class::Transient),
    (133004, Class::Transient),
    (4, Class::Rate),
    (17, Class::Rate),
    (32, Class::Rate),
    (341, Class::Rate),
    (613, Class::Rate),
    (80007, Class::Rate),
    (130429, Class::Rate),
    (131056, Class::Rate),
    (131057, Class::Rate),
    (133015, Class::Rate),
    (2494100, Class::Rate),
    (0, Class::Token),
    (102, Class::Token),
    (190, Class::Token),
    (3, Class::Config),
    (10, Class::Config),
    (101, Class::Config),
    (191, Class::Config),
    (131005, Class::Config),
    (33, Class::Unreachable),
    (803, Class::Unreachable),
];

#[derive(Deserialize)]
struct Envelope {
    error: MetaError,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct MetaError {
    code: Option<i64>,
    error_subcode: Option<i64>,
    is_transient: Option<bool>,
    fbtrace_id: Option<String>,
    error_data: Option<ErrorData>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct ErrorData {
    details: Option<String>,
}

fn envelope(body: &[u8]) -> Option<MetaError> {
    crate::json::from_slice::<Envelope>(body)
        .ok()
        .map(|envelope| envelope.error)
}

impl MetaError {
    fn failure(self, reply: &Reply) -> Failure {
        let details = self.error_data.and_then(|data| data.details);
        let wait_ms = reply
            .retry_after
            .map(|seconds| u64::from(seconds) * 1000)
            .or_else(|| details.as_deref().and_then(wait_in));
        Failure {
            class: class(
                self.code,
                self.error_subcode,
                self.is_transient,
                reply.status,
            ),
            status: reply.status,
            code: self.code,
            subcode: self.error_subcode,
            fbtrace_id: self.fbtrace_id.map(|id| id.chars().take(64).collect()),
            wait_ms,
        }
    }
}

fn class(code: Option<i64>, subcode: Option<i64>, transient: Option<bool>, status: u16) -> Class {
    if code == Some(100) && subcode == Some(33) {
        return Class::Unreachable;
    }
    if let Some((_, class)) = CLASSES.iter().find(|(known, _)| Some(*known) == code) {
        return *class;
    }
    match code {
        Some(200..=299) => Class::Config,
        _ if transient == Some(true) => Class::Transient,
        // Code 1 is "unknown"; worth another try anywhere but at the exchange, which reads it itself.
        Some(1) => Class::Transient,
        Some(_) => Class::Refused,
        None => bare_class(status),
    }
}

/// A reply without Meta's envelope: a proxy's page, or nothing.
fn bare(reply: &Reply) -> Failure {
    let wait_ms = reply.retry_after.map(|seconds| u64::from(seconds) * 1000);
    Failure {
        wait_ms,
        ..Failure::new(bare_class(reply.status), reply.status)
    }
}

fn bare_class(status: u16) -> Class {
    match status {
        429 => Class::Rate,
        // A gateway answers for a server that may have done it.
        500..=599 => Class::Unheard,
        401 => Class::Token,
        404 => Class::Unreachable,
        _ => Class::Refused,
    }
}

/// Milliseconds out of Meta's `details`, e.g. "Please try again after 3 hours".
fn wait_in(details: &str) -> Option<u64> {
    let mut words = details
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty());
    while let Some(word) = words.next() {
        let Ok(amount) = word.parse::<u64>() else {
            continue;
        };
        let unit = match words.clone().next().unwrap_or_default() {
            unit if unit.starts_with("sec") => 1_000,
            unit if unit.starts_with("min") => 60_000,
            unit if unit.starts_with("hour") => 3_600_000,
            unit if unit.starts_with("day") => 86_400_000,
            _ => continue,
        };
        return Some(amount.min(1_000) * unit);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Heard {
        Ok(Reply {
            status,
            retry_after: None,
            body: body.as_bytes().to_vec(),
        })
    }

    fn failed(status: u16, body: &str) -> Failure {
        check(reply(status, body)).unwrap_err()
    }

    #[test]
    fn every_answer_has_a_class() {
        let deep = "[".repeat(100_000);
        for (status, body, want) in [
            (
                400,
                r#"{"error":{"code":100,"error_subcode":33}}"#,
                Class::Unreachable,
            ),
            (400, r#"{"error":{"code":133005}}"#, Class::Refused),
            (503, r#"{"error":{"code":133004}}"#, Class::Transient),
            (400, r#"{"error":{"code":4}}"#, Class::Rate),
            (
                401,
                r#"{"error":{"code":190,"error_subcode":463}}"#,
                Class::Token,
            ),
            (403, r#"{"error":{"code":200}}"#, Class::Config),
            (403, r#"{"error":{"code":299}}"#, Class::Config),
            (
                400,
                r#"{"error":{"code":987654,"is_transient":true}}"#,
                Class::Transient,
            ),
            (400, r#"{"error":{"code":987654}}"#, Class::Refused),
            (200, r#"{"error":{"code":190}}"#, Class::Token),
            (500, "<html>oops</html>", Class::Unheard),
            (502, "", Class::Unheard),
            (429, "slow down", Class::Rate),
            (404, "", Class::Unreachable),
            (400, &deep, Class::Refused),
            (302, "", Class::Refused),
        ] {
            assert_eq!(
                failed(status, body).class,
                want,
                "{status} {}",
                &body[..body.len().min(60)]
            );
        }
        assert_eq!(
            check(Err(Unheard::Broken)).unwrap_err().class,
            Class::Unheard
        );
    }

    #[test]
    fn codes_and_trace_are_kept_and_shown_raw() {
        let body =
            r#"{"error":{"message":"x","code":100,"error_subcode":36009,"fbtrace_id":"A1"}}"#;
        let failure = failed(400, body);
        assert_eq!(failure.meta_code().as_deref(), Some("100/36009"));
        assert_eq!(failure.fbtrace_id.as_deref(), Some("A1"));
    }

    #[test]
    fn the_wait_comes_from_the_header_or_the_details() {
        for (details, want) in [
            ("Please try again after 3 hours", Some(10_800_000)),
            ("wait 90 seconds", Some(90_000)),
            ("Try in 5 minutes.", Some(300_000)),
            ("code 12 is wrong", None),
            ("", None),
        ] {
            assert_eq!(wait_in(details), want, "{details}");
        }
        let heard = Ok(Reply {
            status: 429,
            retry_after: Some(7),
            body: vec![],
        });
        assert_eq!(check(heard).unwrap_err().wait_ms, Some(7_000));
    }
}
