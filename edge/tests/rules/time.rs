//! How long is waited, and when Meta is given up.

use crate::fake::{self, Twist, World, error, ids};
use crate::{answer, end_code, status};
use embark_edge::graph::Unheard;
use embark_edge::signup::End;
use embark_protocol::post::Input;
use embark_protocol::{Code, Status, WabaId};

#[test]
fn register_waits_as_long_as_meta_says() {
    let body = serde_json::json!({"error": {"code": 133009, "fbtrace_id": "A9",
        "error_data": {"details": "Please try again in 40 seconds"}}});
    let heard = Ok(embark_edge::graph::Reply {
        status: 400,
        retry_after: None,
        body: body.to_string().into_bytes(),
    });
    let world = World::new();
    world.meta.borrow_mut().script = vec![("register", heard)];
    let before = world.now.get();
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(status(&world, &run), Status::Connected);
    assert!(world.now.get() - before >= 40_000);
}

#[test]
fn meta_that_never_answers_is_given_up_in_the_end() {
    let world = World::new();
    let unheard = || ("subscribe", Err(Unheard::Timeout));
    world.meta.borrow_mut().script = (0..5).map(|_| unheard()).collect();
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(
        status(&world, &run),
        Status::Connected,
        "five losses are nothing"
    );

    let world = World::new();
    let down = || ("waba", Err(Unheard::Broken));
    world.meta.borrow_mut().script = (0..5_000).map(|_| down()).collect();
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(end_code(&run), Some(Code::MetaUnavailable));
}

#[test]
fn a_long_wait_is_not_held_against_meta() {
    // Meta lets the number rest for 72 h; the first call after that is lost. It is one try, not the last.
    let world = World::new();
    let twist = |name, heard| Twist {
        name,
        skip: 0,
        lands: false,
        heard,
    };
    world.meta.borrow_mut().twists = vec![
        twist("register", error(400, 133_016, None)),
        twist("register", Err(Unheard::Broken)),
    ];
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(end_code(&run), None);
    assert_eq!(status(&world, &run), Status::Connected);
}

#[test]
fn a_person_who_sleeps_over_it_is_not_held_against_meta() {
    let world = World::new();
    world.meta.borrow_mut().wabas = vec![fake::WABA, "5000000000000002"];
    let run = world.started("code-1", None);
    let mut run = world.run_to_rest_from(run);
    world.now.set(world.now.get() + 30 * 3_600_000);
    let chosen = Input::Waba {
        waba_id: WabaId::parse(fake::WABA).unwrap(),
    };
    assert_eq!(answer(&world, &mut run, chosen), Ok(()));
    world.meta.borrow_mut().script = vec![("waba", Err(Unheard::Timeout))];
    assert_eq!(status(&world, &world.run_to_rest()), Status::Connected);
}

#[test]
fn a_countdown_is_no_news() {
    // The page counts down by itself: a wait moves `seq` once when it begins and once when it is over.
    let world = World::new();
    world.meta.borrow_mut().script = vec![("register", error(400, 133_009, None))];
    world.started("code-1", Some(ids()));
    let waits = world.drive_once().unwrap();
    assert_eq!(status(&world, &waits), Status::Waiting);
    let until = waits.wake.unwrap();
    for left in [29_000, 20_000, 5_000, 1_000] {
        world.now.set(until - left);
        let mut later = waits.clone();
        later.settle(world.now.get());
        assert_eq!(later.seq, waits.seq, "{left} ms left");
    }
}

#[test]
fn a_short_outage_does_not_spend_the_numbers_registrations() {
    let world = World::new();
    let away = || ("register", error(503, 133_004, None));
    world.meta.borrow_mut().script = vec![away(), away()];
    let before = world.now.get();
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(status(&world, &run), Status::Connected);
    let took = world.now.get() - before;
    assert!((60_000..3_600_000).contains(&took), "{took} ms");
}

#[test]
fn a_register_that_may_still_land_is_waited_for_also_where_the_clock_was_put_back() {
    // Begun a moment ago, by a clock that ran an hour ahead, in an instance that died since.
    for ahead in [0, 3_600_000] {
        let world = World::new();
        let before = world.now.get();
        world.phone.borrow_mut().open = Some(before + ahead);
        let run = world.started("code-1", Some(ids()));
        let run = world.run_to_rest_from(run);
        assert_eq!(status(&world, &run), Status::Connected);
        let took = world.now.get() - before;
        assert!((22_000..60_000).contains(&took), "{ahead} ahead: {took} ms");
    }
}

#[test]
fn a_code_is_not_hammered_while_meta_is_away() {
    let world = World::new();
    let away = || ("exchange", error(503, 2, None));
    world.meta.borrow_mut().script = (0..50).map(|_| away()).collect();
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(end_code(&run), Some(Code::MetaUnavailable));
    let sent = world.meta.borrow().calls.len();
    assert!((4..=8).contains(&sent), "{sent} times");
}

#[test]
fn a_number_that_is_verified_by_now_is_not_asked_about_again() {
    // The verification landed and its answer was lost: Meta refuses the code's second coming.
    let world = World::new();
    world.meta.borrow_mut().phones[0]["code_verification_status"] = "NOT_VERIFIED".into();
    let run = world.started("code-1", Some(ids()));
    let mut run = world.run_to_rest_from(run);
    let method = "sms".into();
    assert_eq!(
        answer(&world, &mut run, Input::RequestCode { method }),
        Ok(())
    );
    let mut run = world.run_to_rest();
    world.meta.borrow_mut().twists = vec![Twist {
        name: "verify_code",
        skip: 0,
        lands: true,
        heard: Err(Unheard::Broken),
    }];
    world.meta.borrow_mut().script = vec![];
    let code = "424242".into();
    assert_eq!(answer(&world, &mut run, Input::VerifyCode { code }), Ok(()));
    let run = world.run_to_rest();
    assert_eq!(status(&world, &run), Status::Connected);
}

#[test]
fn a_record_that_owes_something_is_not_woken_only_to_be_erased() {
    let world = World::new();
    let mut run = world.launched();
    run.settle(world.now.get());
    run.end(End::Abandoned, world.now.get());
    let erased = run.expires().unwrap();
    assert_eq!(run.rises(erased - 1), Some(erased));
    assert_eq!(run.rises(erased + 1), None, "what is owed sets the pace");
    run.owed.clear();
    assert_eq!(run.rises(erased + 1), Some(erased));
}
