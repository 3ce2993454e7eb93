//! Writes what happens to the log and to Workers Analytics Engine. What a line and a data point consist of is in
//! `embark_onboarding::telemetry`; here is where they go, and to which request they belong.
//!
//! One instance of the Worker has one variable `EMBARK_LOG` and one dataset, so that both are read with its first event.

mod trace;

pub use trace::{RequestTrace, timed, within};

use crate::clock;
use core::cell::OnceCell;
use core::fmt::Display;
use embark_onboarding::telemetry::{
    DataPoint, FailureEvent, LogEvent, LogLevel, LogLine, LogSetting, Subject,
};
use worker::{AnalyticsEngineDataPointBuilder, AnalyticsEngineDataset, Env};

/// Where an instance writes to.
struct Sink {
    setting: LogSetting,
    /// `None`: none is bound.
    dataset: Option<AnalyticsEngineDataset>,
}

thread_local! {
    static SINK: OnceCell<Sink> = const { OnceCell::new() };
}

/// Reads the setting and the binding, unless they were read. To be called before anything is written; without it all lines are
/// written, and no data points.
pub fn open(env: &Env) {
    SINK.with(|sink| {
        sink.get_or_init(|| {
            let setting = env.var(SETTING).ok().map(|text| text.to_string());
            Sink {
                setting: LogSetting::parse(setting.as_deref()),
                dataset: env.analytics_engine(DATASET).ok(),
            }
        });
    });
}

/// Writes an event, with the id of the request that it happens in. What is not known of `subject` is that request's.
pub fn record(event: LogEvent, subject: &Subject) {
    let trace = trace::current();
    let mut subject = subject.clone();
    if let Some(trace) = &trace {
        subject.add(&trace.subject());
    }
    let point = DataPoint::of(&event, &subject);
    let request_id = trace.map(|trace| trace.id().to_owned());
    let line = LogLine::new(event, subject, request_id, clock::now());
    SINK.with(|sink| {
        let sink = sink.get();
        if sink.is_none_or(|sink| sink.setting.writes(line.level)) {
            write_line(&line);
        }
        if let (Some(point), Some(dataset)) = (point, sink.and_then(|sink| sink.dataset.as_ref())) {
            write_point(&point, dataset);
        }
    });
}

/// Writes that something failed in the deployment itself. `what`: what was tried, a word for each place. `detail`: nothing
/// that a stranger has sent, and nothing that quotes it.
pub fn failure(what: &'static str, detail: &dyn Display, subject: &Subject) {
    record(
        LogEvent::Failure(FailureEvent::error(what, detail)),
        subject,
    );
}

/// Likewise, of what somebody should look at though nothing failed.
pub fn warning(what: &'static str, detail: &dyn Display, subject: &Subject) {
    record(
        LogEvent::Failure(FailureEvent::warning(what, detail)),
        subject,
    );
}

/// Workers Logs reads the fields of a line that is JSON
/// (<https://developers.cloudflare.com/workers/observability/logs/workers-logs/>).
fn write_line(line: &LogLine) {
    let Some(json) = line.to_json() else {
        return;
    };
    match line.level {
        LogLevel::Info => worker::console_log!("{json}"),
        LogLevel::Warn => worker::console_warn!("{json}"),
        LogLevel::Error => worker::console_error!("{json}"),
    }
}

fn write_point(point: &DataPoint, dataset: &AnalyticsEngineDataset) {
    let written = AnalyticsEngineDataPointBuilder::new()
        .indexes([point.index])
        .blobs(point.blobs.iter().map(String::as_str))
        .doubles(point.doubles)
        .write_to(dataset);
    // Metrics are sampled as well: one that is missing is no failure of the request.
    let _ = written;
}

const SETTING: &str = "EMBARK_LOG";
/// Binding of the dataset.
const DATASET: &str = "ANALYTICS";
