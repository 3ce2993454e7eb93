//! How often faults occur in a history, and what becomes of one Graph call. From quiescence on no fault occurs.

use crate::meta::response::{graph_error, http_response};
use crate::random::Random;
use core::time::Duration;
use embark_onboarding::transport::{ApiResult, TransportError};

/// Probabilities, in a thousandth.
#[derive(Debug, Clone, Copy, Default)]
pub struct FaultRates {
    /// A Graph call is faulty: see [`CallFate::faulty`].
    pub graph_calls: u64,
    /// A request to another object is lost, or its reply is.
    pub peer_requests: u64,
    /// The process crashes, at each operation that could be its last.
    pub crashes: u64,
    /// An alarm never fires.
    pub alarms: u64,
    /// The Partner object does not give the app's credentials. Or KV, if it is asked then, does not give their copies.
    pub credential_reads: u64,
    /// KV does not acknowledge a write, which it takes later, or never.
    pub kv_writes: u64,
    /// A browser's request is lost, or its response is.
    pub browser_requests: u64,
    /// A browser's request arrives a second time, later.
    pub repeated_requests: u64,
    /// A second incarnation of the object starts beside the first, at each event.
    pub stale_instances: u64,
}

impl FaultRates {
    /// The rates of a history: from none at all to very high ones.
    pub fn random(random: &Random) -> Self {
        let worst = random.pick(&[0, 0, 30, 60, 120, 250, 450]);
        let up_to = |percent: u64| random.below(worst * percent / 100 + 1);
        Self {
            graph_calls: up_to(100),
            peer_requests: up_to(80),
            crashes: up_to(20),
            alarms: up_to(100).min(300),
            credential_reads: up_to(40),
            kv_writes: up_to(100),
            browser_requests: up_to(60),
            repeated_requests: up_to(60),
            stale_instances: up_to(12),
        }
    }
}

/// What becomes of one Graph call.
pub struct CallFate {
    /// After how long Meta acts on it. `None`: never.
    pub effect_after: Option<Duration>,
    /// What the caller gets in place of Meta's own response. `None`: Meta's own.
    pub response: Option<ApiResult>,
    /// After how long the caller gets it. [`Duration::MAX`]: not before the call's deadline.
    pub response_after: Duration,
}

impl CallFate {
    /// A call without a fault: mostly fast, sometimes slow.
    pub fn nominal(random: &Random) -> Self {
        let effect_after = match random.below(100) {
            0 => random.millis(1_000..=9_000),
            _ => random.millis(5..=180),
        };
        Self {
            effect_after: Some(effect_after),
            response: None,
            response_after: effect_after + random.millis(5..=180),
        }
    }

    /// A call during an outage: refused, by Meta or by a gateway in front of it.
    pub fn outage(random: &Random) -> Self {
        let response = match random.below(4) {
            0 => bad_gateway(),
            1 => graph_error(503, 133_004, None, None),
            2 => graph_error(400, 4, None, None),
            _ => graph_error(503, 2, None, None),
        };
        Self {
            effect_after: None,
            response: Some(response),
            response_after: random.millis(5..=300),
        }
    }

    /// A call with a fault. An exchange is never answered with error 1, which would mean a wrong app secret.
    pub fn faulty(call: &str, random: &Random) -> Self {
        let nominal = Self::nominal(random);
        let faults = if call == "exchange" { 16 } else { 17 };
        match random.below(faults) {
            0 | 1 => Self {
                response_after: Duration::MAX,
                ..nominal.without_effect(Err(TransportError::Timeout))
            },
            2 => nominal.without_effect(Err(TransportError::Connection)),
            3 => Self {
                response_after: Duration::MAX,
                ..nominal.with_effect(Err(TransportError::Timeout))
            },
            4 => nominal.with_effect(Err(TransportError::Connection)),
            5 => nominal.with_effect(http_response(200, None, r#"{"acce"#.into())),
            6 => nominal.with_effect(bad_gateway()),
            // Takes effect long after the caller gave up.
            7 => {
                let effect_after = random.millis(9_000..=40_000);
                Self {
                    effect_after: Some(effect_after),
                    response: None,
                    response_after: effect_after + Duration::from_millis(50),
                }
            }
            8 => {
                let page = "<html>Unavailable</html>".into();
                nominal.without_effect(http_response(503, Some(2), page))
            }
            9 => nominal.without_effect(graph_error(503, 2, None, None)),
            10 => nominal.without_effect(graph_error(500, 131_000, None, None)),
            11 => {
                let code = random.pick(&[4, 80_007, 17]);
                nominal.without_effect(graph_error(400, code, None, None))
            }
            12 => {
                let retry_after = random.pick(&[1, 5, 120]);
                nominal.without_effect(http_response(429, Some(retry_after), String::new()))
            }
            13 => nominal.without_effect(graph_error(200, 2, None, None)),
            14 => nominal.without_effect(graph_error(503, 133_004, None, None)),
            15 => nominal.with_effect(Err(TransportError::TooLarge)),
            _ => nominal.without_effect(graph_error(400, 1, None, None)),
        }
    }

    /// A request to another provider with a fault: lost, answered with an error before or after it took effect, late.
    pub fn faulty_provider(random: &Random) -> Self {
        let nominal = Self::nominal(random);
        match random.below(8) {
            0 => Self {
                response_after: Duration::MAX,
                ..nominal.without_effect(Err(TransportError::Timeout))
            },
            1 => Self {
                response_after: Duration::MAX,
                ..nominal.with_effect(Err(TransportError::Timeout))
            },
            2 => nominal.with_effect(Err(TransportError::Connection)),
            3 => nominal.without_effect(Err(TransportError::Connection)),
            4 => nominal.with_effect(bad_gateway()),
            5 => nominal.without_effect(http_response(503, Some(2), String::new())),
            6 => nominal.without_effect(http_response(429, Some(5), String::new())),
            _ => {
                let status = random.pick(&[400, 403, 404, 409]);
                nominal.without_effect(http_response(status, None, "{}".into()))
            }
        }
    }

    /// Meta acts on the call, and the caller gets this.
    fn with_effect(self, response: ApiResult) -> Self {
        Self {
            response: Some(response),
            ..self
        }
    }

    /// Meta does not act on the call, and the caller gets this.
    fn without_effect(self, response: ApiResult) -> Self {
        Self {
            effect_after: None,
            ..self.with_effect(response)
        }
    }
}

fn bad_gateway() -> ApiResult {
    http_response(502, None, "<html>Bad Gateway</html>".into())
}
