//! Which account and number a signup takes where the browser named none, or another: renewals, and popups that were
//! finished without a number. And whose fault a missing permission is.

use crate::fake::{
    CALLBACK, PHONE, WABA, World, infobip_site, outcome_post, phone_number, session_ids,
};
use crate::{end_code, submit_input};
use embark_onboarding::signup::{End, Signup, Stage, commands};
use embark_protocol::requests::{InputRequest, SessionInfoIds};
use embark_protocol::snapshot::InputKind;
use embark_protocol::{PhoneNumberId, ProblemCode, Remedy, SignupStatus, WabaId};
use serde_json::json;

const OTHER: &str = "5000000000000002";

/// The renewal of the account, with these ids of the popup.
fn renew(world: &World, ids: Option<SessionInfoIds>) -> Signup {
    let mut signup = world.launched();
    signup.bind(WabaId::parse(WABA).ok());
    world.post_code(&mut signup, "code-1", ids);
    world.run_until_idle()
}

fn ids(waba: &str, phone: Option<&str>) -> SessionInfoIds {
    SessionInfoIds {
        waba_id: WabaId::parse(waba).ok(),
        phone_number_id: phone.and_then(|phone| PhoneNumberId::parse(phone).ok()),
        business_id: None,
    }
}

#[test]
fn renewal_takes_its_own_account_without_a_question() {
    for popup in [
        None,
        Some(ids(WABA, None)),
        Some(ids(OTHER, Some("6000000000000009"))),
    ] {
        let world = World::new();
        world.meta.borrow_mut().wabas = vec![OTHER, WABA];
        world.meta.borrow_mut().connect_number();
        let signup = renew(&world, popup.clone());
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{popup:?}");
        let connected = world.snapshot(&signup).connected.unwrap();
        assert!(connected.renewed);
        assert_eq!(connected.waba_id.unwrap().as_str(), WABA);
    }
}

#[test]
fn renewal_needs_the_permissions_of_the_sites_policy_only() {
    let management = "whatsapp_business_management";
    for (site, scopes, connects) in [
        (json!({}), vec![management], false),
        (infobip_site(), vec![management], true),
        (
            infobip_site(),
            vec![management, "business_management"],
            true,
        ),
    ] {
        let world = World::with_site(site.clone());
        world.meta.borrow_mut().scopes = scopes.clone();
        world.meta.borrow_mut().connect_number();
        let signup = renew(&world, Some(ids(WABA, None)));
        let is_connected = world.status(&signup) == SignupStatus::Connected;
        assert_eq!(is_connected, connects, "{site} {scopes:?}");
        if connects {
            let account = world.waba.borrow();
            let held = &account.tokens[0].scopes;
            assert!(
                scopes
                    .iter()
                    .all(|scope| held.iter().any(|one| one == scope)),
                "{held:?}"
            );
        }
    }
}

#[test]
fn renewal_of_an_account_that_was_not_shared_names_it() {
    let world = World::new();
    world.meta.borrow_mut().wabas = vec![OTHER];
    let signup = renew(&world, None);
    let Stage::Ended {
        end: End::Relaunch(problem),
        ..
    } = &signup.stage
    else {
        panic!("{:?}", signup.stage)
    };
    assert_eq!(problem.code, ProblemCode::WabaMismatch);
    assert!(problem.detail.as_ref().unwrap().contains(WABA));
    // The page names it.
    assert_eq!(problem.waba_id.as_deref(), Some(WABA));
}

#[test]
fn renewal_of_an_account_with_several_numbers_takes_the_one_in_use() {
    let world = World::new();
    world.meta.borrow_mut().connect_number();
    let fresh = phone_number("6000000000000002");
    world.meta.borrow_mut().phones.push(fresh);
    let signup = renew(&world, None);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    let connected = world.snapshot(&signup).connected.unwrap();
    assert_eq!(connected.phone_number_id.unwrap().as_str(), PHONE);
}

#[test]
fn popup_finished_without_a_number_asks_before_one_is_registered() {
    for (event, popup) in [
        (Some("FINISH_ONLY_WABA"), Some(ids(WABA, None))),
        (Some("finish_only_waba"), None),
        (Some("FINISH"), Some(ids(WABA, None))),
        (None, Some(ids(WABA, None))),
    ] {
        let world = World::new();
        let mut post = outcome_post("code-1", popup, None);
        post.event = event.map(str::to_owned);
        let mut signup = world.launched();
        world
            .with_context(|cx| commands::outcome(&mut signup, post, CALLBACK, cx))
            .unwrap();
        let mut signup = world.run_until_idle_from(signup);
        let asked = world.snapshot(&signup).input.unwrap();
        assert_eq!(
            (asked.kind, asked.choices.len()),
            (InputKind::Number, 1),
            "{event:?}"
        );
        assert_eq!(world.count_calls("register"), 0, "{event:?}");
        let number = InputRequest::Number {
            phone_number_id: PhoneNumberId::parse(PHONE).unwrap(),
        };
        assert_eq!(submit_input(&world, &mut signup, number), Ok(()));
        let signup = world.run_until_idle();
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{event:?}");
        assert_eq!(world.count_calls("register"), 1, "{event:?}");
    }
}

#[test]
fn popup_finished_without_a_number_takes_one_that_is_in_use() {
    let world = World::new();
    world.meta.borrow_mut().connect_number();
    let signup = world.run_signup(Some(ids(WABA, None)));
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert_eq!(world.count_calls("register"), 0);
}

#[test]
fn permission_missing_after_another_launch_is_the_operators() {
    let world = World::new();
    world.meta.borrow_mut().scopes = vec!["whatsapp_business_management"];
    let mut signup = world.run_signup(Some(session_ids()));
    assert_eq!(end_code(&signup), Some(ProblemCode::ScopeMissing));
    let problem = world.snapshot(&signup).problem.unwrap();
    assert_eq!(problem.remedy, Remedy::Relaunch);
    world.post_code(&mut signup, "code-2", Some(session_ids()));
    let signup = world.run_until_idle();
    assert_eq!(end_code(&signup), Some(ProblemCode::AppScopeMissing));
    let problem = world.snapshot(&signup).problem.unwrap();
    assert_eq!(problem.remedy, Remedy::Operator);
    assert_eq!(world.event_names(), ["scope.missing", "scope.missing"]);
    let row = json!(signup);
    assert_eq!(row["scope_refused"], true);
}

#[test]
fn number_chosen_of_another_account_than_the_popup_named_is_taken() {
    let world = World::new();
    let fresh = phone_number("6000000000000002");
    world.meta.borrow_mut().phones.push(fresh);
    let mut signup = world.run_signup(None);
    assert_eq!(
        world.snapshot(&signup).input.unwrap().kind,
        InputKind::Number
    );
    // Meta's event arrives late, and names an account that the token does not reach.
    signup.popup.ids = ids(OTHER, None);
    let number = InputRequest::Number {
        phone_number_id: PhoneNumberId::parse(PHONE).unwrap(),
    };
    assert_eq!(submit_input(&world, &mut signup, number), Ok(()));
    let signup = world.run_until_idle();
    assert_eq!(world.status(&signup), SignupStatus::Connected);
}
