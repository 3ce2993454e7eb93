//! The doctor: each fault of an app is found, with what to do and where.

use crate::fake::{graph_error, http_response};
use embark_onboarding::doctor::{Answer, AppAnswers, CredentialsState, app_checks};
use embark_onboarding::meta::response::{decode, decode_token_info};
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::{ApiResult, TransportError};
use embark_protocol::doctor::{DoctorCheck, DoctorItem, DoctorState};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// 29 November 2026.
pub const NOW: UnixMillis = UnixMillis::from_secs(1_795_910_400);
pub const ORIGIN: &str = "https://signup.partner.example";

fn success(body: Value) -> ApiResult {
    http_response(200, &body.to_string())
}

pub fn read<T: DeserializeOwned>(body: Value) -> Answer<T> {
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
        clocks: Some((NOW, NOW)),
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

pub fn refused<T: DeserializeOwned>(code: i64) -> Answer<T> {
    Some(decode(graph_error(400, code, None)))
}

pub fn state_of(checks: &[DoctorCheck], item: DoctorItem) -> DoctorState {
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
        AppDetails, AppDomains, BusinessVerification, Clock, DeauthorizeCallback, GraphVersion,
        Permissions, SystemToken, Webhook,
    };
    type Change = fn(&mut AppAnswers);
    let faults: &[(DoctorItem, Change)] = &[
        (Clock, |app| {
            app.clocks = Some((UnixMillis(NOW.0 + 61_000), NOW))
        }),
        (Clock, |app| {
            app.clocks = Some((UnixMillis(NOW.0 - 61_000), NOW))
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
    answers.clocks = None;
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
}

#[test]
fn app_secret_is_wrong_by_whatever_code_meta_refuses_it() {
    for (code, state) in [
        (190, DoctorState::ToDo),
        (101, DoctorState::ToDo),
        (1, DoctorState::ToDo),
        (100, DoctorState::Unknown),
        (2, DoctorState::Unknown),
    ] {
        let mut answers = app();
        answers.details = refused(code);
        let checks = app_checks(&answers);
        assert_eq!(state_of(&checks, DoctorItem::AppSecret), state, "{code}");
        assert_eq!(
            state_of(&checks, DoctorItem::AppDetails),
            DoctorState::Unknown
        );
    }
}

#[test]
fn secrets_that_cannot_be_read_are_not_taken_for_missing_ones() {
    for (credentials, keys, secret) in [
        (
            CredentialsState::Missing,
            DoctorState::Ok,
            DoctorState::ToDo,
        ),
        (
            CredentialsState::Unreadable,
            DoctorState::ToDo,
            DoctorState::Unknown,
        ),
        (
            CredentialsState::Unavailable,
            DoctorState::Unknown,
            DoctorState::Unknown,
        ),
    ] {
        let answers = AppAnswers {
            credentials,
            details: None,
            permissions: None,
            portfolio: None,
            system_token: None,
            system_users: None,
            webhooks: None,
            has_system_token: false,
            ..app()
        };
        let checks = app_checks(&answers);
        assert_eq!(state_of(&checks, DoctorItem::Keys), keys);
        assert_eq!(state_of(&checks, DoctorItem::AppSecret), secret);
        for item in [DoctorItem::SystemToken, DoctorItem::BusinessVerification] {
            assert_eq!(state_of(&checks, item), DoctorState::Unknown, "{item:?}");
        }
    }
    let none = AppAnswers {
        has_system_token: false,
        ..app()
    };
    assert_eq!(
        state_of(&app_checks(&none), DoctorItem::SystemToken),
        DoctorState::Ok
    );
}
