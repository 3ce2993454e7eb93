//! The doctor: each fault of an app or a site is found, with what to do and where.

use crate::fake::{graph_error, http_response};
use embark_onboarding::doctor::{
    Answer, AppAnswers, CredentialsState, PageHeaders, SiteAnswers, app_checks, site_checks,
};
use embark_onboarding::meta::response::{decode, decode_token_info};
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::{ApiResult, TransportError};
use embark_onboarding::web::origin::Origin;
use embark_protocol::doctor::{DoctorCheck, DoctorItem, DoctorState};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// 29 November 2026.
const NOW: UnixMillis = UnixMillis::from_secs(1_795_910_400);
const ORIGIN: &str = "https://signup.partner.example";

fn success(body: Value) -> ApiResult {
    http_response(200, &body.to_string())
}

fn read<T: DeserializeOwned>(body: Value) -> Answer<T> {
    Some(decode(success(body)))
}

fn app() -> AppAnswers {
    let token = |scopes: Value| {
        let data = json!({"is_valid": true, "app_id": "1000000000000001", "scopes": scopes,
            "expires_at": 0, "user_id": "8000000000000001", "type": "SYSTEM_USER"});
        Some(decode_token_info(success(json!({ "data": data }))))
    };
    let fields = [
        "account_update",
        "messages",
        "account_review_update",
        "account_alerts",
        "phone_number_name_update",
        "phone_number_quality_update",
        "business_capability_update",
        "security",
        "partner_solutions",
        "message_template_status_update",
        "message_template_quality_update",
        "message_template_components_update",
        "template_category_update",
        "history",
        "smb_app_state_sync",
        "smb_message_echoes",
        "payment_configuration_update",
        "account_settings_update",
    ];
    let fields: Vec<Value> = fields.iter().map(|name| json!({"name": name})).collect();
    AppAnswers {
        credentials: CredentialsState::Opened,
        settings: serde_json::from_value(json!({"key": "main", "app_id": "1000000000000001",
            "partner_business_id": "2000000000000001", "graph_version": "v25.0"}))
        .unwrap(),
        origin: ORIGIN.to_owned(),
        deauthorize_url: [ORIGIN, "/v1/callbacks/meta/main/deauthorize"].concat(),
        now: NOW,
        meta_now: Some(NOW),
        app_token: token(json!([])),
        details: read(json!({"id": "1000000000000001", "name": "Partner",
            "app_domains": ["partner.example"],
            "privacy_policy_url": "https://partner.example/privacy",
            "terms_of_service_url": "https://partner.example/terms",
            "contact_email": "contact@partner.example",
            "icon_url": "https://partner.example/icon.png",
            "deauth_callback_url": "https://signup.partner.example/v1/callbacks/meta/main/deauthorize"})),
        permissions: read(json!({"data": [
            {"permission": "whatsapp_business_management", "status": "live"},
            {"permission": "whatsapp_business_messaging", "status": "LIVE"}]})),
        portfolio: read(json!({"id": "2000000000000001", "verification_status": "verified"})),
        system_token: token(json!([
            "business_management",
            "whatsapp_business_management"
        ])),
        system_users: read(json!({"data": [{"id": 8_000_000_000_000_001_u64, "role": "ADMIN"}]})),
        webhooks: read(
            json!({"data": [{"object": "whatsapp_business_account", "active": true,
            "callback_url": "https://signup.partner.example/v1/webhooks/meta/main", "fields": fields}]}),
        ),
        callback_url: [ORIGIN, "/v1/webhooks/meta/main"].concat(),
        has_system_token: true,
    }
}

fn refused<T: DeserializeOwned>(code: i64) -> Answer<T> {
    Some(decode(graph_error(400, code, None)))
}

fn state_of(checks: &[DoctorCheck], item: DoctorItem) -> DoctorState {
    let check = checks.iter().find(|check| check.item == item);
    check.unwrap_or_else(|| panic!("no {item:?}")).state
}

#[test]
fn app_in_order_has_nothing_to_do() {
    for check in app_checks(&app()) {
        assert_eq!(check.state, DoctorState::Ok, "{check:?}");
        assert_eq!((check.fix, check.screen), (None, None));
    }
}

#[test]
fn each_fault_of_an_app_is_its_own_check_with_a_fix() {
    use DoctorItem::{
        AppDetails, AppDomains, AppSecret, BusinessVerification, Clock, DeauthorizeCallback,
        GraphVersion, Keys, Permissions, SystemToken, Webhook,
    };
    type Change = fn(&mut AppAnswers);
    let faults: &[(DoctorItem, Change)] = &[
        (Keys, |app| app.credentials = CredentialsState::Unreadable),
        (Clock, |app| app.meta_now = Some(UnixMillis(NOW.0 + 61_000))),
        (Clock, |app| app.meta_now = Some(UnixMillis(NOW.0 - 61_000))),
        (AppSecret, |app| {
            app.app_token = Some(decode_token_info(graph_error(400, 190, None)))
        }),
        (AppSecret, |app| {
            let data = json!({"data": {"is_valid": false}});
            app.app_token = Some(decode_token_info(success(data)));
        }),
        (AppSecret, |app| {
            let data = json!({"data": {"is_valid": true, "app_id": "7"}});
            app.app_token = Some(decode_token_info(success(data)));
        }),
        (AppDetails, |app| {
            let details = app.details.as_mut().unwrap().as_mut().unwrap();
            details.privacy_policy_url = Some(" ".to_owned());
        }),
        (AppDomains, |app| {
            let details = app.details.as_mut().unwrap().as_mut().unwrap();
            details.app_domains = vec!["artner.example".to_owned(), String::new()];
        }),
        (DeauthorizeCallback, |app| {
            let details = app.details.as_mut().unwrap().as_mut().unwrap();
            details.deauth_callback_url = None;
        }),
        (Permissions, |app| {
            app.permissions = read(json!({"data": [
                {"permission": "whatsapp_business_management", "status": "live"},
                {"permission": "whatsapp_business_messaging", "status": "unapproved"}]}));
        }),
        (Permissions, |app| {
            app.permissions = read(json!({"data": []}))
        }),
        (BusinessVerification, |app| {
            app.settings.partner_business_id = None
        }),
        (BusinessVerification, |app| {
            app.portfolio = read(json!({"verification_status": "not_verified"}));
        }),
        (SystemToken, |app| {
            app.system_token = Some(decode_token_info(graph_error(400, 190, None)))
        }),
        (SystemToken, |app| {
            let token = app.system_token.as_mut().unwrap().as_mut().unwrap();
            token.scopes.pop();
        }),
        (SystemToken, |app| {
            let token = app.system_token.as_mut().unwrap().as_mut().unwrap();
            token.expires_at = Some(NOW.as_secs() + 13 * 86_400);
        }),
        (SystemToken, |app| {
            let row = json!({"id": "8000000000000001", "role": "EMPLOYEE"});
            app.system_users = read(json!({"data": [row]}));
        }),
        (Webhook, |app| app.webhooks = read(json!({"data": []}))),
        (Webhook, |app| app.callback_url.push_str("-other")),
        (GraphVersion, |app| {
            app.settings.graph_version = "v20.0".to_owned()
        }),
    ];
    for (index, (item, change)) in faults.iter().enumerate() {
        let mut answers = app();
        change(&mut answers);
        for check in app_checks(&answers) {
            let want = match check.item == *item {
                true => DoctorState::ToDo,
                false => DoctorState::Ok,
            };
            assert_eq!(check.state, want, "fault {index}: {check:?}");
            let has_fix = check.fix.is_some() && check.screen.is_some();
            assert_eq!(
                has_fix,
                want == DoctorState::ToDo,
                "fault {index}: {check:?}"
            );
        }
    }
}

#[test]
fn what_cannot_be_read_is_unknown_and_no_fault() {
    let mut answers = app();
    answers.details = Some(decode(Err(TransportError::Timeout)));
    answers.permissions = refused(200);
    answers.webhooks = None;
    answers.meta_now = None;
    answers.portfolio = read(json!({"id": "2000000000000001"}));
    let checks = app_checks(&answers);
    for item in [
        DoctorItem::AppDetails,
        DoctorItem::AppDomains,
        DoctorItem::DeauthorizeCallback,
        DoctorItem::Permissions,
        DoctorItem::Webhook,
        DoctorItem::Clock,
        DoctorItem::BusinessVerification,
    ] {
        assert_eq!(state_of(&checks, item), DoctorState::Unknown, "{item:?}");
    }
    answers.credentials = CredentialsState::Missing;
    answers.app_token = None;
    let checks = app_checks(&answers);
    assert_eq!(state_of(&checks, DoctorItem::AppSecret), DoctorState::ToDo);
}

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
        (refused(100), DoctorState::ToDo),
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
        (status(404), DoctorState::Ok, "responds"),
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
