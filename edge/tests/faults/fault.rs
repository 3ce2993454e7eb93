//! The faults, by name: what is heard of a call, and whether Meta did it.

use embark_edge::graph::{Heard, Reply, Unheard};
use embark_edge::run::Ms;

pub struct Fault {
    pub heard: Heard,
    /// Meta did it all the same.
    pub lands: bool,
    /// Milliseconds that Meta asks to wait, at the least.
    pub least: Ms,
}

/// The fault of a row.
pub fn fault(name: &str) -> Fault {
    let (word, after) = match name.split_once('+') {
        Some((word, after)) => (word, after.parse().ok()),
        None => (name, None),
    };
    let lands = matches!(
        word,
        "landed" | "truncated" | "type" | "deep" | "large" | "html_done"
    );
    let deep = "[".repeat(100_000);
    let heard = match word {
        "timeout" => Err(Unheard::Timeout),
        "reset" | "landed" => Err(Unheard::Broken),
        "large" => Err(Unheard::TooLarge),
        "truncated" => page(200, after, r#"{"data":[{"id":"60000"#),
        "type" => page(
            200,
            after,
            r#"{"access_token":7,"success":"yes","data":"none","id":7}"#,
        ),
        "deep" => page(200, after, &deep),
        "html" | "html_done" => page(502, after, "<html><h1>502 Bad Gateway</h1></html>"),
        "gone" => page(503, after, "<html>Service Unavailable</html>"),
        "redirect" => page(302, after, "<html>Moved</html>"),
        "deep400" => page(400, after, &deep),
        "slow" => page(429, after, "slow down"),
        "inner" => envelope(500, "131000", None, ""),
        "ok_error" => envelope(200, "2", None, ""),
        "transient" => envelope(400, "987655", None, r#","is_transient":true"#),
        code => coded(code),
    };
    let least = match (word, after) {
        (_, Some(seconds)) => Ms::from(seconds) * 1_000,
        ("133008", _) => 3 * 3_600_000,
        ("133009", _) => 40_000,
        ("133015", _) => 300_000,
        ("133016", _) => 72 * 3_600_000,
        _ => 0,
    };
    Fault {
        heard,
        lands,
        least,
    }
}

/// What Meta says with a code: the status of its own table, and details where they matter.
fn coded(name: &str) -> Heard {
    let (code, subcode) = match name.split_once('/') {
        Some((code, subcode)) => (code, Some(subcode)),
        None => (name, None),
    };
    let status = match code {
        "2" | "133004" => 503,
        "3" | "131057" => 500,
        "10" | "200" | "131031" | "368" => 403,
        "102" | "190" => 401,
        _ => 400,
    };
    let details = match code {
        "133008" => r#","error_data":{"details":"Please try again after 3 hours"}"#,
        "133009" => r#","error_data":{"details":"Please try again in 40 seconds"}"#,
        _ => "",
    };
    envelope(status, code, subcode, details)
}

fn envelope(status: u16, code: &str, subcode: Option<&str>, more: &str) -> Heard {
    let subcode = subcode.map_or(String::new(), |n| format!(r#","error_subcode":{n}"#));
    let body = format!(
        r#"{{"error":{{"message":"(#{code}) no","type":"OAuthException","code":{code}{subcode}{more},"fbtrace_id":"Atrace"}}}}"#
    );
    page(status, None, &body)
}

fn page(status: u16, retry_after: Option<u32>, body: &str) -> Heard {
    let body = body.as_bytes().to_vec();
    Ok(Reply {
        status,
        retry_after,
        body,
    })
}
