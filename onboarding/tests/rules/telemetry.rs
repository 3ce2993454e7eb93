//! Lines of the log and data points of the metrics, byte by byte: queries of operators rest on them.

use crate::fake::{graph_error, success};
use core::time::Duration;
use embark_onboarding::telemetry::{
    CallApi, CallEvent, CronEvent, DataPoint, FailureEvent, LogEvent, LogLevel, LogLine,
    LogSetting, QueueEvent, RequestEvent, SignupEndedEvent, Span, Spans, Subject, json_error,
};
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::TransportError;
use embark_protocol::{AppKey, ProblemCode, SignupId, SignupStatus, SiteId};
use serde_json::json;

const NOW: UnixMillis = UnixMillis(1_764_000_000_042);
const TOOK: Duration = Duration::from_millis(7);
const SIGNUP: &str = "0123456789abcdef0123456789abcdef";

fn subject() -> Subject {
    Subject {
        site: SiteId::parse("acme").ok(),
        signup: SignupId::parse(SIGNUP).ok(),
        app: AppKey::parse("main").ok(),
    }
}

fn request(status: u16, problem: Option<ProblemCode>) -> LogEvent {
    LogEvent::Request(RequestEvent {
        route: "signupOutcome".to_owned(),
        method: "POST".to_owned(),
        status,
        problem,
        duration_ms: 7,
    })
}

fn call(result: &embark_onboarding::transport::ApiResult) -> LogEvent {
    LogEvent::Call(CallEvent::of(CallApi::Meta, "register", result, TOOK))
}

/// The events of this test: each kind, and each level.
fn events() -> Vec<(LogEvent, &'static str)> {
    let end = |status, problem| {
        LogEvent::SignupEnded(SignupEndedEvent {
            status,
            problem,
            duration_ms: 4_200,
        })
    };
    vec![
        (
            request(202, None),
            r#""level":"info","event":"request","route":"signupOutcome","method":"POST","status":202,"duration_ms":7"#,
        ),
        (
            request(403, Some(ProblemCode::GrantExpired)),
            r#""level":"info","event":"request","route":"signupOutcome","method":"POST","status":403,"problem":"grant_expired","duration_ms":7"#,
        ),
        (
            request(500, Some(ProblemCode::Internal)),
            r#""level":"error","event":"request","route":"signupOutcome","method":"POST","status":500,"problem":"internal","duration_ms":7"#,
        ),
        (
            call(&success(json!({"success": true}))),
            r#""level":"info","event":"call","api":"meta","name":"register","outcome":"ok","status":200,"duration_ms":7"#,
        ),
        (
            call(&graph_error(400, 133_005, Some(2_388_012))),
            r#""level":"warn","event":"call","api":"meta","name":"register","outcome":"refused","status":400,"meta_code":133005,"meta_subcode":2388012,"fbtrace_id":"Atrace","duration_ms":7"#,
        ),
        (
            call(&Err(TransportError::Timeout)),
            r#""level":"warn","event":"call","api":"meta","name":"register","outcome":"no_response","reason":"no response within the deadline","duration_ms":7"#,
        ),
        (
            end(SignupStatus::Connected, None),
            r#""level":"info","event":"signup_ended","signup_status":"connected","duration_ms":4200"#,
        ),
        (
            end(SignupStatus::Failed, Some(ProblemCode::SignupCancelled)),
            r#""level":"info","event":"signup_ended","signup_status":"failed","problem":"signup_cancelled","duration_ms":4200"#,
        ),
        (
            LogEvent::Cron(CronEvent {
                sites: 3,
                unanswered: 1,
                duration_ms: 7,
            }),
            r#""level":"warn","event":"cron","sites":3,"unanswered":1,"duration_ms":7"#,
        ),
        (
            LogEvent::Queue(QueueEvent {
                queue: "embark-events".to_owned(),
                messages: 1,
                retried: 0,
                duration_ms: 7,
            }),
            r#""level":"info","event":"queue","queue":"embark-events","messages":1,"retried":0,"duration_ms":7"#,
        ),
        (
            LogEvent::Failure(FailureEvent::error("kv_read", &"no answer\nin time")),
            r#""level":"error","event":"failure","what":"kv_read","detail":"no answer\nin time""#,
        ),
    ]
}

#[test]
fn event_is_one_line_with_request_and_ids() {
    for (event, fields) in events() {
        let line = LogLine::new(event, subject(), Some("8f2a-FRA".to_owned()), NOW);
        let expected = format!(
            r#"{{"time":"2025-11-24T16:00:00.042Z",{fields},"request_id":"8f2a-FRA","site":"acme","signup":"{SIGNUP}","app":"main"}}"#
        );
        let json = line.to_json().unwrap();
        assert_eq!(json, expected);
        assert!(!json.contains('\n'), "{json}");
    }
}

#[test]
fn what_is_not_known_is_no_field() {
    let line = LogLine::new(request(204, None), Subject::default(), None, NOW);
    assert_eq!(
        line.to_json().unwrap(),
        r#"{"time":"2025-11-24T16:00:00.042Z","level":"info","event":"request","route":"signupOutcome","method":"POST","status":204,"duration_ms":7}"#
    );
}

#[test]
fn setting_says_which_levels_are_written() {
    for (text, info, error) in [
        (None, true, true),
        (Some("requests"), true, true),
        (Some("nonsense"), true, true),
        (Some("errors"), false, true),
        (Some("off"), false, false),
    ] {
        let setting = LogSetting::parse(text);
        assert_eq!(setting.writes(LogLevel::Info), info, "{text:?}");
        assert_eq!(setting.writes(LogLevel::Warn), error, "{text:?}");
        assert_eq!(setting.writes(LogLevel::Error), error, "{text:?}");
    }
}

#[test]
fn data_point_has_the_documented_places() {
    let points: Vec<DataPoint> = events()
        .iter()
        .filter_map(|(event, _)| DataPoint::of(event, &subject()))
        .collect();
    let point = |index, [name, result, code, last]: [&str; 4], doubles| DataPoint {
        index,
        blobs: [name, result, code, "acme", "main", last].map(str::to_owned),
        doubles,
    };
    let route = "signupOutcome";
    let timeout = "no response within the deadline";
    let expected = [
        point("request", [route, "2xx", "", "POST"], [7.0, 202.0]),
        point(
            "request",
            [route, "4xx", "grant_expired", "POST"],
            [7.0, 403.0],
        ),
        point("request", [route, "5xx", "internal", "POST"], [7.0, 500.0]),
        point("call", ["register", "ok", "", "meta"], [7.0, 200.0]),
        point(
            "call",
            ["register", "refused", "133005", "meta"],
            [7.0, 400.0],
        ),
        point(
            "call",
            ["register", "no_response", timeout, "meta"],
            [7.0, 0.0],
        ),
        point("signup", ["connected", "", "", ""], [4_200.0, 0.0]),
        point(
            "signup",
            ["failed", "", "signup_cancelled", ""],
            [4_200.0, 0.0],
        ),
    ];
    assert_eq!(points, expected);
}

#[test]
fn error_of_a_parser_does_not_quote_what_it_read() {
    let error = serde_json::from_str::<u32>(r#"  "EAAB-a-token""#).unwrap_err();
    assert!(error.to_string().contains("EAAB"), "{error}");
    assert_eq!(
        json_error(&error),
        "is JSON of another type: line 1, column 16"
    );
}

#[test]
fn server_timing_has_the_total_and_each_wait() {
    let mut spans = Spans::default();
    assert_eq!(spans.to_header(TOOK), "total;dur=7");
    spans.add(Span::Objects, TOOK);
    spans.add(Span::Objects, TOOK);
    spans.add(Span::Kv, Duration::ZERO);
    assert_eq!(
        spans.to_header(TOOK * 3),
        "total;dur=21, objects;dur=14;desc=\"2\", kv;dur=0;desc=\"1\""
    );
}
