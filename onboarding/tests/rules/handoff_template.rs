//! Sites whose numbers are handed to the provider that their template describes.

use crate::end_code;
use crate::fake::{WABA, World, http_response, session_ids};
use core::time::Duration;
use embark_onboarding::crypto::Secret;
use embark_onboarding::signup::{End, Signup, Stage};
use embark_protocol::{ProblemCode, SignupStatus};
use serde_json::{Value, json};

/// A site with a template. `fields`: what it has besides or instead.
fn world(fields: Value) -> World {
    let mut template = json!({
        "url": "https://provider.example/senders/{phone_number_id}",
        "headers": {"authorization": "Basic {secret_base64:key}"},
        "json": {"waba": "{waba_id}", "number": "{phone_e164}", "list": ["{display_name}", 7]},
    });
    let fields = fields.as_object().unwrap().clone();
    template.as_object_mut().unwrap().extend(fields);
    World::with_site(json!({"policy": "handoff", "handoff": template}))
}

fn run(world: &World) -> Signup {
    world.run_signup(Some(session_ids()))
}

#[test]
fn template_is_filled_in_and_sent_once() {
    let world = world(json!({}));
    let signup = run(&world);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    let provider = world.provider.borrow();
    let [order] = provider.requests.as_slice() else {
        panic!("{:?}", provider.requests)
    };
    let url = "https://provider.example/senders/6000000000000001";
    assert_eq!(order.url, url);
    assert_eq!(order.headers[0].1.to_string(), "Basic {secret_base64:key}");
    let (_, body) = order.body.as_ref().unwrap();
    let body: Value = serde_json::from_str(body).unwrap();
    let filled_in = json!({"waba": WABA, "number": "+16315550101", "list": ["Lucky Shrub", 7]});
    assert_eq!(body, filled_in);
    assert_eq!(world.count_calls("register"), 0);
}

#[test]
fn status_url_is_polled_until_the_provider_decides_or_its_deadline() {
    let status_url = json!({"status": {"url": "https://provider.example/senders/{answer:/sid}",
        "pointer": "/status", "done": ["ONLINE"], "failed": ["OFFLINE"], "deadline_s": 3_600}});
    for (statuses, expected) in [
        (vec!["CREATING", "CREATING", "ONLINE"], None),
        (
            vec!["CREATING", "OFFLINE"],
            Some(ProblemCode::ProviderRefused),
        ),
        (vec!["CREATING"], Some(ProblemCode::ProviderUnavailable)),
    ] {
        let world = world(status_url.clone());
        world.provider.borrow_mut().statuses = statuses.clone();
        let signup = run(&world);
        assert_eq!(end_code(&signup), expected, "{statuses:?}");
        let elapsed = world.elapsed();
        assert!(elapsed <= Duration::from_secs(3_700), "{statuses:?}");
        assert_eq!(world.count_calls("handoff"), 1);
        let poll = world.provider.borrow().requests[1].url.clone();
        assert_eq!(poll, "https://provider.example/senders/XE1");
    }
}

#[test]
fn order_response_is_judged_by_the_template() {
    let expectations =
        json!({"success": {"pointer": "/status", "values": ["CREATING"]}, "already": [409]});
    let refused = Some(ProblemCode::ProviderRefused);
    for (status, body, expected) in [
        (200, r#"{"status":"CREATING"}"#, None),
        (200, r#"{"status":"NO"}"#, refused),
        (200, "<html>", refused),
        (409, r#"{"code":63100}"#, None),
        (400, "", refused),
    ] {
        let world = world(expectations.clone());
        world.provider.borrow_mut().script = vec![http_response(status, body)];
        let signup = run(&world);
        assert_eq!(end_code(&signup), expected, "{status} {body}");
    }
}

#[test]
fn template_without_skip_register_registers_before_the_order() {
    let world = world(json!({"skip_register": false}));
    let signup = run(&world);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    let calls = &world.meta.borrow().calls;
    let position = |name: &str| calls.iter().position(|call| *call == name).unwrap();
    assert!(position("register") < position("handoff"), "{calls:?}");
}

#[test]
fn template_with_skip_subscribe_leaves_the_webhooks_alone() {
    let world = world(json!({"skip_subscribe": true}));
    world.provider.borrow_mut().connects_number = true;
    let signup = run(&world);
    assert_eq!(world.status(&signup), SignupStatus::Connected);
    assert!(signup.warnings.is_empty(), "{:?}", signup.warnings);
    assert_eq!(world.count_calls("subscribe"), 0);
}

#[test]
fn account_without_number_is_ordered_unless_the_template_needs_one() {
    for (url, orders) in [
        ("https://provider.example/accounts/{waba_id}", 1),
        ("https://provider.example/senders/{phone_number_id}", 0),
    ] {
        let world = world(json!({"url": url, "json": {"waba": "{waba_id}"}}));
        world.meta.borrow_mut().phones.clear();
        let mut ids = session_ids();
        ids.phone_number_id = None;
        let signup = world.run_signup(Some(ids));
        let status = world.status(&signup);
        assert_eq!(status, SignupStatus::ConnectedWithoutNumber, "{url}");
        assert_eq!(world.count_calls("handoff"), orders, "{url}");
    }
}

#[test]
fn only_a_missing_number_skips_the_order_and_anything_else_fails() {
    let detail = |signup: &Signup| match &signup.stage {
        Stage::Ended {
            end: End::Failed(problem),
            ..
        } => problem.detail.clone().unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    for (account, number, fields, want) in [
        (
            json!({"owner_business_info": null}),
            json!({}),
            json!({"json": {"business": "{business_id}"}}),
            "the account has no {business_id}",
        ),
        (
            json!({}),
            json!({"verified_name": null}),
            json!({"headers": {"x-customer": "{display_name}"}}),
            "the account has no {display_name}",
        ),
        (
            json!({}),
            json!({"verified_name": ".."}),
            json!({"url": "https://provider.example/senders/{display_name}/new"}),
            "the filled-in URL may not be requested",
        ),
    ] {
        let world = world(fields.clone());
        world.meta.borrow_mut().account = account;
        world.set_phone(number);
        let signup = run(&world);
        assert_eq!(
            end_code(&signup),
            Some(ProblemCode::ProviderRefused),
            "{fields}"
        );
        assert_eq!(detail(&signup), want, "{fields}");
        assert_eq!(world.event_names(), ["handoff.failed"], "{fields}");
        assert_eq!(world.count_calls("handoff"), 0, "{fields}");
    }
}

#[test]
fn values_of_the_account_are_encoded_and_name_no_secret() {
    for (name, want) in [
        ("Lucky Shrub", "Lucky Shrub"),
        ("100% Shop", "100% Shop"),
        ("{secret:other}", "{secret:other}"),
        ("Bäckerei 5%", "B%C3%A4ckerei 5%25"),
        ("a\r\nx-injected: 1", "a%0D%0Ax-injected: 1"),
    ] {
        let world = world(json!({"headers": {"x-customer": "{secret:own} {display_name}"}}));
        world.set_phone(json!({"verified_name": name}));
        let signup = run(&world);
        assert_eq!(world.status(&signup), SignupStatus::Connected, "{name}");
        let provider = world.provider.borrow();
        let (_, header) = &provider.requests[0].headers[0];
        assert_eq!(header.secret_names().collect::<Vec<_>>(), ["own"], "{name}");
        let whole = header.with_secrets(&|_| Some(Secret::new("s".into())));
        assert_eq!(whole.unwrap().expose_secret(), ["s ", want].concat());
    }
}

#[test]
fn status_words_are_compared_in_any_case() {
    let status_url = json!({"status": {"url": "https://provider.example/senders/{answer:/sid}",
        "pointer": "/status", "done": ["ONLINE"], "failed": ["OFFLINE"]}});
    for (word, expected) in [
        ("online", None),
        ("Offline", Some(ProblemCode::ProviderRefused)),
    ] {
        let world = world(status_url.clone());
        world.provider.borrow_mut().statuses = vec!["SOMETHING_NEW", word];
        let signup = run(&world);
        assert_eq!(end_code(&signup), expected, "{word}");
    }
}
