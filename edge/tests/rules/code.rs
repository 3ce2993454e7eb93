//! What becomes of the code: how Meta refuses it, which redirect_uri it wants, who posts it twice.

use crate::fake::{self, World, error, ids};
use crate::{end_code, status};
use embark_edge::graph::Redirect;
use embark_edge::signup::{Signup, accept};
use embark_protocol::post::Ids;
use embark_protocol::{Code, Status, WabaId};

#[test]
fn the_exchange_has_a_word_for_every_refusal() {
    for (said, want) in [
        (error(400, 100, Some(36007)), Code::CodeExpired),
        (error(400, 100, Some(36009)), Code::CodeSpent),
        (error(400, 101, None), Code::AppMisconfigured),
        (error(400, 1, None), Code::AppMisconfigured),
        (error(400, 191, None), Code::AppMisconfigured),
        (error(403, 10, None), Code::AppMisconfigured),
        (error(401, 190, None), Code::TokenInvalid),
        (error(400, 987654, None), Code::MetaRefused),
    ] {
        let world = World::new();
        world.meta.borrow_mut().script = vec![("exchange", said)];
        let run = world.started("code-1", Some(ids()));
        let run = world.run_to_rest_from(run);
        assert_eq!(end_code(&run), Some(want));
        assert_eq!(
            world.meta.borrow().calls,
            ["exchange"],
            "{want:?}: no other call"
        );
    }
}

#[test]
fn the_ladder_moves_on_36008_only() {
    for (wanted, rungs) in [
        (None, 1),
        (Some(""), 2),
        (Some("https%3A%2F%2Fshop.example%2F"), 3),
    ] {
        let world = World::new();
        world.meta.borrow_mut().redirect_uri = wanted.map(str::to_owned);
        let run = world.started("code-1", Some(ids()));
        let run = world.run_to_rest_from(run);
        assert_eq!(status(&world, &run), Status::Connected, "{wanted:?}");
        let exchanges = world
            .meta
            .borrow()
            .calls
            .iter()
            .filter(|call| **call == "exchange")
            .count();
        assert_eq!(exchanges, rungs, "{wanted:?}");
    }
    let world = World::new();
    world.meta.borrow_mut().redirect_uri = Some("https%3A%2F%2Felsewhere.example".into());
    let run = world.started("code-1", Some(ids()));
    let run = world.run_to_rest_from(run);
    assert_eq!(end_code(&run), Some(Code::CodeRefused));
}

#[test]
fn the_rung_that_meta_took_last_comes_first() {
    let world = World::new();
    world.meta.borrow_mut().redirect_uri = Some(String::new());
    let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
    let taken = run.sent.and_then(|sent| sent.taken);
    assert_eq!(taken, Some(Redirect::Empty));
    let exchanges = |first| {
        let mut world = World::new();
        world.access.redirect = first;
        world.meta.borrow_mut().redirect_uri = Some(String::new());
        let run = world.run_to_rest_from(world.started("code-1", Some(ids())));
        assert_eq!(status(&world, &run), Status::Connected);
        let meta = world.meta.borrow();
        meta.calls
            .iter()
            .filter(|call| **call == "exchange")
            .count()
    };
    assert_eq!(exchanges(Redirect::Empty), 1);
    // A rung that is no longer right, or that this page cannot offer, costs a try and no more.
    assert_eq!(exchanges(Redirect::Page), 3);
    assert_eq!(exchanges(Redirect::Captured), 2);
}

#[test]
fn the_same_answer_twice_is_one_and_another_is_a_conflict() {
    let world = World::new();
    let mut run = world.started("code-1", Some(ids()));
    let again = |run: &mut Signup, code: &str, ids: Option<Ids>| {
        let post = fake::outcome(code, ids, None);
        world
            .with_desk(|desk| accept::outcome(run, post, fake::CALLBACK, desk))
            .map_err(|p| p.code)
    };
    assert_eq!(again(&mut run, "code-1", Some(ids())), Ok(()));
    assert_eq!(again(&mut run, "code-1", None), Ok(()));
    let other = Ids {
        waba_id: WabaId::parse("5000000000000009").ok(),
        ..Ids::default()
    };
    assert_eq!(
        again(&mut run, "code-1", Some(other)),
        Err(Code::CodeAlreadySent)
    );
    assert_eq!(
        again(&mut run, "code-2", Some(ids())),
        Err(Code::CodeAlreadySent)
    );
    let mut run = world.run_to_rest_from(run);
    assert_eq!(status(&world, &run), Status::Connected);
    assert_eq!(again(&mut run, "code-1", Some(ids())), Ok(()));
    assert_eq!(again(&mut run, "code-2", None), Err(Code::CodeAlreadySent));
    assert_eq!(world.meta.borrow().exchanges_accepted, 1);
}
