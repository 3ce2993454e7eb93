//! Answering what the signup asks a person for.

use super::sim::*;
use embark_protocol::requests::InputRequest;

/// A running signup that asks for input of this kind, with more fields.
fn needs_input(kind: &str, more: Value) -> WidgetSim {
    let mut input = json!({"kind": kind});
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let mut sim = WidgetSim::running();
    sim.polled(snapshot_with(
        3,
        "needs_input",
        json!({"input": input, "poll_after_ms": 2_000}),
    ));
    sim.shows("needs_input");
    assert_eq!(
        sim.announced("needsinput"),
        [json!({"signup": SIGNUP, "kind": kind})]
    );
    sim
}

#[test]
fn input_invalid_is_not_posted_and_valid_parses_as_protocol_type() {
    let choices = json!({"choices": [{"id": "5000000000000001", "label": "One"}]});
    for (kind, more, bad, good) in [
        (
            "waba",
            choices.clone(),
            "5000000000000002",
            "5000000000000001",
        ),
        ("number", choices, "", "5000000000000001"),
        ("pin", json!({}), "12345", "123 456"),
        ("pin", json!({}), "12345a", "\u{a0}123-456 "),
        ("verification", json!({}), "", "SMS"),
        ("verification_code", json!({}), "12", "123-456"),
    ] {
        let mut sim = needs_input(kind, more);
        sim.action(Action::Submit(bad.into())).shows("needs_input");
        assert_eq!(sim.posts(PostKind::Input), [] as [Value; 0], "{kind}");
        sim.action(Action::Submit(good.into()))
            .action(Action::Submit(good.into()));
        let posts = sim.posts(PostKind::Input);
        assert_eq!(posts.len(), 1, "{kind}");
        serde_json::from_value::<InputRequest>(posts[0].clone()).unwrap();
        sim.posted(PostKind::Input, snapshot(4, "running"))
            .shows("running");
    }
}

#[test]
fn input_refused_or_lost_can_be_submitted_again() {
    let mut sim = needs_input("pin", json!({}));
    sim.action(Action::Submit("123456".into())).posted(
        PostKind::Input,
        Err(refused(422, "input_invalid", "customer")),
    );
    sim.action(Action::Submit("654321".into()));
    for _ in 0..10 {
        sim.posted(PostKind::Input, Err(ApiError::Unreachable))
            .pass(4_000);
    }
    let Phase::Following(following) = &sim.state.phase else {
        panic!()
    };
    assert_eq!(following.form, Form::Rejected("unreachable".into()));
    // The signup asks again: the form is open again.
    sim.polled(snapshot_with(
        4,
        "needs_input",
        json!({"input": {"kind": "pin", "error": "pin_mismatch", "tries_left": 1}}),
    ));
    let Phase::Following(following) = &sim.state.phase else {
        panic!()
    };
    assert_eq!(following.form, Form::Open);
}

#[test]
fn resend_posts_request_code() {
    let mut sim = needs_input("verification_code", json!({}));
    sim.action(Action::Resend("VOICE"));
    assert_eq!(
        sim.posts(PostKind::Input),
        [json!({"kind": "request_code", "method": "VOICE", "language": "en"})]
    );
}
