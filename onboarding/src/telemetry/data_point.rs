//! Data points for Workers Analytics Engine (<https://developers.cloudflare.com/analytics/analytics-engine/>). The order of
//! their blobs and doubles is a contract with the queries of operators: places are added at the end, and none changes its
//! meaning. `docs/operating.md` has the table.

use super::event::{CallEvent, LogEvent, RequestEvent, SignupEndedEvent};
use super::line::Subject;

/// A data point.
#[derive(Debug, Clone, PartialEq)]
pub struct DataPoint {
    /// `index1`, by which Analytics Engine samples: `request`, `call` or `signup`.
    pub index: &'static str,
    /// `blob1` to `blob6`: name, result, code, site, app, and the method or who was called. What does not apply is empty.
    pub blobs: [String; 6],
    /// `double1`: how long it took, in milliseconds; `double2`: the HTTP status, 0 without one.
    pub doubles: [f64; 2],
}

impl DataPoint {
    /// The data point of an event. `None`: it has none.
    pub fn of(event: &LogEvent, subject: &Subject) -> Option<Self> {
        let site = subject.site.as_ref().map(ToString::to_string);
        let app = subject.app.as_ref().map(ToString::to_string);
        let (site, app) = (site.unwrap_or_default(), app.unwrap_or_default());
        Some(match event {
            LogEvent::Request(request) => Self::of_request(request, site, app),
            LogEvent::Call(call) => Self::of_call(call, site, app),
            LogEvent::SignupEnded(end) => Self::of_end(end, site, app),
            LogEvent::Cron(_) | LogEvent::Queue(_) | LogEvent::Failure(_) => return None,
        })
    }

    fn of_request(request: &RequestEvent, site: String, app: String) -> Self {
        let class = format!("{}xx", request.status / 100);
        let problem = request.problem.map(|code| code.as_str().to_owned());
        Self {
            index: "request",
            blobs: [
                request.route.clone(),
                class,
                problem.unwrap_or_default(),
                site,
                app,
                request.method.clone(),
            ],
            doubles: [number(request.duration_ms), request.status.into()],
        }
    }

    fn of_call(call: &CallEvent, site: String, app: String) -> Self {
        let code = call.meta_code.map(|code| code.to_string());
        Self {
            index: "call",
            blobs: [
                call.name.to_owned(),
                call.outcome.as_str().to_owned(),
                code.or_else(|| call.reason.clone()).unwrap_or_default(),
                site,
                app,
                call.api.as_str().to_owned(),
            ],
            doubles: [
                number(call.duration_ms),
                call.status.unwrap_or_default().into(),
            ],
        }
    }

    fn of_end(end: &SignupEndedEvent, site: String, app: String) -> Self {
        let problem = end.problem.map(|code| code.as_str().to_owned());
        Self {
            index: "signup",
            blobs: [
                end.status.as_str().to_owned(),
                String::new(),
                problem.unwrap_or_default(),
                site,
                app,
                String::new(),
            ],
            doubles: [number(end.duration_ms), 0.0],
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "durations are far below what a double counts exactly"
)]
const fn number(milliseconds: u64) -> f64 {
    milliseconds as f64
}
