//! Customers who come by Meta's hosted page: when a signup is started for them, for which site, and how it fetches its token.

use crate::end_code;
use crate::fake::{APP, World, graph_error, http_response};
use core::time::Duration;
use embark_onboarding::crypto::Sealed;
use embark_onboarding::meta::webhook::{MetaChange, parse_webhook};
use embark_onboarding::resources::partner::PartnerRecord;
use embark_onboarding::resources::run::HostedSignup;
use embark_onboarding::resources::waba::{TokenOfRecord, WabaRecord, WabaRequest};
use embark_onboarding::signup::Signup;
use embark_onboarding::time::UnixMillis;
use embark_onboarding::transport::TransportError;
use embark_protocol::{AppKey, BusinessId, ProblemCode, SignupId, SignupStatus, SiteId, WabaId};
use serde_json::{Value, json};

fn waba() -> WabaId {
    WabaId::parse("5000000000000001").unwrap()
}

fn app() -> AppKey {
    AppKey::parse("main").unwrap()
}

fn site(name: &str) -> SiteId {
    SiteId::parse(name).unwrap()
}

fn minute(number: u64) -> UnixMillis {
    UnixMillis::from_secs(1_000_000 + number * 60)
}

fn arrival(event: &str, info: &Value) -> MetaChange {
    let mut info = info.clone();
    info["waba_id"] = waba().as_str().into();
    let change = json!({"field": "account_update", "value": {"event": event, "waba_info": info}});
    let entry = json!({"id": "2000000000000001", "time": minute(0).as_secs(), "changes": [change]});
    let body = json!({"entry": [entry]}).to_string();
    let webhook = parse_webhook(&app(), body.as_bytes(), minute(0)).unwrap();
    webhook.changes.into_iter().next().unwrap().1
}

fn receive(record: &mut WabaRecord, event: &str, info: &Value) {
    record.receive(
        &waba(),
        &app(),
        vec![arrival(event, info)],
        &[],
        0,
        minute(0),
    );
}

fn owner() -> Value {
    json!({"owner_business_id": "4000000000000001"})
}

fn claim(record: &mut WabaRecord) {
    let token = TokenOfRecord {
        app: app(),
        site: None,
        scopes: vec![],
        token: Sealed::from_stored("v1.1.x".into()),
        expires_at: None,
        signup: SignupId::parse(&"a".repeat(32)).unwrap(),
        issued_at: minute(1),
        is_renewal: false,
        refused_at: None,
        notices_sent: 0,
        user_id: None,
    };
    let request = WabaRequest::Claim {
        site: site("acme"),
        token,
        at: minute(1),
        number: None,
    };
    record.handle(&waba(), request);
}

#[test]
fn signup_is_started_once_no_page_has_claimed_the_account() {
    for (event, info, is_customer) in [
        ("PARTNER_ADDED", owner(), true),
        ("PARTNER_APP_INSTALLED", owner(), true),
        (
            "PARTNER_ADDED",
            json!({"owner_business_id": 4_000_000_000_000_001_u64}),
            true,
        ),
        // Without the portfolio there is no token.
        ("PARTNER_ADDED", json!({}), false),
        ("PARTNER_REMOVED", owner(), false),
    ] {
        let mut record = WabaRecord::default();
        for _ in 0..3 {
            receive(&mut record, event, &info);
        }
        assert_eq!(record.hosted.is_some(), is_customer, "{event} {info}");
        assert_eq!(record.hosted_site_due(minute(59)), None, "{event} {info}");
        let due = record.hosted_site_due(minute(60)).is_some();
        assert_eq!(due, is_customer, "{event} {info}");
    }
}

#[test]
fn signup_has_the_same_id_however_often_it_is_started() {
    let mut record = WabaRecord::default();
    receive(&mut record, "PARTNER_ADDED", &owner());
    record.on_hosted_site(Some(site("acme")), minute(60));
    let (signup, hosted) = record.hosted_signup_due(&waba(), minute(60)).unwrap();
    assert_eq!((hosted.site, hosted.waba), (site("acme"), waba()));
    record.on_hosted_signup(false, minute(60));
    assert_eq!(record.hosted_signup_due(&waba(), minute(60)), None);
    receive(&mut record, "PARTNER_ADDED", &owner());
    let (again, _) = record.hosted_signup_due(&waba(), minute(61)).unwrap();
    assert_eq!(again, signup);
    // The claim of that signup, or of a page, ends it.
    claim(&mut record);
    assert_eq!(record.hosted_signup_due(&waba(), minute(99)), None);
    assert!(record.forget_customer(minute(99)) && record.hosted.is_none());
}

#[test]
fn account_that_no_site_takes_waits_for_an_operator() {
    let mut record = WabaRecord::default();
    let (acme, other) = (site("acme"), AppKey::parse("other").unwrap());
    assert_eq!(
        record.assign(&waba(), &app(), &acme, minute(0)),
        None,
        "no customer came"
    );
    receive(&mut record, "PARTNER_ADDED", &owner());
    record.on_hosted_site(None, minute(60));
    assert_eq!(record.hosted_signup_due(&waba(), minute(69)), None);
    assert_eq!(
        record.assign(&waba(), &other, &acme, minute(69)),
        None,
        "of another app"
    );
    let signup = record.assign(&waba(), &app(), &acme, minute(69));
    assert!(signup.is_some());
    assert_eq!(record.assign(&waba(), &app(), &acme, minute(69)), signup);
    assert_eq!(
        record.assign(&waba(), &app(), &site("rival"), minute(69)),
        None,
        "it is assigned"
    );
    let due = record.hosted_signup_due(&waba(), minute(69));
    assert_eq!(due.map(|(id, _)| id), signup);
    assert!(
        record.forget_customer(minute(15 * 24 * 60)),
        "after 14 days"
    );
}

#[test]
fn one_site_of_an_app_takes_its_hosted_signups() {
    let mut partner = PartnerRecord::default();
    let app = app();
    assert_eq!(partner.hosted_site(&app), None);
    assert!(partner.put_hosted_site(&site("acme"), Some(app.clone())));
    assert!(!partner.put_hosted_site(&site("acme"), Some(app.clone())));
    partner.put_hosted_site(&site("foreign"), AppKey::parse("other").ok());
    assert_eq!(partner.hosted_site(&app), Some(&site("acme")));
    partner.put_hosted_site(&site("rival"), Some(app.clone()));
    assert_eq!(partner.hosted_site(&app), None, "two do");
    partner.put_hosted_site(&site("acme"), None);
    assert_eq!(partner.hosted_site(&app), Some(&site("rival")));
}

/// A signup that was started by a webhook.
fn hosted(world: &World) -> Signup {
    let mut signup = world.launched();
    signup.start_hosted(HostedSignup {
        site: signup.site.clone(),
        app: signup.app.clone(),
        waba: waba(),
        business: BusinessId::parse("4000000000000001").unwrap(),
    });
    signup
}

#[test]
fn hosted_signup_runs_the_steps_without_a_code() {
    let world = World::new();
    let signup = world.run_until_idle_from(hosted(&world));
    assert_eq!(world.status(&signup), SignupStatus::Connected, "{APP}");
    let calls = ["system_user_token", "exchange", "register", "subscribe"];
    assert_eq!(calls.map(|call| world.count_calls(call)), [1, 0, 1, 1]);
    assert_eq!(
        world.status_event_names(),
        ["signup.launched", "signup.connected"]
    );
    assert_eq!(world.waba.borrow().tokens.len(), 1);
}

#[test]
fn token_that_is_not_fetched_is_fetched_again_or_ends_the_signup() {
    for (reply, end, calls) in [
        (Err(TransportError::Timeout), None, 2),
        (http_response(500, "<html>"), None, 2),
        (
            graph_error(500, 3, None),
            Some(ProblemCode::AppMisconfigured),
            1,
        ),
        (
            graph_error(401, 190, None),
            Some(ProblemCode::AppMisconfigured),
            1,
        ),
    ] {
        let world = World::new();
        world.script([("system_user_token", reply)]);
        let signup = world.run_until_idle_from(hosted(&world));
        assert_eq!(world.count_calls("system_user_token"), calls, "{end:?}");
        match end {
            None => assert_eq!(world.status(&signup), SignupStatus::Connected),
            Some(end) => assert_eq!(end_code(&signup), Some(end)),
        }
    }
    let mut world = World::new();
    world.credentials.system_token = None;
    let signup = world.run_until_idle_from(hosted(&world));
    assert_eq!(end_code(&signup), Some(ProblemCode::AppMisconfigured));
    assert!(world.elapsed() < Duration::from_mins(1));
}
