//! Faults by order: which request goes wrong, how often, and in which way the wire breaks.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    #[serde(default)]
    pub id: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Glob over the whole path, e.g. `*/register`.
    pub path: String,
    /// Matching requests to let through first.
    #[serde(default)]
    pub skip: u32,
    /// How often it strikes; `null` = until deleted.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// Whether the call's effect happens all the same. Each kind has its own default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<bool>,
    #[serde(flatten)]
    pub kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// The call is done at once, its answer comes `ms` later.
    Latency { ms: u64 },
    /// An error of Meta's, in Meta's envelope.
    Error {
        http: u16,
        code: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        subcode: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        details: Option<String>,
        #[serde(default)]
        transient: bool,
    },
    /// Any status with an HTML body, as a proxy in between would answer.
    Status {
        http: u16,
        #[serde(default = "proxy_page", alias = "html")]
        body: String,
    },
    /// The connection is cut before anything is done.
    Reset,
    /// Done; the answer breaks off in the middle.
    Truncate,
    /// Done; the connection is cut instead of an answer.
    AnswerLost,
    /// Nothing is done, nothing is said; after `ms` the connection is cut.
    Hang { ms: u64 },
    /// 302 to another place: whoever follows shows up in the log under that path.
    Redirect {
        #[serde(default = "landing")]
        to: String,
    },
    /// 200 with JSON nested 50,000 deep.
    DeepJson,
    /// 200 with a JSON body of this many bytes.
    BigBody {
        #[serde(default = "eight_mebibytes")]
        bytes: usize,
    },
    /// 200 with well-known fields of the wrong type.
    WrongType,
    /// Done; the answer drips, eight bytes every `ms`.
    SlowDrip {
        #[serde(default = "fifty")]
        ms: u64,
    },
}

/// What befalls one request: the latencies add up, of the other kinds the first one strikes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub latency_ms: u64,
    pub strike: Option<Fault>,
}

impl Plan {
    /// Draws the plan for one request and counts it against the faults that matched.
    pub fn draw(faults: &mut Vec<Fault>, method: &str, path: &str) -> Self {
        let mut plan = Self::default();
        faults.retain_mut(|fault| {
            let latency = matches!(fault.kind, Kind::Latency { .. });
            if !fault.matches(method, path) || (plan.strike.is_some() && !latency) {
                return true;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                return true;
            }
            match fault.kind {
                Kind::Latency { ms } => plan.latency_ms += ms,
                _ => plan.strike = Some(fault.clone()),
            }
            fault.times = fault.times.map(|left| left.saturating_sub(1));
            fault.times != Some(0)
        });
        plan
    }

    /// Whether the call itself is carried out.
    pub fn carries_out(&self) -> bool {
        self.strike.as_ref().is_none_or(|fault| {
            fault.effect.unwrap_or(matches!(
                fault.kind,
                Kind::Latency { .. } | Kind::Truncate | Kind::AnswerLost | Kind::SlowDrip { .. }
            ))
        })
    }

    /// The word for the log.
    pub fn name(&self) -> Option<&'static str> {
        match &self.strike {
            Some(fault) => Some(fault.kind.name()),
            None if self.latency_ms > 0 => Some("latency"),
            None => None,
        }
    }
}

impl Fault {
    fn matches(&self, method: &str, path: &str) -> bool {
        self.method
            .as_deref()
            .is_none_or(|m| m.eq_ignore_ascii_case(method))
            && glob(&self.path, path)
    }
}

impl Kind {
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Latency { .. } => "latency",
            Kind::Error { .. } => "error",
            Kind::Status { .. } => "status",
            Kind::Reset => "reset",
            Kind::Truncate => "truncate",
            Kind::AnswerLost => "answer_lost",
            Kind::Hang { .. } => "hang",
            Kind::Redirect { .. } => "redirect",
            Kind::DeepJson => "deep_json",
            Kind::BigBody { .. } => "big_body",
            Kind::WrongType => "wrong_type",
            Kind::SlowDrip { .. } => "slow_drip",
        }
    }
}

/// `*` stands for any run of characters, everything else for itself.
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(rest) = parts.next().and_then(|head| text.strip_prefix(head)) else {
        return false;
    };
    let mut parts: Vec<&str> = parts.collect();
    let Some(tail) = parts.pop() else {
        return rest.is_empty();
    };
    let mut rest = rest;
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(tail)
}

fn once() -> Option<u32> {
    Some(1)
}

fn fifty() -> u64 {
    50
}

fn eight_mebibytes() -> usize {
    8 << 20
}

fn landing() -> String {
    "/_sandbox/landing".into()
}

fn proxy_page() -> String {
    "<!doctype html><html><head><title>Sorry</title></head><body><h1>Sorry, something went wrong.</h1></body></html>"
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(json: &str) -> Fault {
        serde_json::from_str(json).expect("a fault")
    }

    #[test]
    fn globs() {
        for (pattern, text, fits) in [
            ("*/register", "/v25.0/6/register", true),
            ("*/register", "/v25.0/6/deregister", false),
            ("*", "/anything", true),
            ("/v25.0/*/subscribed_apps", "/v25.0/5/subscribed_apps", true),
            ("/v25.0/debug_token", "/v25.0/debug_token", true),
            ("/v25.0/debug_token", "/v25.0/debug_token2", false),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn a_fault_skips_then_strikes_its_count_then_is_gone() {
        let mut faults = vec![order(r#"{"path":"*/x","kind":"reset","skip":1,"times":2}"#)];
        let struck: Vec<bool> = (0..5)
            .map(|_| Plan::draw(&mut faults, "GET", "/x").strike.is_some())
            .collect();
        assert_eq!(struck, [false, true, true, false, false]);
        assert!(faults.is_empty());
    }

    #[test]
    fn latencies_add_up_beside_one_strike_and_may_be_endless() {
        let mut faults = vec![
            order(r#"{"path":"*","kind":"latency","ms":100,"times":null}"#),
            order(r#"{"path":"*/x","method":"post","kind":"answer_lost"}"#),
            order(r#"{"path":"*/x","kind":"error","http":500,"code":2}"#),
        ];
        let first = Plan::draw(&mut faults, "POST", "/x");
        assert_eq!(
            (first.latency_ms, first.name(), first.carries_out()),
            (100, Some("answer_lost"), true)
        );
        let second = Plan::draw(&mut faults, "POST", "/x");
        assert_eq!(
            (second.latency_ms, second.name(), second.carries_out()),
            (100, Some("error"), false)
        );
        assert_eq!(
            Plan::draw(&mut faults, "POST", "/x").name(),
            Some("latency")
        );
        assert_eq!(faults.len(), 1);
    }

    #[test]
    fn an_order_may_say_that_the_effect_happens() {
        let mut faults = vec![order(
            r#"{"path":"*","kind":"status","http":502,"effect":true}"#,
        )];
        assert!(Plan::draw(&mut faults, "POST", "/x").carries_out());
    }
}
