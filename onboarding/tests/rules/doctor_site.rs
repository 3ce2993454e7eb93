//! The doctor: each fault of a site is found, with what to do and where.

use crate::doctor::{NOW, ORIGIN, read, refused, state_of};
use crate::fake::graph_error;
use embark_onboarding::doctor::{PageHeaders, SiteAnswers, site_checks};
use embark_onboarding::meta::ApiError;
use embark_onboarding::meta::response::decode;
use embark_onboarding::transport::TransportError;
use embark_onboarding::web::origin::Origin;
use embark_protocol::doctor::{DoctorItem, DoctorState};
use serde_json::{Value, json};

fn site(settings: Value) -> SiteAnswers {
    let mut all = json!({"key": "acme", "app": "main", "origins": ["https://shop.example"],
        "config_id": "3000000000000001"});
    for (name, value) in settings.as_object().unwrap() {
        all[name] = value.clone();
    }
    SiteAnswers {
        settings: serde_json::from_value(all).unwrap(),
        edge: Origin::parse(ORIGIN).unwrap(),
        now: NOW,
        credit_lines: None,
        solution: None,
        has_system_token: Some(true),
        infobip: None,
        pages: vec![],
    }
}

#[test]
fn solution_is_checked_by_its_state() {
    for (answer, state) in [
        (read(json!({"status": "ACTIVE"})), DoctorState::Ok),
        (
            read(json!({"status": "PENDING_DEACTIVATION"})),
            DoctorState::ToDo,
        ),
        (read(json!({"status": "DRAFT"})), DoctorState::ToDo),
        (read(json!({"status": "INITIATED"})), DoctorState::ToDo),
        (read(json!({"status": "REJECTED"})), DoctorState::ToDo),
        (read(json!({"status": "DEACTIVATED"})), DoctorState::ToDo),
        (read(json!({})), DoctorState::Unknown),
        (None, DoctorState::Unknown),
        (
            Some(decode(Err(TransportError::Timeout))),
            DoctorState::Unknown,
        ),
        (refused(100), DoctorState::Unknown),
        (
            Some(decode(graph_error(400, 100, Some(33)))),
            DoctorState::ToDo,
        ),
    ] {
        let mut answers = site(json!({"solution_id": "7000000000000001"}));
        answers.solution = answer;
        let checks = site_checks(&answers);
        assert_eq!(state_of(&checks, DoctorItem::Solution), state, "{checks:?}");
    }
}

#[test]
fn what_a_site_does_not_use_is_not_checked() {
    let items: Vec<_> = site_checks(&site(json!({})))
        .iter()
        .map(|check| check.item)
        .collect();
    assert_eq!(items, [DoctorItem::EmbeddedSignupVersion]);
}

#[test]
fn page_is_checked_by_its_headers() {
    let headers = |name: &str, value: &str| {
        let mut headers = PageHeaders {
            status: 200,
            ..PageHeaders::default()
        };
        let value = Some(value.to_owned());
        match name {
            "coop" => headers.opener_policy = value,
            "coep" => headers.embedder_policy = value,
            "csp" => headers.content_security_policy = value,
            _ => {}
        }
        Ok(headers)
    };
    let status = |status| {
        Ok(PageHeaders {
            status,
            ..PageHeaders::default()
        })
    };
    for (response, state, contains) in [
        (status(200), DoctorState::Ok, "responds"),
        (status(404), DoctorState::Unknown, "404"),
        (status(301), DoctorState::Unknown, "301"),
        (status(503), DoctorState::Unknown, "503"),
        (
            Err(TransportError::Timeout),
            DoctorState::ToDo,
            "does not respond",
        ),
        (
            Err(TransportError::ForbiddenDestination),
            DoctorState::Unknown,
            "public internet",
        ),
        (
            headers("coop", "same-origin"),
            DoctorState::ToDo,
            "Opener-Policy",
        ),
        (
            headers("coop", "Same-Origin; report-to=\"x\""),
            DoctorState::ToDo,
            "Opener-Policy",
        ),
        (
            headers("coop", "same-origin-allow-popups"),
            DoctorState::Ok,
            "responds",
        ),
        (
            headers("coep", "require-corp"),
            DoctorState::ToDo,
            "Embedder-Policy",
        ),
        (headers("coep", "unsafe-none"), DoctorState::Ok, "responds"),
        (
            headers("csp", "default-src 'self'"),
            DoctorState::ToDo,
            "script-src and frame-src",
        ),
        (
            headers("csp", "frame-src https://signup.partner.example"),
            DoctorState::Ok,
            "responds",
        ),
    ] {
        let mut answers = site(json!({}));
        answers.pages = vec![("https://shop.example".to_owned(), response)];
        let checks = site_checks(&answers);
        let check = checks.last().unwrap();
        assert_eq!(check.state, state, "{check:?}");
        assert!(check.finding.contains(contains), "{check:?}");
    }
}

#[test]
fn credit_line_is_one_of_the_portfolio_and_needs_a_system_token() {
    let credit = json!({"credit": {"line": "8100000000000001", "currency": "EUR", "method": "share_and_attach",
        "system_user": "8000000000000001"}, "policy": "solution-partner"});
    for (lines, state) in [
        (
            json!({"data": [{"id": "8100000000000001"}]}),
            DoctorState::Ok,
        ),
        (
            json!({"data": [{"id": 8_100_000_000_000_001_u64}]}),
            DoctorState::Ok,
        ),
        (json!({"data": [{"id": "7"}]}), DoctorState::ToDo),
        (json!({"data": []}), DoctorState::ToDo),
    ] {
        let mut answers = site(credit.clone());
        answers.credit_lines = read(lines);
        let checks = site_checks(&answers);
        assert_eq!(
            state_of(&checks, DoctorItem::CreditLine),
            state,
            "{checks:?}"
        );
    }
    for (settings, has_system_token, is_to_do) in [
        (credit.clone(), Some(false), true),
        (credit.clone(), Some(true), false),
        (credit, None, false),
        (json!({"hosted_signup": true}), Some(false), true),
        (json!({}), Some(false), false),
    ] {
        let mut answers = site(settings);
        answers.has_system_token = has_system_token;
        let checks = site_checks(&answers);
        let found = checks
            .iter()
            .find(|check| check.item == DoctorItem::SystemToken);
        assert_eq!(found.is_some(), is_to_do, "{checks:?}");
    }
}

#[test]
fn infobip_key_is_accepted_by_a_success_only() {
    let transport = |error| Some(Err(ApiError::from_transport(error)));
    let status = |status| Some(Err(ApiError::refused(status)));
    for (answer, state) in [
        (Some(Ok(())), DoctorState::Ok),
        (status(401), DoctorState::ToDo),
        (status(403), DoctorState::ToDo),
        (status(404), DoctorState::ToDo),
        (status(301), DoctorState::ToDo),
        (status(400), DoctorState::Unknown),
        (status(429), DoctorState::Unknown),
        (status(503), DoctorState::Unknown),
        (transport(TransportError::MissingSecret), DoctorState::ToDo),
        (
            transport(TransportError::SecretUnreadable),
            DoctorState::ToDo,
        ),
        (
            transport(TransportError::SecretUnavailable),
            DoctorState::Unknown,
        ),
        (transport(TransportError::Timeout), DoctorState::Unknown),
        (None, DoctorState::Unknown),
    ] {
        let infobip = json!({"base_url": "https://x1.api.infobip.com"});
        let mut answers = site(json!({"infobip": infobip, "policy": "infobip"}));
        answers.infobip = answer;
        let checks = site_checks(&answers);
        assert_eq!(
            state_of(&checks, DoctorItem::InfobipKey),
            state,
            "{checks:?}"
        );
    }
}
