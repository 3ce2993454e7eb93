//! Other providers, as a site's template says.

use crate::fake::{WABA, World, ids, said};
use crate::handoff::orders;
use crate::{end_code, status};
use embark_protocol::{Code, Status};
use serde_json::json;

fn with_template(more: serde_json::Value) -> World {
    let mut template = json!({
        "url": "https://provider.example/senders/{phone_number_id}",
        "headers": {"authorization": "Basic {secret_base64:key}"},
        "json": {"waba": "{waba_id}", "number": "{phone_e164}", "list": ["{display_name}", 7]},
    });
    template
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let world = World::new();
    world.settle(json!({"policy": "handoff", "handoff": template}));
    world
}

fn status_check() -> serde_json::Value {
    json!({"status": {"url": "https://provider.example/senders/{answer:/sid}", "pointer": "/status",
        "done": ["ONLINE"], "failed": ["OFFLINE"], "deadline_s": 3600}})
}

#[test]
fn a_template_is_filled_in_and_sent_once() {
    let world = with_template(json!({}));
    let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
    assert_eq!(status(&world, &run), Status::Connected);
    let provider = world.provider.borrow();
    let [order] = provider.seen.as_slice() else {
        panic!("{:?}", provider.seen)
    };
    assert_eq!(
        order.url,
        "https://provider.example/senders/6000000000000001"
    );
    assert_eq!(order.headers[0].1, "Basic {secret_base64:key}");
    let body: serde_json::Value = serde_json::from_str(&order.body.as_ref().unwrap().1).unwrap();
    assert_eq!(
        body,
        json!({"waba": WABA, "number": "+16315550101", "list": ["Lucky Shrub", 7]})
    );
    assert!(!world.meta.borrow().calls.contains(&"register"));
}

#[test]
fn an_asynchronous_answer_is_followed_to_its_last_word() {
    for (words, want) in [
        (vec!["CREATING", "CREATING", "ONLINE"], None),
        (vec!["CREATING", "OFFLINE"], Some(Code::ProviderRefused)),
        (vec!["CREATING"], Some(Code::ProviderUnavailable)),
    ] {
        let world = with_template(status_check());
        world.provider.borrow_mut().words = words.clone();
        let began = world.now.get();
        let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
        assert_eq!(end_code(&run), want, "{words:?}");
        assert!(world.now.get() - began <= 3_700_000, "{words:?}");
        assert_eq!(orders(&world, "handoff"), 1);
        let asked = world.provider.borrow().seen[1].url.clone();
        assert_eq!(asked, "https://provider.example/senders/XE1");
    }
}

#[test]
fn success_and_told_before_are_what_the_template_says() {
    let expects =
        json!({"success": {"pointer": "/status", "values": ["CREATING"]}, "already": [409]});
    for (heard, want) in [
        (said(200, r#"{"status":"CREATING"}"#), None),
        (said(200, r#"{"status":"NO"}"#), Some(Code::ProviderRefused)),
        (said(200, "<html>"), Some(Code::ProviderRefused)),
        (said(409, r#"{"code":63100}"#), None),
        (said(400, ""), Some(Code::ProviderRefused)),
    ] {
        let world = with_template(expects.clone());
        world.provider.borrow_mut().script = vec![heard];
        let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
        assert_eq!(end_code(&run), want);
    }
}

#[test]
fn we_register_where_the_template_wants_it_and_leave_webhooks_where_it_says() {
    let world = with_template(json!({"skip_register": false}));
    let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
    assert_eq!(status(&world, &run), Status::Connected);
    let calls = world.meta.borrow().calls.clone();
    let at = |name: &str| calls.iter().position(|call| *call == name);
    assert!(at("register") < at("handoff"), "{calls:?}");
    let world = with_template(json!({"skip_subscribe": true}));
    world.provider.borrow_mut().connects = true;
    let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
    assert_eq!(status(&world, &run), Status::Connected);
    assert!(run.warnings.is_empty(), "{:?}", run.warnings);
    assert!(!world.meta.borrow().calls.contains(&"subscribe"));
}

#[test]
fn an_account_without_a_number_is_handed_over_where_the_template_can() {
    for (url, told) in [
        ("https://provider.example/accounts/{waba_id}", 1),
        ("https://provider.example/senders/{phone_number_id}", 0),
    ] {
        let world = with_template(json!({"url": url, "json": {"waba": "{waba_id}"}}));
        world.meta.borrow_mut().phones.clear();
        let mut alone = ids();
        alone.phone_number_id = None;
        let run = world.run_to_rest_from(world.started("code-1", Some(alone)));
        assert_eq!(
            status(&world, &run),
            Status::ConnectedWithoutNumber,
            "{url}"
        );
        assert_eq!(orders(&world, "handoff"), told, "{url}");
    }
}
