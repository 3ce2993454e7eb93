//! Infobip: told, heard by its news, believed when Meta agrees.

use crate::fake::{Blow, WABA, World, error, ids, said};
use crate::{end_code, status};
use embark_edge::graph::Unheard;
use embark_edge::provider::infobip::{self, News};
use embark_edge::signup::{Signup, handoff, view};
use embark_protocol::{Code, Status, Step};
use serde_json::json;

const MINUTE: u64 = 60_000;

fn with_infobip() -> World {
    let world = World::new();
    world.settle(
        json!({"policy": "infobip", "solution_id": "7000000000000001",
        "infobip": {"base_url": "https://xk3v.api.infobip.com"}}),
    );
    world
}

fn begin(world: &World) -> Signup {
    let run = world.started("code-1", Some(ids()));
    *world.stored.borrow_mut() = Some(serde_json::to_string(&run).unwrap());
    world.drive_once().unwrap()
}

fn tell(world: &World, body: &str) -> Signup {
    let news: News = infobip::news(body.as_bytes()).unwrap();
    let stored = world.stored.borrow().clone().unwrap();
    let mut run: Signup = serde_json::from_str(&stored).unwrap();
    world.with_desk(|desk| handoff::news(&mut run, news, desk));
    *world.stored.borrow_mut() = Some(serde_json::to_string(&run).unwrap());
    world.drive_once().unwrap()
}

fn news(status: &str, sender: &str) -> String {
    format!(
        r#"{{"businessAccountId":{WABA},"status":"{status}","lastModifiedAt":"2027-01-15T08:00:00.000+0000",
        "senders":[{{"phoneNumberId":"6000000000000001","status":"{sender}"}}]}}"#
    )
}

fn connect(world: &World) {
    let phone = &mut world.meta.borrow_mut().phones[0];
    phone["platform_type"] = "CLOUD_API".into();
    phone["status"] = "CONNECTED".into();
}

pub fn orders(world: &World, name: &str) -> usize {
    let seen = world.provider.borrow();
    seen.seen
        .iter()
        .filter(|request| request.name == name)
        .count()
}

#[test]
fn infobip_is_told_registers_and_says_so() {
    let world = with_infobip();
    let run = begin(&world);
    let shown = view::render(&run, world.now.get());
    assert_eq!(shown.status, Status::Waiting);
    assert_eq!(shown.problem.unwrap().code, Code::ProviderPending);
    assert!(shown.steps.iter().all(|view| view.step != Step::Register));
    {
        let provider = world.provider.borrow();
        let [order] = provider.seen.as_slice() else {
            panic!()
        };
        assert_eq!(
            order.url,
            "https://xk3v.api.infobip.com/whatsapp/1/embedded-signup/registrations/share-waba"
        );
        assert_eq!(
            order.headers,
            [("authorization".into(), "App {secret:infobip}".into())]
        );
        let body = &order.body.as_ref().unwrap().1;
        assert_eq!(body, &format!(r#"{{"businessAccountId":"{WABA}"}}"#));
    }
    connect(&world);
    let run = tell(&world, &news("FINISHED", "FINISHED"));
    assert_eq!(status(&world, &run), Status::Connected);
    let meta = world.meta.borrow();
    assert!(!meta.calls.contains(&"register"), "{:?}", meta.calls);
}

#[test]
fn a_success_is_believed_when_metas_own_word_agrees() {
    let world = with_infobip();
    begin(&world);
    let run = tell(&world, &news("FINISHED", "FINISHED"));
    assert_eq!(
        status(&world, &run),
        Status::Waiting,
        "the number is not connected"
    );
    connect(&world);
    let run = world.run_to_rest();
    assert_eq!(status(&world, &run), Status::Connected);
}

#[test]
fn a_failed_sender_of_a_finished_registration_fails_it() {
    for body in [news("FAILED", "FAILED"), news("FINISHED", "FAILED")] {
        let world = with_infobip();
        begin(&world);
        let run = tell(&world, &body);
        assert_eq!(end_code(&run), Some(Code::ProviderRefused), "{body}");
        let run = world.run_to_rest_from(run);
        assert!(run.owed.is_empty());
        assert_eq!(world.events.borrow()[0].name, "handoff.failed");
    }
}

#[test]
fn news_of_others_older_news_and_news_too_early_move_nothing() {
    let world = with_infobip();
    begin(&world);
    connect(&world);
    let stranger = news("FAILED", "FAILED").replace(WABA, "5000000000000077");
    assert_eq!(status(&world, &tell(&world, &stranger)), Status::Waiting);
    tell(&world, &news("IN_PROGRESS", "PENDING"));
    let older = news("FAILED", "FAILED").replace("2027-01-15", "2027-01-14");
    assert_eq!(status(&world, &tell(&world, &older)), Status::Waiting);
    // Of a signup that has not handed over anything, or is over.
    let world = with_infobip();
    let mut fresh = world.started("code-1", Some(ids()));
    let early = infobip::news(news("FAILED", "FAILED").as_bytes()).unwrap();
    world.with_desk(|desk| handoff::news(&mut fresh, early, desk));
    assert!(!fresh.handoff.failed);
}

#[test]
fn news_that_overtake_the_orders_answer_are_not_lost() {
    for (sender, want) in [("FINISHED", Status::Connected), ("FAILED", Status::Failed)] {
        let world = with_infobip();
        world.provider.borrow_mut().connects = sender == "FINISHED";
        // The order is out; its answer is not here yet.
        let operations = {
            let clean = with_infobip();
            begin(&clean);
            clean.operations.get()
        };
        let mut told = None;
        for at in 0..operations {
            let world = with_infobip();
            let run = world.started("code-1", Some(ids()));
            *world.stored.borrow_mut() = Some(serde_json::to_string(&run).unwrap());
            world.fuse.set(Some((at, Blow::DieAfter)));
            let _ = world.drive_once();
            if world.blown.get() == Some("share_waba") {
                told = Some(world.stored.borrow().clone());
            }
        }
        *world.stored.borrow_mut() = told.unwrap();
        let began = world.now.get();
        let run = tell(&world, &news(sender, sender));
        let run = world.run_to_rest_from(run);
        assert_eq!(status(&world, &run), want, "{sender}");
        let waited = world.now.get() - began;
        assert!(waited < 60_000, "{sender}: {waited}");
    }
}

#[test]
fn news_that_never_come_are_replaced_by_looking_ever_more_seldom() {
    let world = with_infobip();
    let mut run = begin(&world);
    let began = world.now.get();
    let mut looks = vec![];
    let before = |world: &World| {
        let meta = world.meta.borrow();
        meta.calls.iter().filter(|call| **call == "phone").count()
    };
    while world.now.get() < began + 30 * 60 * MINUTE {
        world.now.set(run.wake.unwrap());
        let count = before(&world);
        run = world.drive_once().unwrap();
        if before(&world) > count {
            looks.push((world.now.get() - began) / MINUTE);
        }
    }
    assert_eq!(looks[..4], [5, 15, 35, 75]);
    let gaps: Vec<u64> = looks.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.iter().all(|gap| *gap <= 6 * 60), "{gaps:?}");
    // After a day somebody looks into it.
    let late: Vec<_> = world
        .events
        .borrow()
        .iter()
        .map(|event| event.name.clone())
        .collect();
    assert_eq!(late, ["handoff.late"]);
    connect(&world);
    assert_eq!(status(&world, &world.run_to_rest()), Status::Connected);
}

#[test]
fn a_bad_moment_of_metas_after_days_of_waiting_ends_nothing() {
    let world = with_infobip();
    let mut run = begin(&world);
    let began = world.now.get();
    while world.now.get() < began + 40 * 60 * MINUTE {
        world.now.set(run.wake.unwrap());
        run = world.drive_once().unwrap();
    }
    world.meta.borrow_mut().script = vec![
        ("phone", error(503, 2, None)),
        ("phone", error(429, 4, None)),
    ];
    for _ in 0..4 {
        world.now.set(run.wake.unwrap());
        run = world.drive_once().unwrap();
    }
    assert!(world.meta.borrow().script.is_empty(), "both were met");
    assert_eq!(status(&world, &run), Status::Waiting);
    connect(&world);
    assert_eq!(status(&world, &world.run_to_rest()), Status::Connected);
}

#[test]
fn a_number_that_was_connected_before_proves_nothing() {
    let world = with_infobip();
    connect(&world);
    let mut run = begin(&world);
    for _ in 0..4 {
        world.now.set(run.wake.unwrap());
        run = world.drive_once().unwrap();
    }
    assert_eq!(status(&world, &run), Status::Waiting);
    let run = tell(&world, &news("FINISHED", "FINISHED"));
    assert_eq!(status(&world, &run), Status::Connected);
}

#[test]
fn an_order_that_was_not_heard_of_is_looked_into_before_it_is_repeated() {
    // It landed: the number is there, and nobody is told twice.
    let world = with_infobip();
    {
        let mut provider = world.provider.borrow_mut();
        provider.connects = true;
        provider.script = vec![Err(Unheard::Broken)];
    }
    let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
    assert_eq!(
        (status(&world, &run), orders(&world, "share_waba")),
        (Status::Connected, 1)
    );
    // It did not: told again.
    let world = with_infobip();
    {
        let mut provider = world.provider.borrow_mut();
        provider.connects = true;
        provider.script = vec![said(503, "<html>"), said(429, "")];
    }
    let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
    assert_eq!(
        (status(&world, &run), orders(&world, "share_waba")),
        (Status::Connected, 3)
    );
}

#[test]
fn each_refusal_of_a_provider_has_its_own_end() {
    let refused = r#"{"requestError":{"serviceException":{"messageId":"UNAUTHORIZED","text":"Invalid login details"}}}"#;
    for (script, want) in [
        (vec![said(401, refused)], Code::AppMisconfigured),
        (vec![said(403, refused)], Code::AppMisconfigured),
        (vec![Err(Unheard::Unset)], Code::AppMisconfigured),
        (vec![said(400, refused)], Code::ProviderRefused),
        (vec![said(404, "")], Code::ProviderRefused),
        (vec![said(302, "")], Code::ProviderRefused),
        (vec![said(500, "<html>"); 20], Code::ProviderUnavailable),
    ] {
        let world = with_infobip();
        world.provider.borrow_mut().script = script;
        let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
        assert_eq!(end_code(&run), Some(want));
        assert!(
            run.has_token() && run.claim.waba,
            "what was there before is there still"
        );
    }
}
