//! The readiness report: each word of Meta's becomes a line, with who acts next.

use crate::fake::{World, error, ids};
use crate::status;
use embark_edge::readiness::{Credit, Facts, advice, lines};
use embark_edge::signup::view;
use embark_protocol::Status;
use embark_protocol::partner::Policy;
use embark_protocol::report::{Item, Line, Next, Standing};
use serde_json::{Value, json};

fn line(lines: &[Line], item: Item) -> &Line {
    lines.iter().find(|line| line.item == item).unwrap()
}

#[test]
fn metas_words_have_a_standing_and_a_next_action() {
    use Next::*;
    use Standing::*;
    for (item, field, word, state, next) in [
        (
            Item::BusinessVerification,
            "business_verification_status",
            "verified",
            Ok,
            None,
        ),
        (
            Item::BusinessVerification,
            "business_verification_status",
            "not_verified",
            Attention,
            Some(VerifyBusiness),
        ),
        (
            Item::BusinessVerification,
            "business_verification_status",
            "PENDING",
            Attention,
            Some(WaitForMeta),
        ),
        (
            Item::BusinessVerification,
            "business_verification_status",
            "REJECTED",
            Problem,
            Some(VerifyBusiness),
        ),
        (
            Item::BusinessVerification,
            "business_verification_status",
            "SOMETHING_NEW",
            Ok,
            None,
        ),
        (
            Item::AccountReview,
            "account_review_status",
            "APPROVED",
            Ok,
            None,
        ),
        (
            Item::AccountReview,
            "account_review_status",
            "RESTRICTED",
            Problem,
            Some(AppealAccount),
        ),
    ] {
        let account = serde_json::from_value(json!({field: word})).unwrap();
        let facts = Facts {
            account: Some(&account),
            ..Facts::default()
        };
        let all = lines(&facts, 0);
        let seen = line(&all, item);
        assert_eq!((seen.state, seen.next), (state, next), "{word}");
        assert_eq!(seen.value.as_deref(), Some(word));
    }
    for (item, field, word, state, next) in [
        (
            Item::DisplayName,
            "name_status",
            "AVAILABLE_WITHOUT_REVIEW",
            Ok,
            None,
        ),
        (
            Item::DisplayName,
            "name_status",
            "DECLINED",
            Problem,
            Some(ChangeName),
        ),
        (
            Item::DisplayName,
            "name_status",
            "PENDING_REVIEW",
            Attention,
            Some(WaitForMeta),
        ),
        (Item::Number, "status", "CONNECTED", Ok, None),
        (
            Item::Number,
            "status",
            "BANNED",
            Problem,
            Some(LookIntoNumber),
        ),
        (
            Item::Number,
            "status",
            "FLAGGED",
            Attention,
            Some(ImproveQuality),
        ),
        (
            Item::Number,
            "status",
            "UNVERIFIED",
            Problem,
            Some(VerifyNumber),
        ),
        (Item::Quality, "quality_rating", "GREEN", Ok, None),
        (
            Item::Quality,
            "quality_rating",
            "YELLOW",
            Attention,
            Some(ImproveQuality),
        ),
        (
            Item::Quality,
            "quality_rating",
            "RED",
            Problem,
            Some(ImproveQuality),
        ),
    ] {
        let phone = serde_json::from_value(json!({"id": "6000000000000001", field: word})).unwrap();
        let facts = Facts {
            phone: Some(&phone),
            has_number: true,
            ..Facts::default()
        };
        let all = lines(&facts, 0);
        let seen = line(&all, item);
        assert_eq!((seen.state, seen.next), (state, next), "{word}");
    }
}

#[test]
fn who_pays_depends_on_the_policy() {
    let account =
        |funding: Value| serde_json::from_value(json!({"primary_funding_id": funding})).unwrap();
    let (paid, unpaid) = (account(json!("7500")), account(Value::Null));
    for (policy, credit, account, want) in [
        (Policy::TechProvider, None, Some(&paid), None),
        (
            Policy::TechProvider,
            None,
            Some(&unpaid),
            Some(Next::AddPayment),
        ),
        (Policy::TechProvider, None, None, Some(Next::ReadAgain)),
        (
            Policy::SolutionPartner,
            Some(Credit::Shared),
            Some(&paid),
            None,
        ),
        (
            Policy::SolutionPartner,
            Some(Credit::Failed),
            Some(&unpaid),
            Some(Next::ShareCredit),
        ),
        (
            Policy::SolutionPartner,
            Some(Credit::Trying),
            Some(&unpaid),
            Some(Next::WaitForMeta),
        ),
        (Policy::SolutionPartner, None, Some(&paid), None),
        (
            Policy::SolutionPartner,
            None,
            Some(&unpaid),
            Some(Next::ShareCredit),
        ),
        (Policy::Infobip, None, Some(&unpaid), None),
    ] {
        let facts = Facts {
            policy,
            credit,
            account,
            ..Facts::default()
        };
        let all = lines(&facts, 0);
        assert_eq!(
            line(&all, Item::Payment).next,
            want,
            "{policy:?} {credit:?}"
        );
    }
}

#[test]
fn tokens_webhooks_and_solutions_have_their_lines() {
    let day = 86_400;
    for (expires, want) in [
        (Some(0), None),
        (Some(60 * day), None),
        (Some(10 * day), Some(Next::Renew)),
        (None, None),
    ] {
        let all = lines(
            &Facts {
                expires_at: expires,
                ..Facts::default()
            },
            0,
        );
        assert_eq!(line(&all, Item::Token).next, want, "{expires:?}");
    }
    for (state, want) in [
        (Some("ACTIVE"), None),
        (Some("DRAFT"), Some(Next::ActivateSolution)),
        (None, None),
    ] {
        let all = lines(
            &Facts {
                solution: Some(state),
                ..Facts::default()
            },
            0,
        );
        assert_eq!(line(&all, Item::Solution).next, want, "{state:?}");
    }
    let facts = Facts {
        subscribed: Some(false),
        app_listens: Some(false),
        ..Facts::default()
    };
    let all = lines(&facts, 0);
    assert_eq!(line(&all, Item::Subscription).next, Some(Next::Subscribe));
    assert_eq!(line(&all, Item::AppWebhook).next, Some(Next::SetWebhook));
    assert!(all.iter().all(|line| line.item != Item::Solution));
}

#[test]
fn metas_own_reasons_come_along() {
    let world = World::new();
    world.meta.borrow_mut().account = json!({"health_status": {"can_send_message": "BLOCKED", "entities": [
        {"entity_type": "WABA", "id": "5", "can_send_message": "BLOCKED", "errors": [{"error_code": 141006,
            "error_description": "There is an error with the payment method.", "possible_solution": "Add one."}]},
        {"entity_type": "BUSINESS", "id": "4", "can_send_message": "LIMITED", "additional_info": ["Not verified."]}]}});
    let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
    assert_eq!(status(&world, &run), Status::Connected);
    let all = run.readiness(world.now.get()).unwrap();
    let health = line(&all, Item::Health);
    assert_eq!(
        (health.state, health.next),
        (Standing::Problem, Some(Next::SeeReasons))
    );
    let texts: Vec<_> = health
        .reasons
        .iter()
        .map(|reason| (reason.code, reason.text.as_str()))
        .collect();
    assert_eq!(
        texts,
        [
            (Some(141_006), "There is an error with the payment method."),
            (None, "Not verified.")
        ]
    );
    // The customer hears what they can act on, and nothing of the partner's own.
    let shown = view::render(&run, world.now.get()).report.unwrap();
    assert!(
        shown
            .lines
            .iter()
            .all(|line| line.next.is_some_and(Next::is_customers))
    );
    assert!(shown.lines.iter().any(|line| line.item == Item::Health));
}

#[test]
fn a_report_that_cannot_be_had_is_missing_and_nothing_else() {
    let world = World::new();
    world.meta.borrow_mut().script = vec![("subscriptions", error(403, 10, None))];
    let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
    assert_eq!(status(&world, &run), Status::Connected);
    let all = run.readiness(world.now.get()).unwrap();
    let webhook = line(&all, Item::AppWebhook);
    assert_eq!(
        (webhook.state, webhook.next),
        (Standing::Unknown, Some(Next::ReadAgain))
    );
    assert_eq!(line(&all, Item::Subscription).state, Standing::Ok);
}

#[test]
fn it_is_read_again_on_demand_and_not_at_every_click() {
    let world = World::new();
    let mut run = world.run_to_rest_from(world.started("code-1", Some(ids())));
    let looks = |world: &World| {
        world
            .meta
            .borrow()
            .calls
            .iter()
            .filter(|call| **call == "subscriptions")
            .count()
    };
    let before = looks(&world);
    run.read_again(world.now.get() + 1_000);
    assert!(run.report.over, "a moment ago");
    world.meta.borrow_mut().phones[0]["quality_rating"] = "RED".into();
    world.now.set(world.now.get() + 60_000);
    run.read_again(world.now.get());
    let run = world.run_to_rest_from(run);
    assert_eq!(looks(&world), before + 1);
    assert_eq!(run.warnings, ["quality_red"]);
    let all = run.readiness(world.now.get()).unwrap();
    assert_eq!(line(&all, Item::Quality).state, Standing::Problem);
}

#[test]
fn every_next_action_is_a_sentence() {
    let all = [
        "wait_for_meta",
        "verify_business",
        "appeal_account",
        "change_name",
        "verify_number",
        "improve_quality",
        "add_payment",
        "see_reasons",
        "renew",
        "share_credit",
        "set_webhook",
        "subscribe",
        "activate_solution",
        "look_into_number",
        "read_again",
    ];
    for word in all {
        let next: Next = serde_json::from_value(json!(word)).unwrap();
        assert!(
            advice(next).ends_with('.') && advice(next).len() > 20,
            "{word}"
        );
    }
}
